"""How a journal's end is found again after a restart, in bounded reads. Loaded for that alone (checkpost.once)."""

import struct

from checkpost import chain
from checkpost.record import valid
from kiosk.errors import JournalFault
from kiosk.sectors import BLANK_SLOT, PAGE, PROBES, RECORDS, SEAL_SLOT, SLOT, last_true
from kiosk.state import FIRST_SLOT, State


def recover(ring, board, epoch):
    """Return the State of a ring. A board or epoch that the newest sector does not have begins a new chain after it."""
    state = State(board, epoch)
    newest = find_newest(ring)
    if newest:
        state.counter = newest.counter
        state.tail = ring.after(max(0, newest.counter - ring.size + 1) - 1, newest)  # the oldest that is still whole
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
    state.head = chain.extend(state.head, BLANK_SLOT * (seq - state.next_seq))  # as the records are read from here on
    state.faults.append(
        "records %d to %d of the journal cannot be read: the gateway is told" % (state.next_seq, seq - 1)
    )


def _strengthen(ring, state, place):
    """Program the newest record once more, unchanged: a cut at its end may leave cells that barely read right."""
    if place:
        raw = bytearray(SLOT)
        ring.read_into(state.newest.counter, place, raw)
        ring.write(state.newest.counter, place, raw)


def find_newest(ring):
    """Return the newest Header by halving, by a scan where that cannot be trusted; None in an empty ring."""
    for start in range(min(PROBES + 1, ring.size)):
        base = ring.header_at(start)
        if base:
            return _newest_from(ring, start, base.counter // ring.size)
    return _scan(ring)


def _newest_from(ring, start, lap):
    """Search from a place that holds a sector of `lap`; places behind the newest are of the lap before."""
    place = last_true(start, ring.size, lambda at: _in_lap(ring, at, lap), PROBES)
    return ring.header_at(place) if _plausible(ring, place, lap) else _scan(ring)


def _in_lap(ring, place, lap):
    header = ring.header_at(place)
    return None if header is None else header.counter // ring.size == lap


def _plausible(ring, place, lap):
    """Return False where the search may have taken a row of bad sectors for the end."""
    for at in range(place + 1, min(place + 2 + PROBES, ring.size)):
        if ring.header_at(at) or (lap == 0 and ring.blank()):
            return True
    return place + 2 + PROBES >= ring.size


def _scan(ring):
    newest = None
    for place in range(ring.size):
        header = ring.header_at(place)
        if header and (newest is None or header.counter > newest.counter):
            newest = header
    return newest
