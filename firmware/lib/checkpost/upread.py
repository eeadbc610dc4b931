"""How a gateway reads what boards say. A board has no use for this and does not load it. SPEC.md, "Messages"."""

import struct

from checkpost.aes import BLOCK
from checkpost.compact import Compact
from checkpost.fields import MessageError, exact
from checkpost.gap import Gap
from checkpost.ntag_passes import MAC_SIZE
from checkpost.piece import Wanted, parse_wanted
from checkpost.proofs import Sun
from checkpost.record import SIZE as RECORD_SIZE
from checkpost.upward import Base, Batch, Query, Sealed, Status


def parse_status(body: bytes) -> Status:
    """Return the message in a body; MessageError when it is none."""
    exact(body, struct.calcsize(Status.LAYOUT))
    status = Status()
    fields = struct.unpack(Status.LAYOUT, body)
    status.epoch, status.next_seq, status.oldest_seq, status.utc_s, clock = fields[:5]
    status.trust = clock >> 6
    status.uncertainty = clock & 63
    status.roster_id, status.roster_revision, status.roster_count = fields[5:8]
    status.fill_percent, status.battery_mv, status.faults, status.firmware, status.policy_version = fields[8:]
    return status


def parse_batch(body: bytes) -> Batch:
    """Return the message in a body; MessageError when it is none."""
    if len(body) < 10 + RECORD_SIZE or (len(body) - 10) % RECORD_SIZE:
        raise MessageError("a batch holds whole records")
    epoch, first_seq = struct.unpack("<HI", body[:6])
    if not first_seq or first_seq + (len(body) - 10) // RECORD_SIZE > 1 << 32:
        raise MessageError("no such sequence")
    return Batch(epoch, first_seq, bytes(body[10:]), bytes(body[6:10]))


def parse_query(body: bytes) -> Query:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 2 + RECORD_SIZE)
    return Query(body[0] | body[1] << 8, bytes(body[2:]))


def parse_base(body: bytes) -> Base:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 38)
    epoch, first_seq = struct.unpack("<HI", body[:6])
    return Base(epoch, first_seq, bytes(body[6:]))


def parse_sun(body: bytes) -> Sun:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 2 + BLOCK + MAC_SIZE)
    return Sun(body[0] | body[1] << 8, bytes(body[2:18]), bytes(body[18:]))


def parse_sealed(body: bytes) -> Sealed:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 17)
    epoch, seq = struct.unpack("<HI", body[:6])
    if not seq:
        raise MessageError("no such sequence")
    return Sealed(epoch, seq, body[6] | body[7] << 8 | body[8] << 16, bytes(body[9:]))


def parse_gap(body: bytes) -> Gap:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 46)
    epoch, first_seq, last_seq, seq = struct.unpack("<HIII", body[:14])
    if not 0 < first_seq <= last_seq:
        raise MessageError("no such sequence")
    return Gap(epoch, first_seq, last_seq, seq, bytes(body[14:]))


PARSERS = {
    Status.TYPE: parse_status,
    Batch.TYPE: parse_batch,
    Query.TYPE: parse_query,
    Base.TYPE: parse_base,
    Sun.TYPE: parse_sun,
    Sealed.TYPE: parse_sealed,
    Wanted.TYPE: parse_wanted,
    Gap.TYPE: parse_gap,
    Compact.TYPE: Compact,
}
