"""Where a journal stands, and how that is found again after a restart, in bounded reads."""

import struct

from checkpost import chain
from checkpost.record import valid
from kiosk.errors import JournalFault
from kiosk.sectors import BLANK_SLOT, PAGE, RECORDS, SEAL_SLOT, SLOT, last_true

FIRST_SLOT = 2  # the header takes two


class State:
    """Where the journal of one board's epoch stands in its ring. As `open` returns it, it tells what was found."""

    def __init__(self, board, epoch):
        self.board = board
        self.epoch = epoch
        self.tail = None  # header of the oldest sector in the ring, of any epoch
        self.first = None  # header of the oldest sector of this epoch
        self.newest = None  # header of the newest sector of this epoch
        self.counter = -1  # number of the newest sector of any epoch
        self.next_seq = 1
        self.head = chain.start(board, epoch)
        self.used = RECORDS  # slots of the newest sector, torn ones included
        self.torn = 0  # of these: spoiled by a power cut, skipped
        self.lost = 0  # records of the newest sector that were whole once and cannot be read any more
        self.sealed = True
        self.gateway_seq = 0  # acknowledged by the gateway, as last told or as the newest sector remembers
        self.centre_seq = 0
        self.let_go = False  # a technician gave up the records of earlier epochs
        self.reads = 0  # flash operations of the recovery
        self.faults = []

    def oldest_seq(self):
        """Return the first sequence still kept; next_seq while there is no record."""
        return self.first.first_seq if self.first else self.next_seq

    def of_this(self, header):
        """Return True if a sector is of this board and epoch."""
        return header.of(self.board, self.epoch)

    def begin(self, header):
        """Take a new sector, just begun, as the newest."""
        self.newest = header
        self.counter = header.counter
        self.used = 0
        self.torn = 0
        self.sealed = False
        self.tail = self.tail or header
        self.first = self.first or header

    def drop(self, counter, ring):
        """Move the tail past sector `counter`, which was freed."""
        while self.tail.counter <= counter < self.counter:
            self.tail = _any_after(ring, self.tail.counter, self)
        if self.newest and self.of_this(self.tail):
            self.first = self.tail


def recover(ring, board, epoch):
    """Return the State of a ring. A board or epoch that the newest sector does not have begins a new chain after it."""
    state = State(board, epoch)
    newest = ring.newest()
    if newest:
        state.counter = newest.counter
        state.tail = ring.oldest(newest)
        if state.of_this(newest):
            _continue(ring, state, newest)
        else:
            _check_unused(ring, state)
    state.reads = ring.reads
    return state


def _continue(ring, state, newest):
    state.newest = newest
    state.gateway_seq = newest.gateway_seq
    state.centre_seq = newest.centre_seq
    state.let_go = newest.let_go
    state.first = state.tail
    if not state.of_this(state.tail):
        last = last_true(state.tail.counter, newest.counter, lambda at: _foreign(ring, state, at), ring.size)
        state.first = ring.after(last, newest)
    walk(ring, state)
    slot = bytearray(SLOT)
    ring.read_into(newest.counter, SEAL_SLOT, slot)
    if slot != BLANK_SLOT:
        state.sealed = True
        state.used = RECORDS  # what is sealed is closed


def _any_after(ring, counter, state):
    """Return the Header of the first readable sector after `counter`, of any epoch."""
    if state.newest:
        return ring.after(counter, state.newest)
    while True:
        counter += 1
        header = ring.header(counter)
        if header or counter >= state.counter:
            return header


def _foreign(ring, state, counter):
    header = ring.header(counter)
    return None if header is None else not state.of_this(header)


def _check_unused(ring, state):
    """Raise JournalFault if an earlier chain on this chip had the same name: nobody could tell them apart."""
    for place in range(ring.size):
        header = ring.header_at(place)
        if header and state.of_this(header):
            raise JournalFault(
                "board %d had epoch %d before: let the centre give it a new epoch" % (state.board, state.epoch)
            )


def walk(ring, state):
    """Go through the newest sector to the first blank slot: next sequence, head, torn slots, lost records."""
    state.next_seq = state.newest.first_seq
    state.head = state.newest.head
    state.sealed = False
    state.torn = 0
    page = bytearray(PAGE)
    at = last_good = 0
    spoiled = 0  # unreadable slots since the last good record
    for at in range(RECORDS + 1):
        place = FIRST_SLOT + at
        if at == RECORDS:
            break
        if at == 0 or place % 8 == 0:
            ring.read_into(state.newest.counter, place & ~7, page)
        raw = bytes(page[place % 8 * SLOT : place % 8 * SLOT + SLOT])
        if raw == BLANK_SLOT:
            break
        seq = struct.unpack("<I", raw[1:5])[0]
        if not (valid(raw) and state.next_seq <= seq <= state.next_seq + spoiled):
            spoiled += 1
            state.torn += 1
            continue
        if seq > state.next_seq:
            _note_lost(state, seq)
        state.head = chain.link(state.head, raw)
        state.next_seq = seq + 1
        spoiled = 0
        last_good = place
    state.used = at
    _strengthen(ring, state, last_good)


def _note_lost(state, seq):
    state.lost += seq - state.next_seq
    state.faults.append(
        "records %d to %d of the journal cannot be read: fetch the log, then provision with a new epoch"
        % (state.next_seq, seq - 1)
    )


def _strengthen(ring, state, place):
    """Program the newest record once more, unchanged: a cut at its end may leave cells that barely read right."""
    if place:
        raw = bytearray(SLOT)
        ring.read_into(state.newest.counter, place, raw)
        ring.write(state.newest.counter, place, raw)
