"""A board's journal chip read out over its cable, shown record by record, and erased when nothing is lost by it."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from checkpost import record
from workbench import journal_image
from workbench.board.wire import Board, BoardTrouble

SIZE = 8 << 20  # the chip
SECTOR = 4096
JOURNAL_FIRST, JOURNAL_END = 4, 1664  # SPEC.md, "Flash map"
AT_ONCE = 8  # sectors a question: 44 KB of text, about a second of cable
SENTENCE = "erase the log of board {}"  # what a technician types where the centre does not hold everything


def read_out(board: Board, tell: Callable[[int, int], None] = lambda done, total: None) -> bytes:
    """Return an image of the chip: journal and what else is used of it, blank where it is blank. Changes nothing.

    The seal key's sectors are left out: an image goes to the gateway and the office, and they are not to have it.
    """
    board.load("parts")
    used = [sector for sector in board.ask("_used()") if JOURNAL_FIRST <= sector < JOURNAL_END]
    image = bytearray(b"\xff" * SIZE)
    for at in range(0, len(used), AT_ONCE):
        some = used[at : at + AT_ONCE]
        lines = board.run(f"_sectors({some})").split()
        for sector, line in zip(some, lines, strict=True):
            image[sector * SECTOR : (sector + 1) * SECTOR] = base64.b64decode(line)
        tell(at + len(some), len(used))
    return bytes(image)


def keep(path: Path, data: bytes) -> None:
    """Write an image to a file, whole and on disk. Raises BoardTrouble where that would take a log from the file.

    The bits of a chip only fall until it is erased: a bit that rose belongs to a log that the chip has no more.
    """
    if path.exists():
        before = path.read_bytes()
        if len(before) != len(data):
            raise BoardTrouble(f"{path} is there already and is no image of a chip: name another file")
        if int.from_bytes(data, "big") & ~int.from_bytes(before, "big"):
            raise BoardTrouble(f"{path} holds a log that the chip does not hold any more: name another file")
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def unreadable(image: bytes) -> int:
    """Return how many sectors of the journal hold something that is no sector of a journal."""
    parts = [image[at : at + SECTOR] for at in range(JOURNAL_FIRST * SECTOR, JOURNAL_END * SECTOR, SECTOR)]
    return sum(part.count(0xFF) < len(part) for part in parts) - len(journal_image.find_sectors(image))


def fetch_bundle(board: Board) -> bytes:
    """Return the board's log as a bundle for its gateway: the board seals and signs it, its keys stay there."""
    board.load("parts")
    board.load("bundle")
    return b"".join(base64.b64decode(line) for line in board.run("_bundle(_journal)").split())


def spans(records: list[tuple[int, int, int, bytes]]) -> dict[tuple[int, int], int]:
    """Return the last sequence of each (board, epoch) in a log."""
    found: dict[tuple[int, int], int] = {}
    for number, epoch, seq, _ in records:
        found[number, epoch] = max(seq, found.get((number, epoch), 0))
    return found


def lines(image: Path) -> Iterator[str]:
    """Yield a JSON line for each record of an image: whose it is, its fields, and its 32 bytes. Raises BoardTrouble."""
    owner(image.read_bytes())
    for number, epoch, seq, raw in journal_image.read_records(image):
        one = record.unpack(raw)
        facts: dict[str, Any] = {"board": number, "epoch": epoch, "seq": seq, "kind": one.kind, "utc_s": one.seconds}
        yield json.dumps(facts | {"offset_quarters": one.offset, "trust": one.trust, "record": raw.hex()})


def lost_by_erasing(held: Callable[[int, int], int], last: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """Return how many records of each epoch nobody else holds; `held(board, epoch)` is the centre's watermark."""
    missing = {whose: seq - held(*whose) for whose, seq in last.items()}
    return {whose: count for whose, count in missing.items() if count > 0}


def erase(board: Board) -> int:
    """Erase the journal and take the settings away: its numbers must not begin again in the same epoch."""
    board.load("parts")
    board.load("files")
    board.run("_remove('/settings.json')")
    used = [sector for sector in board.ask("_used()") if sector < JOURNAL_END]
    for at in range(0, len(used), AT_ONCE):
        board.run(f"_erase({used[at : at + AT_ONCE]})")
    if [sector for sector in board.ask("_used()") if sector < JOURNAL_END]:
        raise BoardTrouble(f"{board.port}: a sector does not erase: replace the chip")
    return len(used)


def owner(image: bytes) -> tuple[int, int]:
    """Return board and epoch of the newest sector of an image. Raises BoardTrouble for one without a journal."""
    sectors = journal_image.find_sectors(image)
    if not sectors:
        raise BoardTrouble("the image holds no journal: name another one, or read the chip out again")
    newest = max(sectors)
    return newest.board, newest.epoch
