"""What a gateway says to a board: acks, answers, time, roster, policy, corrections. SPEC.md, "Messages".

`checkpost.downward_pack` writes them; a board keeps the policy as it came, and so writes that one itself.
"""

import struct

from checkpost.fields import MessageError, exact, put, put_text, text
from checkpost.limits import HELD_RANGES, ROSTER_ENTRY_SIZE, ROSTER_PIECE_ENTRIES

ACKED = 0x41
ANSWER = 0x42
TIME = 0x43
ROSTER = 0x44
POLICY = 0x45
CORRECTION = 0x46  # 0x47 is a piece of a firmware: checkpost.piece


class Acked:
    """Up to which sequence, without a gap, gateway and centre hold an epoch durably. Gateway to board.

    `held`: (first, last) ranges beyond, that the gateway has in memory only; the link fills them in.
    """

    TYPE = ACKED

    def __init__(self, epoch: int, gateway_seq: int, centre_seq: int = 0):
        self.epoch = epoch
        self.gateway_seq = gateway_seq
        self.centre_seq = centre_seq
        self.held: list[tuple[int, int]] = []


def parse_acked(body: bytes) -> Acked:
    """Return the message in a body; MessageError when it is none."""
    if len(body) < 10 or (len(body) - 10) % 6 or len(body) > 10 + 6 * HELD_RANGES:
        raise MessageError("an ack holds whole ranges")
    epoch, gateway_seq, centre_seq = struct.unpack("<HII", body[:10])
    acked = Acked(epoch, gateway_seq, centre_seq)
    for at in range(10, len(body), 6):
        first, count = struct.unpack("<IH", body[at : at + 6])
        acked.held.append((first, first + count - 1))
    return acked


class Answer:
    """The gateway's verdict on a query, as bits and codes of `checkpost.reasons`. Gateway to board."""

    TYPE = ANSWER

    def __init__(
        self, query_id: int, verdict: int, reasons: int, causes: int, notes: int, rule_version: int, age_code: int
    ):
        """`age_code`: log2 code of the age in seconds of the gateway's knowledge."""
        self.query_id = query_id
        self.verdict = verdict
        self.reasons = reasons
        self.causes = causes
        self.notes = notes
        self.rule_version = rule_version
        self.age_code = age_code


def parse_answer(body: bytes) -> Answer:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 9)
    return Answer(*struct.unpack("<HBHBBBB", body))


class Time:
    """The gateway's clock. Gateway to board; `rtt_ms` is the board's own measure, and bounds how old it can be."""

    TYPE = TIME
    MAX_UNCERTAINTY_MS = 0xFFFF  # and above: not known

    def __init__(
        self,
        utc_s: int,
        ms: int,
        offset_quarters: int,
        next_change_utc_s: int = 0,
        next_offset: int = 0,
        uncertainty_ms: int = 0,
        rtt_ms: int = 0,
    ):
        """`offset_quarters`: local offset in quarter hours; `next_offset` from `next_change_utc_s` on (0: unknown)."""
        self.utc_s = utc_s
        self.ms = ms
        self.offset_quarters = offset_quarters
        self.next_change_utc_s = next_change_utc_s
        self.next_offset = next_offset
        self.uncertainty_ms = min(uncertainty_ms, self.MAX_UNCERTAINTY_MS)
        self.rtt_ms = rtt_ms


def parse_time(body: bytes) -> Time:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 14)
    return Time(*struct.unpack("<IHbIbH", body))


class RosterPiece:
    """Changes of a board's roster between two revisions. Gateway to board; applying it twice changes nothing."""

    TYPE = ROSTER

    def __init__(self, id: int, from_rev: int, to_rev: int, reset: bool, last: bool, entries: list[bytes]):
        """`reset`: forget what was there; `last`: the roster is current then; `entries`: at most 8 of 64 bytes."""
        self.id = id
        self.from_rev = from_rev
        self.to_rev = to_rev
        self.reset = reset
        self.last = last
        self.entries = entries


def parse_roster(body: bytes) -> RosterPiece:
    """Return the message in a body; MessageError when it is none."""
    count, rest = divmod(len(body) - 13, ROSTER_ENTRY_SIZE)
    if len(body) < 13 or rest or count > ROSTER_PIECE_ENTRIES:
        raise MessageError("a roster piece holds whole entries")
    roster_id, from_rev, to_rev, flags = struct.unpack("<IIIB", body[:13])
    entries = [bytes(body[at : at + ROSTER_ENTRY_SIZE]) for at in range(13, len(body), ROSTER_ENTRY_SIZE)]
    return RosterPiece(roster_id, from_rev, to_rev, bool(flags & 1), bool(flags & 2), entries)


class BoardPolicy:
    """What the centre's policy and the board's place mean for the board itself. Gateway to board."""

    TYPE = POLICY

    def __init__(
        self,
        version: int,
        assurance: int,
        roster_max_age_s: int,
        clock_max_uncertainty_s: int,
        point: str,
        zone: str,
        kind: int,
    ):
        """`point`: the crossing point's code; `zone`: its zone; `kind`: permit.BORDER or permit.INTERNAL."""
        self.version = version
        self.assurance = assurance
        self.roster_max_age_s = roster_max_age_s
        self.clock_max_uncertainty_s = clock_max_uncertainty_s
        self.point = point
        self.zone = zone
        self.kind = kind

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        out = bytearray()
        put(out, self.version, 4)
        put(out, self.assurance, 1)
        put(out, self.roster_max_age_s, 4)
        put(out, self.clock_max_uncertainty_s, 4)
        put(out, self.kind, 1)
        put_text(out, self.point)
        put_text(out, self.zone)
        return bytes(out)


def parse_policy(body: bytes) -> BoardPolicy:
    """Return the message in a body; MessageError when it is none."""
    if len(body) < 14:
        raise MessageError("policy cut short")
    version, assurance, age_s, uncertainty_s, kind = struct.unpack("<IBIIB", body[:14])
    point, at = text(body, 14)
    zone, at = text(body, at)
    exact(body, at)
    return BoardPolicy(version, assurance, age_s, uncertainty_s, point, zone, kind)


class Correction:
    """The gateway judged a record otherwise than the board did. Gateway to board."""

    TYPE = CORRECTION

    def __init__(self, seq: int, verdict: int, reasons: int, causes: int, notes: int):
        self.seq = seq
        self.verdict = verdict
        self.reasons = reasons
        self.causes = causes
        self.notes = notes


def parse_correction(body: bytes) -> Correction:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 9)
    return Correction(*struct.unpack("<IBHBB", body))
