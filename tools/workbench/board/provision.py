"""Makes a flashed board the one at its lane: keys, registration, settings; all of it or, seen from outside, nothing.

The keys are made here, from the system's random source. The link key goes to the board and to the centre's escrow; the
seal key goes to the centre and into the journal chip, never into a file. Until all is done both are kept in a file of
mode 600 beside the reports, so that the same command, run again after any break, ends with the same board number.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gateway.boards.localtime import local_time
from gateway.contract import Board as Registered
from gateway.contract import CrossingPoint
from workbench.board import settings as board_settings
from workbench.board.facts import Facts, look
from workbench.board.settings import BoardSettings
from workbench.board.wire import Board, BoardTrouble

LINK_KEY_SIZE, SEAL_KEY_SIZE = 16, 32


class Registry(Protocol):
    """What provisioning asks of the centre."""

    def knowledge(self) -> tuple[dict[str, CrossingPoint], str]:
        """Return points by code, and the policy's assurance."""

    def register(self, point: str, lane: str, gateway: str, link_key: bytes, seal_key: bytes) -> Registered:
        """Register a new board."""

    def open_epoch(self, number: int, link_key: bytes, seal_key: bytes) -> Registered:
        """Give a board a new epoch with new keys."""


@dataclass(frozen=True)
class Wanted:
    """Where a board is to stand and how it is to talk; `number`: of the board whose place it takes, else a new one."""

    point: str
    lane: str
    gateway: str
    link: dict[str, Any]
    direction: str = "switched"
    language: str = "en"
    oled: str = "sh1106"
    watchdog: bool = True
    update_key: str = ""
    number: int | None = None


@dataclass(frozen=True)
class Keys:
    """The two keys of a board's epoch."""

    link: bytes
    seal: bytes

    @classmethod
    def make(cls, random: Callable[[int], bytes] = secrets.token_bytes) -> "Keys":
        """Make new ones from the system's random source."""
        return cls(random(LINK_KEY_SIZE), random(SEAL_KEY_SIZE))


@dataclass(frozen=True)
class Provisioned:
    """What stands on the board now."""

    facts: Facts
    settings: BoardSettings
    registered: Registered
    before: BoardSettings | None = field(default=None)


def provision(board: Board, centre: Registry, wanted: Wanted, out: Path, now_s: float | None = None) -> Provisioned:
    """Provision a flashed board. Raises BoardTrouble and CentreTrouble; run again it goes on with the same keys."""
    facts = look(board)
    if not facts.run and not facts.plain:
        raise BoardTrouble(f"{board.port}: there is no firmware on the board: checkpost board flash first")
    before = board_settings.read(board)
    points, assurance = centre.knowledge()
    if wanted.point not in points:
        known = ", ".join(sorted(points)) or "none"
        raise BoardTrouble(f"the centre knows no crossing point {wanted.point} (it knows {known}): put it there first")
    board.load("parts")
    board.run("_flash()")  # a board without its journal chip is not registered
    pending = Pending(out / f"provisioning-{facts.chip_id}.json")
    keys = pending.keys(wanted, before)
    number = wanted.number or (before.board if before and _same_place(before, wanted) else None)
    if number is None:
        registered = centre.register(wanted.point, wanted.lane, wanted.gateway, keys.link, keys.seal)
    else:
        registered = centre.open_epoch(number, keys.link, keys.seal)
    said = board.ask(f"_provision({registered.board}, {registered.epoch}, '{keys.seal.hex()}')")
    if not said["sealed"]:
        raise BoardTrouble(f"{board.port}: the journal chip does not keep the seal key: replace the chip, run it again")
    offset = local_time(points[wanted.point].time_zone, int(now_s or time.time())).offset_quarters
    values = _values(wanted, points[wanted.point], registered, keys, assurance, offset)
    board_settings.write(board, values)
    pending.done()
    return Provisioned(facts, BoardSettings(values), registered, before)


def _same_place(before: BoardSettings, wanted: Wanted) -> bool:
    return (before.point, before.lane) == (wanted.point, wanted.lane)


def _values(
    wanted: Wanted, point: CrossingPoint, registered: Registered, keys: Keys, assurance: str, offset: int
) -> dict[str, Any]:
    """Return settings.json. It has no seal key: whoever read it here could compute all later ones."""
    place = {"code": point.code, "name": point.name, "kind": point.kind, "zone": point.zone}
    values: dict[str, Any] = {
        "board": registered.board,
        "epoch": registered.epoch,
        "crossing_point": place,
        "lane": wanted.lane,
        "direction": wanted.direction,
        "offset_quarters": offset,
        "link": wanted.link,
        "link_key": keys.link.hex(),
        "assurance": assurance,
        "language": wanted.language,
        "oled": wanted.oled,
        "watchdog": wanted.watchdog,
    }
    return values | ({"update_key": wanted.update_key} if wanted.update_key else {})


class Pending:
    """The keys of a provisioning that has not ended, in a file of mode 600 that goes when it has."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self, wanted: Wanted, before: BoardSettings | None) -> Keys:
        """Return new keys, or those of a try for the same place on the same board that broke off."""
        place = [wanted.point, wanted.lane, wanted.gateway, wanted.number, before.epoch if before else 0]
        if self._path.exists():
            held = json.loads(self._path.read_text())
            if held["place"] == place:
                return Keys(bytes.fromhex(held["link_key"]), bytes.fromhex(held["seal_key"]))
        keys = Keys.make()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(0o600)
        self._path.chmod(0o600)
        self._path.write_text(json.dumps({"place": place, "link_key": keys.link.hex(), "seal_key": keys.seal.hex()}))
        return keys

    def done(self) -> None:
        """Forget the keys."""
        self._path.write_bytes(bytes(self._path.stat().st_size))
        self._path.unlink()
