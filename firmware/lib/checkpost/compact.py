"""A compact batch: records told by what changes, rebuilt bit by bit at the other end. SPEC.md, "Compact batches"."""

from checkpost.fields import MessageError
from checkpost.limits import COMPACT_RECORDS, SECTOR_RECORDS
from checkpost.messages import TO_THE_END
from checkpost.model import Model
from checkpost.priors import PRIORS
from checkpost.rangecoder import Decoder, Encoder
from checkpost.record import CROSSING, SIZE, log2_code, unpack_crossing

COMPACT = 0x05
_HEAD_SIZE = 3  # of 24 bits: first sequence (its low 12), slot bits (4), sealed (1), spare (1), count (6)
_CHAIN_SIZE = 4
_SEAL_SIZE = 8
SEAL_ROOM = _SEAL_SIZE + 2  # with the generation of its key
_MAX_SLOT_BITS = 15
_SEQ_BITS = 12
_BEHIND = 1 << 10  # a batch may begin this far before what the gateway expects next, and three times as far behind


class Compact:
    """A compact batch as it came: nothing of it is rebuilt yet. `head4`: of the chain head after its last record."""

    TYPE = COMPACT

    def __init__(self, body: bytes):
        """MessageError for a body that cannot be one."""
        if len(body) < _HEAD_SIZE + _CHAIN_SIZE:
            raise MessageError("compact batch cut short")
        head = body[0] | body[1] << 8 | body[2] << 16
        self._low_seq = head & (1 << _SEQ_BITS) - 1
        self._slot_bits = head >> 12 & 15
        self.count = (head >> 18) + 1
        self.head4 = bytes(body[_HEAD_SIZE : _HEAD_SIZE + _CHAIN_SIZE])
        at = _HEAD_SIZE + _CHAIN_SIZE
        self.excess = 0
        self.seal = b""
        if head >> 16 & 1:
            self.excess, at = _read_excess(body, at)
            self.seal = bytes(body[at : at + _SEAL_SIZE])
            at += _SEAL_SIZE
        self.coded = bytes(body[at:])
        if len(self.seal) % _SEAL_SIZE:
            raise MessageError("seal cut short")

    def first_seq(self, expected: int) -> int:
        """Return the full sequence of the first record: near what is `expected` next. MessageError below 1."""
        first = expected - _BEHIND + (self._low_seq - expected + _BEHIND & (1 << _SEQ_BITS) - 1)
        if first < 1:
            raise MessageError("no such sequence")
        return first

    def records(self, first_seq: int, utc_s: int, uid_of: object) -> bytes:
        """Return the records, 32 bytes each; `uid_of(slot)` -> UID or b"". MessageError when they cannot be rebuilt."""
        model = Model(Decoder(PRIORS, self.coded), first_seq, utc_s, self._slot_bits, uid_of)
        return b"".join([model.record(b"") for _ in range(self.count)])


class Packing:
    """Lays consecutive records into one compact batch of at most `room` bytes."""

    def __init__(self, first_seq: int, records: bytes, utc_s: int, slot_of: object):
        """`utc_s`: of the status; `slot_of(uid)` -> slot on the roster, or 0; None: cards are told by UID."""
        self._first_seq = first_seq
        self._records = records
        self._utc_s = utc_s
        self._slots: dict[bytes, int] = {}
        if slot_of:
            self._look_up(slot_of)
        self._slot_bits = log2_code(max(self._slots.values()), _MAX_SLOT_BITS) if self._slots else 0
        self.count = 0  # records that fit
        self._coded = b""

    def fill(self, room: int) -> bool:
        """Lay as many records as fit `room` bytes, the type included; return False when none does."""
        coder = Encoder(PRIORS)
        model = Model(coder, self._first_seq, self._utc_s, self._slot_bits, lambda uid: self._slots.get(uid, 0))
        self.count = 0
        for at in range(min(len(self._records) // SIZE, COMPACT_RECORDS)):
            model.record(self._records[at * SIZE : at * SIZE + SIZE])
            coded = coder.finish()
            if 1 + _HEAD_SIZE + _CHAIN_SIZE + len(coded) > room:
                break
            self.count = at + 1
            self._coded = coded
        return self.count > 0

    def pack(self, head: bytes, sealed: tuple[int, int, bytes] | None) -> bytes:
        """Return the packed message, to be the last of its payload. `head`: of the chain after the last record;
        `sealed`: as Backlog.seal gives it, or None."""
        excess = excess_of(sealed[1], sealed[0]) if sealed else -1
        seal = sealed[2] if sealed and excess >= 0 else b""
        first = self._first_seq & (1 << _SEQ_BITS) - 1
        bits = first | self._slot_bits << 12 | (1 << 16 if seal else 0) | self.count - 1 << 18
        body = bits.to_bytes(_HEAD_SIZE, "little") + head[:_CHAIN_SIZE]
        if seal:
            body += _excess(excess) + seal
        return bytes([TO_THE_END | COMPACT]) + body + self._coded

    def _look_up(self, slot_of: object) -> None:
        for at in range(0, len(self._records), SIZE):
            raw = self._records[at : at + SIZE]
            if raw[0] & 31 == CROSSING:
                uid = unpack_crossing(raw[11:30]).uid
                slot = slot_of(uid) if uid and uid not in self._slots else 0  # type: ignore[operator]
                if 0 < slot < 1 << _MAX_SLOT_BITS:
                    self._slots[uid] = slot


def excess_of(generation: int, seq: int) -> int:
    """Return a seal key's generation beyond the sectors that `seq` records fill at least; -1: cannot be told."""
    excess = generation - (seq - 1) // SECTOR_RECORDS
    return excess if 0 <= excess < 1 << 15 else -1


def generation_of(excess: int, seq: int) -> int:
    """Return the generation that an excess stands for."""
    return excess + (seq - 1) // SECTOR_RECORDS


def _excess(excess: int) -> bytes:
    return bytes([excess]) if excess < 0x80 else bytes([0x80 | excess >> 8, excess & 0xFF])


def _read_excess(body: bytes, at: int) -> tuple[int, int]:
    """Return (excess, place after it)."""
    raw = body[at : at + 2] + bytes(2)
    return (raw[0], at + 1) if raw[0] < 0x80 else ((raw[0] & 0x7F) << 8 | raw[1], at + 2)
