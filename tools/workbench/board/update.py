"""Brings a signed bundle onto a board over its cable: only what it lacks, and the board itself checks and takes it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from workbench.board.bundle import split
from workbench.board.facts import Facts, look
from workbench.board.wire import Board, BoardTrouble

PLACE = "/update.ckb"
CONFIRM = "import slots; slots.confirm()"
BACK = "import slots; slots.go_back('left: a technician said so')"


@dataclass(frozen=True)
class Taken:
    """A bundle that the board took: its version is on trial from the next start on. Counted are files."""

    version: str
    sent: int
    was_there: int


def update(board: Board, data: bytes, tell: Callable[[int, int], None] = lambda done, total: None) -> Taken:
    """Send the head of a bundle and the files that the board lacks, and have it prove them. Raises BoardTrouble.

    Nothing but the head is sent before the board has checked the signature over the list of files.
    """
    head, files = split(data)
    board.put(PLACE, head)
    slot, lacking = json.loads(_have(board, f"json.dumps(_update.begin({PLACE!r}, slots))"))
    total = sum(len(files[path]) for path in lacking)
    done = 0
    board.load("files")
    for path in lacking:
        board.run(f"_folders('/{slot}/{path}')")
        board.put(f"/{slot}/{path}", files[path])
        done += len(files[path])
        tell(done, total)
    version = _have(board, f"_update.install({PLACE!r}, slots)")
    board.run(f"_remove({PLACE!r})")
    return Taken(version, len(lacking), len(files) - len(lacking))


def decide(board: Board, keep: bool) -> Facts:
    """Say yes or no to the firmware on trial, and return how the board stands then. Raises BoardTrouble."""
    facts = look(board)
    if not facts.back:
        raise BoardTrouble(f"{board.port}: no firmware is on trial; {facts.running_version or 'a plain tree'} runs")
    board.run(CONFIRM if keep else BACK)
    return look(board)


def _have(board: Board, call: str) -> str:
    """Have the board do something with the bundle and return what it says; BoardTrouble carries its reason."""
    source = (
        "import gc, json, slots\n"
        "slots.choose()\n"
        "gc.collect()\n"
        "from kiosk import update as _update\n"
        "try:\n"
        f"    print('done', {call})\n"
        "except _update.UpdateRefused as error:\n"
        "    print('refused', error)\n"
    )
    word, _, rest = board.run(source).strip().splitlines()[-1].partition(" ")
    if word != "done":
        raise BoardTrouble(f"{board.port}: the board refused the bundle, and goes on as it is: {rest}")
    return rest
