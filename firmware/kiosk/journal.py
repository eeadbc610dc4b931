"""The journal: what a board wrote down, durable on raw NOR flash before anybody is told. SPEC.md, "Journal".

A ring of sectors, filled one after the other; a record is programmed into erased flash and never changed. `flash` has
the methods of the W25Q driver (read_into, program, erase_start, busy, wait).
"""

from checkpost import chain
from checkpost.const import const
from checkpost.once import forget
from checkpost.record import valid
from checkpost.seal import pack_slot
from kiosk.ahead import Ahead
from kiosk.errors import JournalFault, JournalFull
from kiosk.flashmap import JOURNAL_FIRST, JOURNAL_SECTORS, SEAL_KEY_FIRST
from kiosk.reading import Reading
from kiosk.sealkey import SealKey
from kiosk.sectors import RECORDS, SEAL_SLOT, SLOT, Header, Ring
from kiosk.space import Space
from kiosk.state import FIRST_SLOT, State

__all__ = ["Journal", "JournalFault", "JournalFull"]

_TRIES = const(3)  # sectors that one append may spoil before the chip counts as broken
_MAX_FAULTS = const(8)  # sentences kept for the technician
_QUIET_MS = const(1000)  # without an append, before an erase (45 to 400 ms) may begin
_RUSH = RECORDS // 2  # slots used in the newest sector, from which on needed erases no longer wait for quiet
_TICKS_MASK = const(0x1FFFFFFF)  # half of the shortest period of ticks_ms, 2**30


class Journal:
    """One board's records of one epoch. Sequence numbers start at 1; records are 32 bytes."""

    def __init__(
        self,
        flash,
        board,
        epoch,
        seal_key=None,
        key_first=SEAL_KEY_FIRST,
        first_sector=JOURNAL_FIRST,
        sectors=JOURNAL_SECTORS,
    ):
        """`seal_key`: the 32 bytes of provisioning, used only while the flash holds none for this board and epoch."""
        self.board = board
        self.epoch = epoch
        self.faults = []  # sentences for the log and the technician, oldest dropped
        self.ring = Ring(flash, first_sector, sectors)
        self._flash = flash
        self._provisioned = seal_key
        self._key = SealKey(flash, key_first, board, epoch)
        self._active = True  # an append since the last step
        self._quiet_since_ms = 0
        self._set(State(board, epoch))

    def _set(self, state):
        self._state = state
        self._reading = Reading(self.ring, state)
        self._space = Space(self.ring, self._reading, state)
        self._ahead = Ahead(self._flash, self.ring, self._space.may_free, self._report)
        self._ahead.open(state.counter + 1)

    @property
    def next_seq(self):
        """Return the sequence that the next record gets."""
        return self._state.next_seq

    @property
    def oldest_seq(self):
        """Return the first sequence still kept; next_seq while there is no record."""
        return self._state.oldest_seq()

    @property
    def gateway_seq(self):
        """Return up to where the gateway holds this epoch, as last told or as the newest sector remembers."""
        return self._state.gateway_seq

    @property
    def centre_seq(self):
        """Return up to where the centre holds this epoch, as last told or as the newest sector remembers."""
        return self._state.centre_seq

    @property
    def torn(self):
        """Return how many slots of the newest sector a power cut spoiled."""
        return self._state.torn

    def open(self):
        """Find the end of the journal in bounded reads; return a State. Raises JournalFault, ChipError."""
        reads = self.ring.reads
        found = _recovered(self.ring, self.board, self.epoch)
        found.reads = self.ring.reads - reads
        self._set(found)
        for fault in found.faults:
            self._report(fault)
        if not self._key.open(self._provisioned, found.newest.generation if found.newest else 0):
            self._report("no seal key: sectors go without a seal until the board is provisioned again")
        return found

    def append(self, record):
        """Number a checkpost.record.Record, write it, read it back and return its sequence; then it is durable.

        Raises JournalFull, JournalFault (the flash does not keep what is written), ChipError, ValueError (no record).
        """
        state = self._state
        record.seq = state.next_seq
        raw = record.pack()
        self._active = True
        for _ in range(_TRIES):
            if state.used == RECORDS and not self._roll():
                continue
            if self._write(raw):
                state.head = chain.link(state.head, raw)
                state.next_seq += 1
                return record.seq
            self._report("journal sector %d does not keep what is written and is closed" % state.counter)
        raise JournalFault("the journal flash does not keep what is written: replace the chip")

    def head(self):
        """Return the chain head, 32 bytes, after the newest record."""
        return self._state.head

    def head_at(self, seq):
        """Return the chain head after record `seq`, from oldest_seq - 1 to the newest.

        At most 125 records are read for it, none when asked in order. ValueError when the journal does not keep `seq`.
        """
        if seq == self._state.next_seq - 1:
            return self._state.head
        if self._state.newest is None:
            raise ValueError("the journal does not keep record %d" % seq)
        return self._reading.head_at(seq)

    def read(self, seq):
        """Return the 32 bytes of a record, None when it is not kept or cannot be read."""
        raw = bytearray(SLOT)
        return bytes(raw) if self.read_into(seq, raw) and valid(raw) else None

    def read_into(self, first_seq, buf):
        """Fill `buf` (n * 32 bytes) with records from `first_seq` on, without a gap; return how many.

        Where no slot was torn only their numbers are checked, which is fast; the chain proves the rest at the gateway.
        A record that cannot be read comes as SPEC.md, "Gaps", says.
        """
        return self._reading.read_into(first_seq, buf) if self._state.newest else 0

    def section(self):
        """Return (first sequence, chain head before it) of the sector that `read_into` read last; (0, b""): none."""
        found = self._reading._section
        return (found.first, found.head) if found else (0, b"")

    def release(self, gateway_seq, centre_seq):
        """Say up to which record the gateway and the centre hold this epoch durably; 0 is none. Costs no flash write.

        The latest word counts, also a lower one (a gateway that lost its disk). A restart goes on from what the newest
        sector remembers of it.
        """
        state = self._state
        state.gateway_seq = min(gateway_seq, state.next_seq - 1)
        state.centre_seq = min(centre_seq, state.next_seq - 1)
        self._space.changed()

    def release_earlier(self):
        """Give up the records of earlier epochs, once a technician read them out; kept from the next sector on."""
        self._state.let_go = True
        self._space.changed()

    def fill_percent(self):
        """Return how much of the ring waits for the gateway's acknowledgement; warn at 80 and 95."""
        return self._space.fill_percent()

    def seal(self):
        """Return (sequence, key generation, 8-byte seal) over the chain so far; the seal is None without a key."""
        seq = self._state.next_seq - 1
        return (seq,) + self.seal_of(seq, self._state.head)

    def seal_of(self, seq, head):
        """Return (key generation, 8-byte seal or None) over the chain that ends with `head` after record `seq`."""
        return self._key.generation, self._key.seal(seq, head)

    def step(self, now_ms):
        """Do a bounded slice of the quiet work: close a full sector, erase ahead, erase the used seal key.

        To be called while no card is at the reader. Raises JournalFault, ChipError.
        """
        if self._active:
            self._active = False
            self._quiet_since_ms = now_ms
        if self._flash.busy():
            return
        rush = self._state.used >= _RUSH and (not self._ahead.ready or self._key.pending())
        if not rush and (now_ms - self._quiet_since_ms) & _TICKS_MASK < _QUIET_MS:
            return
        if self._ahead.needed():
            self._ahead.step()
            self._note_lost()
        elif self._key.pending():
            self._key.step()
        elif self._state.used == RECORDS and self._ahead.ready:
            self._roll()

    def _write(self, raw):
        """Program the next slot; return True if it reads back right. A sector that failed once is not written again."""
        slot = FIRST_SLOT + self._state.used
        self._state.used = RECORDS  # unless it works: what a broken write left must never be read as a record
        right = self.ring.write(self._state.counter, slot, raw)
        if right:
            self._state.used = slot - FIRST_SLOT + 1
        return right

    def _roll(self):
        """Close the newest sector and begin the next: seal, next key, header, used key wiped. Return True if it did."""
        self._close()
        state = self._state
        counter = self._ahead.take()
        self._note_lost()
        generation = state.newest.generation + 1 if state.newest else self._key.generation
        while self._key.generation < generation:
            self._key.advance()
        acknowledged = (state.gateway_seq, state.centre_seq, state.let_go)
        header = Header(counter, self.board, self.epoch, generation, state.next_seq, state.head, *acknowledged)
        if not self.ring.begin(header):
            self._report("journal sector %d does not keep its header and is left out" % counter)
            return False
        state.begin(header)
        self._space.changed()
        self._reading.forget()
        self._key.wipe()
        if self._key.broken:
            self._report("the seal key's sectors do not keep it: the used key is not erased any more")
        return True

    def _close(self):
        """Seal the newest sector, once."""
        state = self._state
        if state.sealed:
            return
        state.sealed = True
        seq, generation, signature = self.seal()
        if signature:
            slot = pack_slot(self.board, self.epoch, seq, generation, signature)
            if not self.ring.write(state.counter, SEAL_SLOT, slot):
                self._report("the seal of journal sector %d cannot be read back" % state.counter)

    def _note_lost(self):
        """Move the tail past a sector that was freed."""
        if self._ahead.lost is not None:
            self._state.drop(self._ahead.lost, self.ring)
            self._ahead.lost = None
            self._reading.forget()
            self._space.changed()

    def _report(self, fault):
        if fault not in self.faults:
            self.faults = (self.faults + [fault])[-_MAX_FAULTS:]


def _recovered(ring, board, epoch):
    """Return the State that a restart finds; what finds it is needed no more then."""
    from kiosk.recovery import recover

    try:
        return recover(ring, board, epoch)
    finally:
        forget("kiosk.recovery")
