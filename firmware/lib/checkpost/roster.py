"""The roster entry: what a board holds of one card, 64 bytes, the same at the gateway, on the wire and on flash.

Layout: SPEC.md, "Roster entry". Little-endian, CRC-16 last. An entry is made for one board: whether the permit lists
its point and its zone is a bit each, so that a board needs no list of points. Numbers too large for their field are
held at its top, which changes no verdict within a century and a half. `checkpost.roster_pack` writes entries.
"""

import binascii
import struct

from checkpost.const import const
from checkpost.permit import ACTIVE, UNKNOWN_DAY, Card, Permit, Usage
from checkpost.record import UID_SIZES, crc16

SIZE = 64
KEY_SIZE = 11  # what entries are sorted by: UID size, then the UID, zeros behind
TAG_SIZE = 4  # SHA-256(application id), cut: tells a guard's two cards of one permit from two permits
DAY_ZERO = 10957  # 2000-01-01 counted from 1970-01-01

# Flags
POINT_LISTED = 1  # the permit lists no points, or this one
ZONE_LISTED = 2  # the permit lists no zones, or this one
SEVERAL_POINTS = 4  # the permit may be used at another point too
COMPLETE = 8  # the use below is all there is to know

PUT = 0
REMOVED = 1

NO_NUMBER = 0xFFFF  # the field holds none: there is no limit
TOP = 0xFFFE  # and above
LAYOUT = "<BIBI4sHHBHHHHBBH"  # behind the key: from card status to entry day, 31 bytes
SLOT_LOW_AT = 59
SLOT_HIGH_AT = 61
OP_AT = 60  # 1 byte: PUT or REMOVED
_KEY_AT = const(42)
_VERSION_AT = const(58)
NO_KEY = bytes(16)


def key_of(uid: bytes) -> bytes:
    """Return the 11 bytes by which entries are sorted; ValueError unless a UID has 4, 7 or 10 bytes."""
    if len(uid) not in UID_SIZES or not uid:
        raise ValueError("a card UID has 4, 7 or 10 bytes")
    return bytes([len(uid)]) + uid + bytes(10 - len(uid))


def valid(raw: bytes) -> bool:
    """Return True if `raw` is an entry with a right CRC; erased flash is not."""
    return len(raw) == SIZE and raw[0] in (4, 7, 10) and crc16(raw[:62]) == raw[62] | raw[63] << 8


def slot_of(raw: bytes) -> int:
    """Return the number by which compact batches name the entry's card; 0: it has none."""
    return raw[SLOT_LOW_AT] | raw[SLOT_HIGH_AT] << 8


def removed(raw: bytes) -> bool:
    """Return True if the entry takes its card off the roster."""
    return raw[OP_AT] == REMOVED


def proof_key(raw: bytes) -> tuple[bytes, int] | None:
    """Return the key of the entry's card and its version, or None where the entry brings none."""
    key = bytes(raw[_KEY_AT:_VERSION_AT])
    return None if key == NO_KEY else (key, raw[_VERSION_AT])


def weight(raw: bytes) -> int:
    """Return an entry's share of a roster's digest (the sum over all that are put, modulo 2**32): its CRC-32."""
    return binascii.crc32(raw) & 0xFFFFFFFF


class Entry:
    """An entry, read: `uid`, `card`, `permit`, `usage` for `rules.judge` at this board, `tag`, `flags`."""

    def __init__(self, uid: bytes, card: Card, permit: Permit, usage: Usage, tag: bytes, flags: int):
        self.uid = uid
        self.card = card
        self.permit = permit
        self.usage = usage
        self.tag = tag
        self.flags = flags


def unpack_entry(raw: bytes, point: str, zone: str) -> Entry:
    """Return a valid entry as the rules of the board at `point` in `zone` want it; the CRC is the caller's to check."""
    fields = struct.unpack(LAYOUT, raw[KEY_SIZE : KEY_SIZE + 31])
    status, blocked, decision, withdrawn, tag, valid_from, valid_until, flags = fields[:8]
    granted, used, stay, reception, companions, inside, entry_day = fields[8:]
    permit = Permit(
        decision,
        withdrawn or None,
        _day_back(valid_from),
        _day_back(valid_until),
        (point,) if flags & POINT_LISTED else ("",),
        None if granted == NO_NUMBER else granted,
        None if stay == NO_NUMBER else stay,
        (zone,) if flags & ZONE_LISTED else ("",),
        None if reception == NO_NUMBER else reception,
        None if companions == 0xFF else companions,
    )
    usage = Usage(bool(flags & COMPLETE))
    usage.entries = used
    usage.inside = bool(inside)
    usage.entry_day = UNKNOWN_DAY if entry_day == TOP else _day_back(entry_day)
    card = Card(status, blocked or None) if status != ACTIVE else Card()
    return Entry(bytes(raw[1 : 1 + raw[0]]), card, permit, usage, tag, flags)


def _day_back(days: int) -> int | None:
    return None if days == NO_NUMBER else days + DAY_ZERO
