"""Brings a signed bundle onto a board over its cable, piece by piece, and has the board itself check and take it."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from workbench.board.facts import Facts, look
from workbench.board.wire import CHUNK, Board, BoardTrouble

PLACE = "/update.ckb"
REASONS = ("wrong", "half", "altered", "old", "wait", "missing")  # the first word of what a board says when it refuses
CONFIRM = "import slots; slots.confirm()"
BACK = "import slots; slots.go_back('left: a technician said so')"


@dataclass(frozen=True)
class Taken:
    """A bundle that the board took: its version is on trial from the next start on."""

    version: str
    sent: int
    was_there: int


def update(board: Board, data: bytes, tell: Callable[[int, int], None] = lambda done, total: None) -> Taken:
    """Send what the board lacks of a bundle, and have it taken in. BoardTrouble carries the board's reason."""
    there = _prefix(board, data)
    board.run(f"from binascii import a2b_base64 as _u\n_f = open({PLACE!r}, {'ab' if there else 'wb'!r})")
    for at in range(there, len(data), CHUNK):
        piece = data[at : at + CHUNK]
        # Flushed with each piece, so that what arrived before a break is there afterwards.
        board.run(f"_f.write(_u({base64.b64encode(piece)!r})); _f.flush()")
        tell(at + len(piece) - there, len(data) - there)
    board.run("_f.close()")
    version = _take(board)
    return Taken(version, len(data) - there, there)


def decide(board: Board, keep: bool) -> Facts:
    """Say yes or no to the firmware on trial, and return how the board stands then. Raises BoardTrouble."""
    facts = look(board)
    if not facts.back:
        raise BoardTrouble(f"{board.port}: no firmware is on trial; {facts.running_version or 'a plain tree'} runs")
    board.run(CONFIRM if keep else BACK)
    return look(board)


def _prefix(board: Board, data: bytes) -> int:
    """Return how many bytes of this very bundle the board has from an earlier try."""
    board.load("files")
    said = board.ask(f"import os\ntry:\n    print(os.stat({PLACE!r})[6])\nexcept OSError:\n    print(0)")
    size = int(said)
    if not 0 < size <= len(data):
        return 0
    digest = board.run(f"print(_digest({PLACE!r}))").strip()
    return size if digest == hashlib.sha256(data[:size]).hexdigest() else 0


def _take(board: Board) -> str:
    source = (
        "import gc, slots\n"
        "slots.choose()\n"
        "gc.collect()\n"
        "from kiosk import update as _update\n"
        "try:\n"
        f"    print('taken', _update.install({PLACE!r}, slots))\n"
        "except _update.UpdateRefused as error:\n"
        "    print('refused', error)\n"
    )
    word, _, rest = board.run(source).strip().splitlines()[-1].partition(" ")
    if word != "taken":
        kind = rest.partition(":")[0]
        if kind in REASONS and kind != "wait":
            board.run(f"_remove({PLACE!r})")
        raise BoardTrouble(f"{board.port}: the board refused the bundle, and goes on as it is: {rest}")
    board.run(f"_remove({PLACE!r})")
    return rest
