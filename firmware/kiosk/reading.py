"""Finds and reads the records of one epoch in the ring: by halving to the sector, then straight on."""

import struct

from checkpost import chain, record
from kiosk.sectors import BLANK_SLOT, PAGE, RECORDS, SLOT, last_true
from kiosk.state import FIRST_SLOT


class Section:
    """One sector's run of records: `first` to before `end`; `dense` when no slot between them is torn."""

    def __init__(self, header, end, dense):
        self.counter = header.counter
        self.head = header.head
        self.first = header.first_seq
        self.end = end
        self.dense = dense


class Reading:
    """A reader over a ring, bounded by the journal's State."""

    def __init__(self, ring, state):
        self._ring = ring
        self._state = state
        self._section = None
        self._head = None  # last computed, after _head_seq: draining asks for one after the other
        self._head_seq = 0
        self._buf = bytearray(PAGE)

    def forget(self):
        """Drop what is remembered: the ring changed."""
        self._section = None

    def locate(self, seq):
        """Return the header of the sector with the last first_seq <= `seq`."""
        newest = self._state.newest
        if newest.first_seq <= seq:
            return newest
        oldest = self._state.first.counter
        return self._ring.header(
            last_true(oldest, newest.counter, lambda at: self._starts_by(at, seq), self._ring.size)
        )

    def read_into(self, first_seq, buf):
        """Fill `buf` with records from `first_seq` on, across sectors; return how many the journal keeps.

        One that cannot be read is given as its slot reads, and as BLANK_SLOT where no slot is known to be its own."""
        view = memoryview(buf)
        wanted = len(buf) // SLOT
        done = 0
        while done < wanted:
            seq = first_seq + done
            section = self._find(seq)
            if section is None:
                break
            count = min(wanted - done, section.end - seq) if section.dense else 1
            got = self._take(section, seq, view[done * SLOT : (done + count) * SLOT], count)
            done += got
            if got < count:
                break
        return done

    def head_at(self, seq):
        """Return the chain head after `seq`, from its sector's own on; over what is read of a record that is lost."""
        if not (self._state.first.first_seq - 1 <= seq < self._state.next_seq):
            raise ValueError("the journal does not keep record %d" % seq)
        section = self._find(seq + 1)
        if self._head is None or not section.first - 1 <= self._head_seq <= seq:
            self._head = section.head
            self._head_seq = section.first - 1
        while self._head_seq < seq:
            view = memoryview(self._buf)[: min(len(self._buf), (seq - self._head_seq) * SLOT)]
            count = self.read_into(self._head_seq + 1, view)
            if count == 0:
                self._head = None
                break
            self._head = chain.extend(self._head, view[: count * SLOT])
            self._head_seq += count
        return self._head

    def _starts_by(self, counter, seq):
        header = self._ring.header(counter)
        return None if header is None else self._state.of_this(header) and header.first_seq <= seq

    def _find(self, seq):
        """Return the Section that holds `seq`, None when the journal does not keep it."""
        section = self._section
        if section and section.first <= seq < section.end and section.dense:
            return section
        newest, next_seq = self._state.newest, self._state.next_seq
        if not self._state.first.first_seq <= seq < next_seq:
            return None
        if section and section.first <= seq < section.end and section.counter != newest.counter:
            return section
        header = self.locate(seq)
        if header.counter == newest.counter:
            section = Section(header, next_seq, self._state.torn == 0)
        else:
            end = self._ring.after(header.counter, newest).first_seq
            section = Section(header, end, end - header.first_seq == RECORDS)
        self._section = section
        return section

    def _take(self, section, seq, view, count):
        """Read `count` records of one section into `view`; return how many that were."""
        if section.dense:
            self._ring.read_into(section.counter, FIRST_SLOT + seq - section.first, view)
            for index in range(count):
                slot = view[index * SLOT : index * SLOT + SLOT]
                if struct.unpack("<I", slot[1:5])[0] != seq + index and record.valid(slot):
                    slot[:] = BLANK_SLOT
            return count
        if not self._search(section, seq, view):
            view[:] = BLANK_SLOT
        return 1

    def _search(self, section, seq, view):
        """Read the slot of `seq` where some slots before it are torn: they only push it further on."""
        for at in range(seq - section.first, RECORDS):
            self._ring.read_into(section.counter, FIRST_SLOT + at, view)
            if struct.unpack("<I", view[1:5])[0] == seq and record.valid(view):
                return True
        return False
