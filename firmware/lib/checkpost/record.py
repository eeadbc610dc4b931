"""The 32-byte record: what a board writes down, the same on flash, on the wire and in the ledger.

Layout: SPEC.md, "Record". Packing is total: a field out of range raises ValueError, nothing is cut.
"""

import struct

try:
    from binascii import crc_hqx  # the same in C, where the interpreter has it: CPython does
except ImportError:
    crc_hqx = None  # type: ignore[assignment]

from checkpost.reasons import UNVERIFIABLE

SIZE = 32
VERSION = 1

CROSSING = 1
OUTCOME = 2
CLOCK_SET = 3
BOOT = 4
FAULT = 5
SETTINGS = 6
SHIFT = 7

ENTRY = 0
EXIT = 1
DIRECTIONS = ("entry", "exit")

ASSURANCES = ("none", "uid", "sun", "live")
NONE, UID, SUN, LIVE = range(4)

OUTCOMES = ("", "admitted", "referred", "turned_back")
NO_OUTCOME, ADMITTED, REFERRED, TURNED_BACK = range(4)

# Clock trust: unset (the field holds uptime seconds), holdover (set once, never synced), synced.
UNSET, HOLDOVER, SYNCED = range(3)

MAX_PARTY = 15
MAX_COUNTER = 0xFFFFFF
UID_SIZES = (0, 4, 7, 10)
MAX_UNCERTAINTY_CODE = 31

_HEAD = "<BIIbB"  # kind and version, sequence, seconds, offset in quarter hours, clock
_HEAD_AND_BODY = _HEAD + "19s"
# What four bits do to the remainder: 16 words, since a board has neither room for 256 nor time for single bits.
_CRC = tuple([0x1021 * nibble for nibble in range(16)])
BODY_SIZE = 19


def crc16(data: bytes, crc: int = 0xFFFF) -> int:
    """Return CRC-16/CCITT-FALSE (polynomial 0x1021, initial 0xFFFF, no reflection)."""
    if crc_hqx is not None:
        return crc_hqx(data, crc)
    for byte in data:
        crc = (crc << 4 & 0xFFFF) ^ _CRC[crc >> 12 ^ byte >> 4]
        crc = (crc << 4 & 0xFFFF) ^ _CRC[crc >> 12 ^ byte & 15]
    return crc


def log2_code(value: int, top: int) -> int:
    """Return the smallest n with `value` < 2**n, at most `top`: an age or an uncertainty, not understated."""
    code = 0
    while value >> code and code < top:
        code += 1
    return code


class Record:
    """The head of every record. `body` is 19 bytes; their meaning depends on `kind`."""

    def __init__(self, kind: int, seq: int, seconds: int, offset: int, trust: int, uncertainty: int, body: bytes = b""):
        """`seconds`: Unix UTC, or uptime when UNSET; `offset`: quarter hours; `uncertainty`: log2 code of 1/4 s."""
        self.kind = kind
        self.version = VERSION
        self.seq = seq
        self.seconds = seconds
        self.offset = offset
        self.trust = trust
        self.uncertainty = uncertainty
        self.body = body

    def pack(self) -> bytes:
        """Return the 32 bytes; ValueError when a field does not fit."""
        if not (
            0 < self.kind < 32 and 0 <= self.version < 7 and 0 < self.seq < 1 << 32 and 0 <= self.seconds < 1 << 32
        ):
            raise ValueError("record head out of range")
        if not (-64 <= self.offset <= 64 and 0 <= self.trust <= 2 and 0 <= self.uncertainty <= MAX_UNCERTAINTY_CODE):
            raise ValueError("record clock out of range")
        if len(self.body) > BODY_SIZE:
            raise ValueError("record body too long")
        packed = struct.pack(
            _HEAD,
            self.version << 5 | self.kind,
            self.seq,
            self.seconds,
            self.offset,
            self.trust << 6 | self.uncertainty,
        )
        packed += self.body + bytes(BODY_SIZE - len(self.body))
        return packed + struct.pack("<H", crc16(packed))


def valid(raw: bytes) -> bool:
    """Return True if `raw` is 32 bytes with a right CRC; erased flash (all ones) is not valid."""
    return len(raw) == SIZE and raw[0] != 0xFF and crc16(raw[:30]) == raw[30] | raw[31] << 8


def unpack(raw: bytes) -> Record:
    """Return the head and body of any valid record, known kind or not; ValueError when the CRC is wrong."""
    if not valid(raw):
        raise ValueError("torn or corrupt record")
    first, seq, seconds, offset, clock, body = struct.unpack(_HEAD_AND_BODY, raw[:30])
    record = Record(first & 31, seq, seconds, offset, clock >> 6, clock & 63, body)
    record.version = first >> 5
    return record


class Crossing:
    """The body of a crossing record: who passed, which way, how the card was proven, what was shown."""

    def __init__(
        self, uid: bytes = b"", direction: int = ENTRY, party: int = 1, assurance: int = NONE, counter: int = 0
    ):
        self.uid = uid
        self.direction = direction
        self.party = party
        self.assurance = assurance
        self.counter = counter
        self.online = False
        self.verdict = UNVERIFIABLE
        self.reasons = 0
        self.causes = 0
        self.roster_age = 0
        self.rule_version = 0

    def pack(self) -> bytes:
        """Return the 19 bytes of the body; ValueError when a field does not fit."""
        if len(self.uid) not in UID_SIZES:
            raise ValueError("a card UID has 0, 4, 7 or 10 bytes")
        if not (1 <= self.party <= MAX_PARTY and 0 <= self.counter <= MAX_COUNTER and 0 <= self.verdict <= 2):
            raise ValueError("crossing out of range")
        if not (0 <= self.reasons < 1 << 13 and 0 <= self.causes < 1 << 5 and 0 <= self.roster_age < 32):
            raise ValueError("crossing verdict out of range")
        flags = self.direction | self.assurance << 1 | UID_SIZES.index(len(self.uid)) << 3 | self.online << 5
        why = self.reasons | self.causes << 13 | self.roster_age << 18
        return (
            bytes([flags])
            + self.uid
            + bytes(10 - len(self.uid))
            + struct.pack("<I", self.counter)[:3]
            + bytes([self.party | self.verdict << 4])
            + struct.pack("<I", why)[:3]
            + bytes([self.rule_version])
        )


def unpack_crossing(body: bytes) -> Crossing:
    """Return the crossing in a 19-byte body."""
    flags = body[0]
    crossing = Crossing(bytes(body[1 : 1 + UID_SIZES[flags >> 3 & 3]]), flags & 1, body[14] & 15, flags >> 1 & 3)
    crossing.counter = body[11] | body[12] << 8 | body[13] << 16
    crossing.online = bool(flags >> 5 & 1)
    crossing.verdict = body[14] >> 4 & 3
    why = body[15] | body[16] << 8 | body[17] << 16
    crossing.reasons = why & 0x1FFF
    crossing.causes = why >> 13 & 31
    crossing.roster_age = why >> 18 & 31
    crossing.rule_version = body[18]
    return crossing


def pack_outcome(crossing_seq: int, outcome: int, party: int) -> bytes:
    """Return the body of an outcome record: which crossing, what the guard did, how many persons."""
    if not (0 < crossing_seq < 1 << 32 and 0 <= outcome < len(OUTCOMES) and 1 <= party <= MAX_PARTY):
        raise ValueError("outcome out of range")
    return struct.pack("<IBB", crossing_seq, outcome, party)


def unpack_outcome(body: bytes) -> tuple[int, int, int]:
    """Return (crossing sequence, outcome, party)."""
    crossing_seq, outcome, party = struct.unpack("<IBB", body[:6])
    return crossing_seq, outcome, party


def pack_clock_set(before_s: int, source: int) -> bytes:
    """Return the body of a clock-set record: what the clock showed before; the head holds the new time."""
    return struct.pack("<IB", before_s, source)


def unpack_clock_set(body: bytes) -> tuple[int, int]:
    """Return (what the clock showed before, source)."""
    before_s, source = struct.unpack("<IB", body[:5])
    return before_s, source
