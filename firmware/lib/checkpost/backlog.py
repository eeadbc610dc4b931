"""What a board still has to deliver: oldest first, around what the gateway already has in memory."""

from checkpost import chain
from checkpost.carrier import Carrier
from checkpost.const import const
from checkpost.limits import WINDOW_RECORDS
from checkpost.record import SIZE
from checkpost.ticks import elapsed_ms
from checkpost.upward import Base, Batch

_PARTED = const(-2)  # as `_head_seq`: the chain of what was sent is not the journal's own any more
_GAP_STALLS = const(2)  # turns in a row that moved nothing, before an unreadable record is looked for


class Backlog:
    """Cuts batches from a journal. Starts to deliver once the gateway said what it holds."""

    def __init__(self, source: object, carrier: Carrier):
        """`source`: as `Journal` below."""
        self._carrier = carrier
        self._source: Journal = source  # type: ignore[assignment]
        self._head_seq = -1
        self._head = b""
        self._own_from = 0  # first sequence of this start, until a gateway said what it holds; 0: not known
        self.back_to = 0  # first sequence of which a gateway holds another record, since this start; 0: none
        self.reset()

    def started(self) -> None:
        """The journal was read: what it writes from here on no gateway can hold before it was delivered."""
        self._own_from = self._source.next_seq

    def reset(self) -> None:
        """Forget what the gateway said: a new session."""
        self.known = False
        self.gateway_seq = 0
        self.centre_seq = 0
        self._held: list[tuple[int, int]] = []
        self._cursor = 0
        self._delivering = False
        self._carried = False  # this turn brought records to the gateway
        self._progress = False  # and it has more than when the turn began
        self._stalled = 0  # answered turns in a row that carried records for nothing
        self._stall_ms = 0

    def acked(self, gateway_seq: int, centre_seq: int, held: list[tuple[int, int]]) -> bool:
        """Take an ack; return True if a durable sequence rose. Late acks take nothing back."""
        never_delivered = self._own_from or self.back_to or self._source.next_seq
        if gateway_seq >= never_delivered:
            self.back_to = never_delivered
        self._own_from = 0
        if self.known and gateway_seq < self.gateway_seq:
            return False
        rose = not self.known or gateway_seq > self.gateway_seq or centre_seq > self.centre_seq
        if not self.known or gateway_seq > self.gateway_seq or held != self._held:
            self._progress = True
        self.known = True
        self.gateway_seq = gateway_seq
        self.centre_seq = max(self.centre_seq, centre_seq)
        self._held = held
        return rose

    @property
    def conflict(self) -> bool:
        """True when the gateway holds what this journal never wrote: beyond its end, or of a start that was silent."""
        return bool(self.back_to)

    def begin_turn(self, now_ms: int) -> object:
        """Start with the oldest record that the gateway lacks; return what is to be said before it, or None: a Base
        where the journal begins later, a Gap where it cannot read all that it wrote."""
        self._cursor = self.gateway_seq + 1
        self._carried = False
        self._progress = False
        self._delivering = self._may_deliver(now_ms)
        if not self._delivering:
            return None
        self._stall_ms = now_ms
        if not self._cut_off():
            if self._head_seq != _PARTED and self._stalled < _GAP_STALLS:
                return None
            from checkpost.gap import find  # only a board that met such a record loads it

            self._head_seq = -1  # what follows goes on from the journal's own chain
            return find(self._source, self.gateway_seq)
        first = self._source.oldest_seq
        head = self._source.head_at(first - 1)
        self._carried = True
        return Base(self._source.epoch, first, head) if head else None

    def end_turn(self) -> None:
        """The turn was answered: a gateway that took nothing is left in peace, longer each time."""
        if self._carried:
            self._stalled = 0 if self._progress else min(self._stalled + 1, 8)

    def hurry(self) -> None:
        """Deliver at once again."""
        self._stalled = 0

    def due(self, now_ms: int) -> bool:
        """Return True if a turn should begin for the records that wait."""
        if not self._may_deliver(now_ms):
            return False
        return self._cut_off() or self._run(self.gateway_seq + 1) is not None

    def more(self) -> bool:
        """Return True if this turn has more to say."""
        return self._delivering and self._run(self._cursor) is not None

    def batch(self, room: int) -> Batch | None:
        """Return the next batch of at most `room` records of this turn, or None."""
        first, records = self.peek(room)
        head = self.take(first, records) if records else None
        return Batch(self._source.epoch, first, records, head[: chain.SHORT_SIZE]) if head else None

    def peek(self, most: int) -> tuple[int, bytes]:
        """Return (first sequence, records), at most `most`, that this turn would send next; b"" when none."""
        run = self._run(self._cursor) if self._delivering else None
        if run is None or most < 1:
            return 0, b""
        first, last = run
        records = bytearray(SIZE * min(most, last - first + 1))
        count = self._source.read_into(first, records)
        if not count:
            self._give_up()
        begin, _ = self._source.section()
        if first < begin < first + count:
            count = begin - first  # a batch ends where a sector ends: there the journal knows its chain from itself
        return first, bytes(records[: count * SIZE])

    def take(self, first: int, records: bytes) -> bytes | None:
        """Go on behind records that are being sent; return the chain head after them, None when nobody knows it."""
        head = self._head_after(first, records)
        if head is None:
            self._give_up()
            return None
        self._carried = True
        self._cursor = first + len(records) // SIZE
        return head

    def seal(self) -> tuple[int, int, bytes] | None:
        """Return (sequence, key generation, seal) over the chain up to the last record that was taken; None without."""
        if not self._head:
            return None
        generation, signature = self._source.seal_of(self._head_seq, self._head)
        return (self._head_seq, generation, signature) if signature else None

    @property
    def stalled(self) -> int:
        """How many turns in a row carried records for nothing."""
        return self._stalled

    def _give_up(self) -> None:
        """Send no more in this turn: the journal reports what it cannot read; here it only must not stop the line."""
        self._carried = True
        self._delivering = False

    def _may_deliver(self, now_ms: int) -> bool:
        if not self._stalled:
            return True
        return elapsed_ms(now_ms, self._stall_ms) >= self._stall_wait_ms()

    def _stall_wait_ms(self) -> int:
        return min(self._carrier.stall_ms << self._stalled - 1, self._carrier.stall_max_ms)

    def _cut_off(self) -> bool:
        """Return True if the journal begins after what the gateway holds."""
        return self.known and not self.conflict and self._source.oldest_seq > self.gateway_seq + 1

    def _run(self, first: int) -> tuple[int, int] | None:
        """Return (first, last) of the next run to send, at or after `first`."""
        if not self.known or self._source.oldest_seq > self.gateway_seq + 1:
            return None
        last = min(self._source.next_seq - 1, self.gateway_seq + WINDOW_RECORDS)
        for begin, end in self._held:
            if begin <= first <= end:
                first = end + 1
            elif first < begin <= last:
                last = begin - 1
        return (first, last) if first <= last else None

    def _head_after(self, first: int, records: bytes) -> bytes | None:
        """Return the chain head after a run, None past an unreadable record; asks the journal at the first run only."""
        before: bytes | None = self._head if self._head_seq == first - 1 else None
        begin, head = self._source.section()
        if before is not None and begin == first and before != head:
            self._head_seq = _PARTED  # the sector before was not sent as it was written: that is said first
            return None
        before = before or self._source.head_at(first - 1)
        if before is None:
            return None
        self._head = chain.extend(before, records)
        self._head_seq = first + len(records) // SIZE - 1
        return self._head


class Journal:
    """What the link needs of a journal; `kiosk.journal.Journal` has it, and tests have their own."""

    epoch: int
    next_seq: int
    oldest_seq: int

    def read_into(self, first_seq: int, buffer: bytearray) -> int:
        """Fill `buffer` with consecutive records from `first_seq`, read or not; return how many."""
        raise NotImplementedError

    def section(self) -> tuple[int, bytes]:
        """Return the first sequence of the sector that `read_into` read last, and the chain head before it; 0: none."""
        raise NotImplementedError

    def seal_of(self, seq: int, head: bytes) -> tuple[int, bytes | None]:
        """Return (key generation, 8-byte seal) over the chain that ends with `head` after `seq`; None without a key."""
        raise NotImplementedError

    def head_at(self, seq: int) -> bytes | None:
        """Return the 32-byte chain head after `seq`, over what can be read; None when nobody knows it."""
        raise NotImplementedError
