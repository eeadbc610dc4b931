"""Finds what cannot be read in one sector of the journal. Loaded for that alone (checkpost.once)."""

from checkpost.record import valid
from kiosk.sectors import SLOT


def unreadable(reading, seq):
    """Return (first, last) of the unreadable records in the sector of `seq`, None where all can be read."""
    section = reading.section_of(seq)
    if section is None:
        return None
    first = last = 0
    raw = bytearray(SLOT)
    for at in range(section.first, section.end):
        if not (reading.read_into(at, raw) and valid(raw)):
            first = first or at
            last = at
    return (first, last) if first else None
