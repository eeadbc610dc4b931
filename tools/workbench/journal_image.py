"""Reads the records out of an image of a board's journal flash, without the board. Layout: SPEC.md, "Journal".

It takes nothing from the board's own reader: what both agree on is what the layout says.
"""

import binascii
import mmap
import struct
from pathlib import Path
from typing import NamedTuple

from checkpost import record

SECTOR = 4096
SLOT = 32
FIRST_SLOT = 2
RECORD_SLOTS = 125
_HEADER = "<2sBBIHHII32sII"
_HEADER_SIZE = 64
_MAGIC = (b"CJ", 1)


class Sector(NamedTuple):
    """A journal sector that is whole: its number, whose it is, its first sequence and its 4096 bytes."""

    counter: int
    board: int
    epoch: int
    first_seq: int
    content: bytes


def read_records(path: str | Path) -> list[tuple[int, int, int, bytes]]:
    """Return (board, epoch, sequence, 32 bytes) of every whole record, in the order of writing; no torn ones."""
    sectors = sorted(find_sectors(Path(path).read_bytes()))
    found = []
    ends: dict[tuple[int, int], int] = {}  # a later sector says where the one before it ends
    for sector in reversed(sectors):
        whose = (sector.board, sector.epoch)
        end = ends.get(whose, 1 << 32)
        found.append([(*whose, seq, raw) for seq, raw in records_of(sector) if seq < end])
        ends[whose] = sector.first_seq
    return [entry for group in reversed(found) for entry in group]


def read_newest(path: str | Path) -> list[tuple[int, bytes]]:
    """Return (sequence, 32 bytes) of the newest two sectors' whole records, in order: what was written down lately."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
        sectors = sorted(find_sectors(image))[-2:]
    return [entry for sector in sectors for entry in records_of(sector)]


def find_sectors(image: bytes | mmap.mmap) -> list[Sector]:
    """Return the whole journal sectors of an image, wherever they lie in it."""
    found = []
    for start in range(0, len(image) - SECTOR + 1, SECTOR):
        header = image[start : start + _HEADER_SIZE]
        if header[:2] != _MAGIC[0] or binascii.crc32(header[:60]) != struct.unpack("<I", header[60:])[0]:
            continue
        _, version, _, counter, board, epoch, _, first_seq, *_ = struct.unpack(_HEADER, header[:60])
        if version == _MAGIC[1]:
            found.append(Sector(counter, board, epoch, first_seq, image[start : start + SECTOR]))
    return found


def records_of(sector: Sector) -> list[tuple[int, bytes]]:
    """Return (sequence, 32 bytes) of a sector's records: rising, each once."""
    found = []
    expected = sector.first_seq
    for slot in range(FIRST_SLOT, FIRST_SLOT + RECORD_SLOTS):
        raw = sector.content[slot * SLOT : slot * SLOT + SLOT]
        if not record.valid(raw):
            continue
        seq = record.unpack(raw).seq
        if expected <= seq < sector.first_seq + RECORD_SLOTS:
            found.append((seq, raw))
            expected = seq + 1
    return found
