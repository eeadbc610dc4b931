"""A provisioning that has not ended, in a file of mode 600 beside the papers: the same line again goes on with it.

It keeps the keys, what the board was before and what the centre made of it: once its settings are written the board is
another, and only from here it can be told that the papers are still to come, with the same number, epoch and keys.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.contract import Board as Registered
from gateway.contract.secrets import write_secret
from workbench.board.settings import BoardSettings
from workbench.board.wire import BoardTrouble

LINK_KEY_SIZE, SEAL_KEY_SIZE = 16, 32
Place = tuple[str, str, str, int | None]  # crossing point, lane, gateway, number of the board whose place it takes
Identity = tuple[int, int]  # a board's number and epoch


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
class Begun:
    """What a provisioning began with. `before`: what the board was; `registered`: what it is to be, once that is known.

    `number`: the one that it keeps, None for a new one.
    """

    place: Place
    number: int | None
    keys: Keys
    before: Identity | None
    registered: Identity | None = None


class Pending:
    """The file of one board's provisioning."""

    def __init__(self, folder: Path, chip_id: str) -> None:
        self._path = folder / f"provisioning-{chip_id}.json"

    def begun(self, place: Place, held: BoardSettings | None) -> Begun | None:
        """Return what broke off, when it was for the same place and this is the board before or after its settings."""
        found = self._read()
        now = _identity(held)
        if found is None or found.place != place:
            return None
        return found if now == found.before or (now is not None and now == found.registered) else None

    def begin(self, place: Place, held: BoardSettings | None) -> Begun:
        """Return what broke off, or begin with new keys."""
        found = self.begun(place, held)
        if found is None:
            stood = held is not None and (held.point, held.lane) == place[:2]
            number = place[3] or (held.board if held and stood else None)
            found = Begun(place, number, Keys.make(), _identity(held))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write(found)
        return found

    def note(self, begun: Begun, registered: Registered) -> None:
        """Keep what the centre made of it, before the board is told."""
        self._write(replace(begun, registered=(registered.board, registered.epoch)))

    def end(self) -> None:
        """Forget the keys, now that everything is in its place: overwritten first, since a name alone hides nothing."""
        with self._path.open("r+b") as file:
            file.write(bytes(self._path.stat().st_size))  # a file of zeros is one that has ended
            file.flush()
            os.fsync(file.fileno())
        self._path.unlink()

    def _read(self) -> Begun | None:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        if not raw.strip(b"\0"):
            return None
        try:
            held = json.loads(raw)
            point, lane, gateway, number = held["place"]
            keys = Keys(bytes.fromhex(held["link_key"]), bytes.fromhex(held["seal_key"]))
            before, registered = _pair(held["before"]), _pair(held["registered"])
            return Begun((point, lane, gateway, number), held["number"], keys, before, registered)
        except (ValueError, KeyError, TypeError):
            raise BoardTrouble(f"{self._path} cannot be read: its keys may be registered; move it away") from None

    def _write(self, begun: Begun) -> None:
        held = {
            "place": begun.place,
            "number": begun.number,
            "before": begun.before,
            "registered": begun.registered,
            "link_key": begun.keys.link.hex(),
            "seal_key": begun.keys.seal.hex(),
        }
        write_secret(self._path, json.dumps(held).encode())  # whole or not at all: half a key would stop every repeat


def _identity(held: BoardSettings | None) -> Identity | None:
    return (held.board, held.epoch) if held else None


def _pair(given: Any) -> Identity | None:
    """Return a number and an epoch as they were written. ValueError, TypeError."""
    if given is None:
        return None
    number, epoch = given
    return int(number), int(epoch)
