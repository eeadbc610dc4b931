"""The body of a shift record: what a guard's shift came to. A board loads this when a guard asks for the count."""

import struct

from checkpost.record import BODY_SIZE

MAX_COUNT = 0xFFFF
MAX_PERSONS = 0xFFFFFF


def pack_shift(first_seq: int, verdicts: list[int], outcomes: list[int], persons: int) -> bytes:
    """Return the body of a shift record: what was counted from `first_seq` on; a count too large stays at its maximum.

    `verdicts`: crossings by verdict shown; `outcomes`: crossings admitted, referred, turned back.
    """
    counts = [min(count, MAX_COUNT) for count in verdicts + outcomes]
    return struct.pack("<I6HI", first_seq, *counts, min(persons, MAX_PERSONS))[:BODY_SIZE]


def unpack_shift(body: bytes) -> tuple[int, list[int], list[int], int]:
    """Return (first sequence, counts by verdict, counts by outcome, persons)."""
    fields = struct.unpack("<I6H", body[:16])
    return fields[0], list(fields[1:4]), list(fields[4:7]), body[16] | body[17] << 8 | body[18] << 16
