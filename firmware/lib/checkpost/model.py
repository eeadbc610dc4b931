"""What is to be expected of the next record: the bits in which a compact batch tells it. SPEC.md, "Compact batches".

`Model.record` serves both ends: with an Encoder it takes a record's 32 bytes, with a Decoder it finds them.
"""

import struct

from checkpost.fields import MessageError
from checkpost.priors import (
    AGE,
    AGE_SAME,
    ASSURANCE,
    CARD,
    CAUSE,
    CLOCK_SAME,
    COUNTER,
    COUNTER_ZERO,
    DIRECTION,
    KIND,
    NEAR,
    OFFSET_SAME,
    ONLINE,
    OUTCOME_OF,
    OUTCOME_SAME,
    PARTY,
    PARTY_SAME,
    REASON,
    RULE,
    TIME,
    VERDICT,
    WHY,
)
from checkpost.rangecoder import Decoder, Encoder
from checkpost.reasons import NO_PERMIT, NOT_ON_ROSTER, UNKNOWN_CARD, UNVERIFIABLE
from checkpost.record import (
    CROSSING,
    OUTCOME,
    SIZE,
    SYNCED,
    VERSION,
    Crossing,
    crc16,
    log2_code,
    unpack_crossing,
    valid,
)

# How a card is told.
NO_CARD, ON_ROSTER, OF_NXP, OTHER_CARD = range(4)

_NEAR_BITS = 20  # of the first record's time: within six days of the board's status
_FAR_BUCKET = 31  # of a time that is not told as a distance
_NXP = 4  # first byte of a UID of seven (ISO/IEC 7816-6, manufacturer NXP)
_FIRST_OFFSET = 36  # quarter hours
_FIRST_CLOCK = SYNCED << 6 | 3
_HEAD = "<BIIbB"
_OTHER = 31  # neither a crossing nor an outcome that can be told in fields


class Model:
    """One batch. `cards`: slot of a UID (an Encoder) or UID of a slot (a Decoder); 0 or b"" where there is none."""

    def __init__(self, coder: Encoder | Decoder, first_seq: int, utc_s: int, slot_bits: int, cards: object):
        """`utc_s`: of the board's status; `slot_bits`: bits of a roster slot, 0: cards are told by UID."""
        self._decoding = bool(coder.decoding)
        self._bit = coder.bit
        self._direct = coder.direct
        self._seq = first_seq
        self._near_s = utc_s
        self._slot_bits = slot_bits
        self._cards = cards
        self._seconds = -1
        self._offset = _FIRST_OFFSET
        self._clock = _FIRST_CLOCK
        self._last = Crossing()
        self._last.rule_version = 1
        self._last_seq = 0  # of the crossing that waits for its outcome
        self._why = {UNVERIFIABLE << 2 | mode: (0, NOT_ON_ROSTER) for mode in range(4)}
        self._why[1 << 2 | NO_CARD] = (NO_PERMIT, 0)
        self._why[1 << 2 | OF_NXP] = (UNKNOWN_CARD, 0)

    def record(self, raw: bytes) -> bytes:
        """Code one record and return its 32 bytes; a Decoder is given none. MessageError when there is no such one."""
        seq = self._seq
        self._seq += 1
        kind = self._kind(_kind_of(raw, seq) if raw else 0)
        if not kind:
            return self._verbatim(raw)
        first = VERSION << 5 | kind if kind in (CROSSING, OUTCOME) else self._direct(8, raw[0] if raw else 0)
        seconds = self._time(kind, raw)
        self._tell_clock(raw)
        body = raw[11:30]  # of no record: nothing
        if kind == CROSSING:
            body = self._crossing(body, seq)
        elif kind == OUTCOME:
            body = self._outcome(body, seq)
        else:
            body = self._other(body)
        if not 0 <= seconds < 1 << 32 or seq >> 32:
            raise MessageError("no such record")
        packed = struct.pack(_HEAD, first, seq, seconds, self._offset, self._clock) + body
        self._seconds = seconds
        return packed + struct.pack("<H", crc16(packed))

    def _kind(self, kind: int) -> int:
        """Return CROSSING, OUTCOME, another number for a record whose CRC is right, 0 for bytes."""
        context = KIND + (3 if self._last_seq else 0)
        expected, second = (OUTCOME, CROSSING) if self._last_seq else (CROSSING, OUTCOME)
        if not self._bit(context, kind != expected):
            return expected
        if not self._bit(context + 1, kind != second):
            return second
        return 0 if self._bit(context + 2, not kind) else _OTHER

    def _verbatim(self, raw: bytes) -> bytes:
        return bytes([self._direct(8, raw[at] if raw else 0) for at in range(SIZE)])

    def _tree(self, context: int, bits: int, value: int) -> int:
        node = 1
        for at in range(bits - 1, -1, -1):
            node = node << 1 | self._bit(context + node, value >> at & 1)
        return node - (1 << bits)

    def _number(self, context: int, value: int) -> int:
        """Code a number below 2**30: its length in bits, then the bits behind the first."""
        bits = self._tree(context, 5, log2_code(value, _FAR_BUCKET))
        return self._low_bits(bits, value)

    def _low_bits(self, bits: int, value: int) -> int:
        return 1 << bits - 1 | self._direct(bits - 1, value & (1 << bits - 1) - 1) if bits > 1 else bits

    def _time(self, kind: int, raw: bytes) -> int:
        seconds = struct.unpack("<I", raw[5:9])[0] if raw else 0
        if self._seconds < 0:
            return self._first_time(seconds)
        ahead = seconds - self._seconds
        bucket = log2_code(ahead, _FAR_BUCKET) if ahead >= 0 else _FAR_BUCKET
        bucket = self._tree(TIME + (32 if kind == OUTCOME else 0), 5, bucket)
        if bucket == _FAR_BUCKET:
            return self._direct(32, seconds)
        return self._seconds + self._low_bits(bucket, ahead)

    def _first_time(self, seconds: int) -> int:
        """Code a time by its low bits: the one nearest to the status's is meant."""
        half = 1 << _NEAR_BITS - 1
        if self._bit(NEAR, not -half <= seconds - self._near_s < half):
            return self._direct(32, seconds)
        low = self._direct(_NEAR_BITS, seconds & 2 * half - 1)
        return self._near_s - half + (low - self._near_s + half & 2 * half - 1)

    def _tell_clock(self, raw: bytes) -> None:
        offset, clock = struct.unpack("<bB", raw[9:11]) if raw else (0, 0)
        if self._bit(CLOCK_SAME, clock != self._clock):
            self._clock = self._direct(8, clock)
        if self._bit(OFFSET_SAME, offset != self._offset):
            self._offset = self._direct(8, offset + 128) - 128

    def _other(self, body: bytes) -> bytes:
        size = len(body)
        while size and not body[size - 1]:
            size -= 1
        size = self._direct(5, size)
        if size > 19:
            raise MessageError("no such record")
        told = bytes([self._direct(8, body[at] if body else 0) for at in range(size)])
        return told + bytes(19 - size)

    def _outcome(self, body: bytes, seq: int) -> bytes:
        crossing_seq, outcome, party = struct.unpack("<IBB", body[:6]) if body else (0, 0, 0)
        expected = self._last_seq or seq - 1
        if self._bit(OUTCOME_SAME, crossing_seq != expected):
            expected = self._direct(32, crossing_seq)
        waits = 4 * self._last.verdict if self._last_seq == expected else 12
        outcome = self._tree(OUTCOME_OF + waits, 2, outcome)
        if self._bit(PARTY_SAME, party != self._last.party):
            party = self._tree(PARTY, 4, party)
        else:
            party = self._last.party
        self._last_seq = 0
        return struct.pack("<IBB13x", expected, outcome, party)

    def _crossing(self, body: bytes, seq: int) -> bytes:
        given = unpack_crossing(body) if body else Crossing()
        last = self._last
        found = Crossing()
        found.direction = self._bit(DIRECTION + last.direction, given.direction)
        found.online = bool(self._bit(ONLINE + last.online, given.online))
        found.uid, mode = self._card(given.uid)
        found.assurance = self._tree(ASSURANCE + (4 if mode else 0), 2, given.assurance)
        if self._bit(COUNTER_ZERO + found.assurance, given.counter != 0):
            found.counter = self._number(COUNTER, given.counter)
        found.party = self._tree(PARTY, 4, given.party)
        self._verdict(given, found, mode)
        found.roster_age = last.roster_age
        if self._bit(AGE_SAME, given.roster_age != last.roster_age):
            found.roster_age = self._tree(AGE, 5, given.roster_age)
        found.rule_version = last.rule_version
        if self._bit(RULE, given.rule_version != last.rule_version):
            found.rule_version = self._direct(8, given.rule_version)
        self._last = found
        self._last_seq = seq
        try:
            return found.pack()
        except ValueError:
            raise MessageError("no such crossing")

    def _verdict(self, given: Crossing, found: Crossing, mode: int) -> None:
        found.verdict = self._tree(VERDICT + 4 * mode, 2, given.verdict)
        place = found.verdict << 2 | mode
        reasons, causes = self._why.get(place, (0, 0))
        if self._bit(WHY + place, (given.reasons, given.causes) != (reasons, causes)):
            reasons = causes = 0
            for at in range(13):
                reasons |= self._bit(REASON + at, given.reasons >> at & 1) << at
            for at in range(5):
                causes |= self._bit(CAUSE + at, given.causes >> at & 1) << at
            self._why[place] = (reasons, causes)
        found.reasons = reasons
        found.causes = causes

    def _card(self, uid: bytes) -> tuple[bytes, int]:
        """Code a card; return its UID and how it was told."""
        slot = 0
        mode = NO_CARD
        if uid:
            slot = self._cards(uid) if self._slot_bits else 0  # type: ignore[operator]
            fits = 0 < slot < 1 << self._slot_bits
            mode = ON_ROSTER if fits else OF_NXP if len(uid) == 7 and uid[0] == _NXP else OTHER_CARD
        mode = self._tree(CARD, 2, mode)
        if mode == ON_ROSTER:
            slot = self._direct(self._slot_bits, slot)
            if self._decoding:
                uid = self._cards(slot)  # type: ignore[operator]
            if not uid:
                raise MessageError("no card of that slot")
        elif mode != NO_CARD:
            size = 7 if mode == OF_NXP else (4, 7, 10, 10)[self._direct(2, len(uid) // 3 - 1)]
            told = bytes([_NXP]) if mode == OF_NXP else b""
            uid = told + bytes([self._direct(8, uid[at] if uid else 0) for at in range(len(told), size)])
        return uid, mode


def _kind_of(raw: bytes, seq: int) -> int:
    """Return how a record can be told: as CROSSING or OUTCOME when that rebuilds it, as another record, 0 as bytes."""
    if not valid(raw) or struct.unpack("<I", raw[1:5])[0] != seq:
        return 0
    if raw[0] == VERSION << 5 | CROSSING and not raw[11] >> 6:
        try:
            return CROSSING if unpack_crossing(raw[11:30]).pack() == raw[11:30] else _OTHER
        except ValueError:
            return _OTHER
    if raw[0] == VERSION << 5 | OUTCOME and raw[15] < 4 and 0 < raw[16] < 16 and raw[17:30] == bytes(13):
        return OUTCOME
    return _OTHER
