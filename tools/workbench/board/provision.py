"""Makes a flashed board the one at its lane: keys, registration, settings; all of it or, seen from outside, nothing.

The keys are made here, from the system's random source. The link key goes to the board and to the centre's escrow; the
seal key goes to the centre and into the journal chip, never into a file. Until all is done both are kept by `Pending`,
so that the same command, run again after any break, ends with the same board number and epoch.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from checkpost.regions import SPREADING_FACTORS
from gateway.boards.localtime import local_time
from gateway.contract import Board as Registered
from gateway.contract import CrossingPoint
from gateway.errors import OperatorError
from workbench.board import settings as board_settings
from workbench.board.facts import Facts, look
from workbench.board.pending import Identity, Keys, Pending, Place
from workbench.board.settings import BoardSettings
from workbench.board.wire import Board, BoardTrouble

# What a board takes (firmware/settings.py).
DIRECTIONS, LANGUAGES, DISPLAYS = ("entry", "exit", "switched"), ("en", "ko", "zh"), ("sh1106", "ssd1306")
MAX_LANE, MIN_BAUD, MAX_BAUD = 8, 9600, 921_600
_KEY = re.compile("[0-9a-fA-F]{64}")


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

    @property
    def place(self) -> Place:
        """Return what makes two provisionings the same one."""
        return self.point, self.lane, self.gateway, self.number


@dataclass(frozen=True)
class Provisioned:
    """What stands on the board now. `before`: what it was; `pending` ends when the papers are written."""

    facts: Facts
    settings: BoardSettings
    registered: Registered
    before: Identity | None
    pending: Pending


def provision(board: Board, centre: Registry, wanted: Wanted, out: Path, now_s: float | None = None) -> Provisioned:
    """Provision a flashed board. Raises BoardTrouble and CentreTrouble; run again it goes on with the same keys."""
    _refuse_wrong(wanted)
    facts = look(board)
    if not facts.run and not facts.plain:
        raise BoardTrouble(f"{board.port}: there is no firmware on the board: checkpost board flash first")
    held = board_settings.read(board)
    points, assurance = centre.knowledge()
    if wanted.point not in points:
        known = ", ".join(sorted(points)) or "none"
        raise BoardTrouble(f"the centre knows no crossing point {wanted.point} (it knows {known}): put it there first")
    board.load("parts")
    board.run("_flash()")  # a board without its journal chip is not registered
    pending = Pending(out, facts.chip_id)
    begun = pending.begin(wanted.place, held)
    keys = begun.keys
    if begun.number is None:
        registered = centre.register(wanted.point, wanted.lane, wanted.gateway, keys.link, keys.seal)
    else:
        registered = centre.open_epoch(begun.number, keys.link, keys.seal)
    pending.note(begun, registered)
    said = board.ask(f"_provision({registered.board}, {registered.epoch}, '{keys.seal.hex()}')")
    if not said["sealed"]:
        raise BoardTrouble(f"{board.port}: the journal chip does not keep the seal key: replace the chip, run it again")
    offset = local_time(points[wanted.point].time_zone, int(now_s or time.time())).offset_quarters
    values = _values(wanted, points[wanted.point], registered, keys, assurance, offset)
    board_settings.write(board, values)
    return Provisioned(facts, BoardSettings(values), registered, begun.before, pending)


def _refuse_wrong(wanted: Wanted) -> None:
    """Raise OperatorError for what a board would not start with, before the centre has heard of it."""
    for name, value, known in (
        ("--direction", wanted.direction, DIRECTIONS),
        ("--language", wanted.language, LANGUAGES),
        ("--oled", wanted.oled, DISPLAYS),
    ):
        if value not in known:
            raise OperatorError(f"{name} is one of {', '.join(known)}, not {value}")
    if not 1 <= len(wanted.lane) <= MAX_LANE:
        raise OperatorError(f"--lane has 1 to {MAX_LANE} letters, not {len(wanted.lane)}")
    if wanted.update_key and not _KEY.fullmatch(wanted.update_key):
        raise OperatorError("--update-key is a public key of 64 hex digits, as checkpost board key prints it")
    baud, factor = wanted.link.get("baud", MIN_BAUD), wanted.link.get("spreading_factor", SPREADING_FACTORS[0])
    if not MIN_BAUD <= baud <= MAX_BAUD:
        raise OperatorError(f"--baud is {MIN_BAUD} to {MAX_BAUD}, not {baud}")
    if factor not in SPREADING_FACTORS:
        raise OperatorError(f"--spreading-factor is {SPREADING_FACTORS[0]} to {SPREADING_FACTORS[-1]}, not {factor}")


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
