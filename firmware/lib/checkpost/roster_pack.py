"""How a gateway writes roster entries. A board only reads them and does not load this. SPEC.md, "Roster entry"."""

import struct

from checkpost.permit import UNKNOWN_DAY, Card, Permit, Usage
from checkpost.record import crc16
from checkpost.roster import (
    COMPLETE,
    DAY_ZERO,
    LAYOUT,
    NO_KEY,
    NO_NUMBER,
    OP_AT,
    POINT_LISTED,
    PUT,
    REMOVED,
    SEVERAL_POINTS,
    SLOT_HIGH_AT,
    SLOT_LOW_AT,
    TOP,
    ZONE_LISTED,
    key_of,
)


def pack_entry(
    uid: bytes,
    card: Card,
    permit: Permit,
    usage: Usage,
    tag: bytes,
    point: str,
    zone: str,
    card_key: bytes = NO_KEY,
    key_version: int = 0,
) -> bytes:
    """Return the 64-byte entry of a card for the board at `point` in `zone`; with `card_key` it is proven there."""
    flags = POINT_LISTED if not permit.points or point in permit.points else 0
    flags |= ZONE_LISTED if not permit.zones or zone in permit.zones else 0
    flags |= SEVERAL_POINTS if len(permit.points) != 1 else 0
    flags |= COMPLETE if usage.complete and (usage.counted or permit.entries is None) else 0
    fields = struct.pack(
        LAYOUT,
        card.status,
        card.blocked_from_s or 0,
        permit.decision,
        permit.withdrawn_from_s or 0,
        tag,
        _day(permit.valid_from_day),
        _day(permit.valid_until_day),
        flags,
        _cut(permit.entries, TOP, NO_NUMBER),
        _cut(usage.entries, TOP, NO_NUMBER),
        _cut(permit.max_stay_days, TOP, NO_NUMBER),
        _cut(_reception(permit, usage), TOP, NO_NUMBER),
        _cut(permit.companions, 0xFE, 0xFF),
        1 if usage.inside else 0,
        TOP if usage.entry_day == UNKNOWN_DAY else _day(usage.entry_day),
    )
    return _finish(key_of(uid) + fields + card_key + bytes([key_version]), PUT)


def pack_removed(uid: bytes) -> bytes:
    """Return the 64-byte entry that takes a card off the roster."""
    return _finish(key_of(uid), REMOVED)


def with_slot(raw: bytes, slot: int) -> bytes:
    """Return an entry with its card's slot on the board's roster, 1 to 65535; 0: none."""
    content = bytearray(raw[:62])
    content[SLOT_LOW_AT] = slot & 0xFF
    content[SLOT_HIGH_AT] = slot >> 8
    return bytes(content) + struct.pack("<H", crc16(bytes(content)))


def _finish(content: bytes, op: int) -> bytes:
    raw = content + bytes(OP_AT - len(content)) + bytes([op, 0])
    return raw + struct.pack("<H", crc16(raw))


def _cut(value: int | None, top: int, none: int) -> int:
    return none if value is None else min(value, top)


def _reception(permit: Permit, usage: Usage) -> int | None:
    """Return the days that reception takes of the stay that stands: a release ends them."""
    if not permit.reception_days or usage.released_day is None:
        return permit.reception_days
    if usage.entry_day is None or usage.entry_day == UNKNOWN_DAY:
        return 0
    return min(permit.reception_days, usage.released_day - usage.entry_day)


def _day(day: int | None) -> int:
    return NO_NUMBER if day is None else max(0, min(day - DAY_ZERO, TOP))
