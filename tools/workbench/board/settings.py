"""A board's settings.json as the technician's tools write it and read it back; the fields: firmware/README.md."""

import json
from dataclasses import dataclass
from typing import Any

from workbench.board.wire import Board, BoardTrouble

PATH = "/settings.json"


@dataclass(frozen=True)
class BoardSettings:
    """What the tools need of the settings on a board; `values` has all of it."""

    values: dict[str, Any]

    @property
    def board(self) -> int:
        """Return the board's number."""
        return int(self.values["board"])

    @property
    def epoch(self) -> int:
        """Return the epoch of its journal."""
        return int(self.values["epoch"])

    @property
    def point(self) -> str:
        """Return the code of its crossing point."""
        return str(self.values["crossing_point"]["code"])

    @property
    def lane(self) -> str:
        """Return its lane."""
        return str(self.values["lane"])

    @property
    def oled(self) -> str:
        """Return its display's controller."""
        return str(self.values.get("oled", "sh1106"))


def read(board: Board) -> BoardSettings | None:
    """Return what a board was provisioned with, None for a new one. Raises BoardTrouble if it cannot be read."""
    raw = board.read(PATH)
    if raw is None:
        return None
    try:
        found = BoardSettings(json.loads(raw))
        _ = (found.board, found.epoch, found.point, found.lane)
    except (ValueError, KeyError, TypeError) as error:
        raise BoardTrouble(
            f"{board.port}: settings.json cannot be read ({error}): look at it (mpremote cat :/settings.json), "
            "remove it (mpremote rm :/settings.json) and provision the board again"
        ) from error
    return found


def write(board: Board, values: dict[str, Any]) -> None:
    """Replace a board's settings in one step, and prove that they are there."""
    data = json.dumps(values).encode()
    board.replace(PATH, data)
    if board.read(PATH) != data:
        raise BoardTrouble(f"{board.port}: the settings are not on the board as they were sent: run it again")
