"""The count of a shift: what the journal says since the last change of guard, and the record that ends it.

Nothing is counted while the board works: the journal is the count, so a restart forgets none of it.
"""

from checkpost.record import (
    CROSSING,
    NO_OUTCOME,
    OUTCOME,
    SHIFT,
    SIZE,
    VERSION,
    unpack,
    unpack_crossing,
    unpack_outcome,
)
from checkpost.shift_record import pack_shift
from checkpost.ticks import elapsed_ms

SLICE = 16  # records read in one turn of the loop, so that a card or a button need not wait for the count
LOOK_BACK = 20_000  # records: five days of 2,000 crossings with nobody changing guard; the record says from where
PAGE_MS = 10_000  # how long the count is shown


class Shift:
    """The count of one shift, and its page on `face`. `log` as kiosk.log.Log."""

    def __init__(self, log, face, now_ms):
        self.counted = False
        self.ended = False
        self.verdicts = [0, 0, 0]
        self.outcomes = [0, 0, 0]  # admitted, referred, turned back
        self.persons = 0
        self._log = log
        self._face = face
        self._first = log.journal.next_seq  # all from here on is counted
        self._oldest = max(log.journal.oldest_seq, self._first - LOOK_BACK)
        self._outcome = None
        self._buf = bytearray(SLICE * SIZE)
        self._since_ms = now_ms
        face.sound("click", now_ms)
        face.shift(self)

    def step(self, now_ms):
        """Count a slice, then show what came to; return False once the page has stood long enough."""
        if not self.counted:
            self._since_ms = now_ms
            self._log.attempt(self._count)
            if self.counted:
                self._face.shift(self)
        return elapsed_ms(now_ms, self._since_ms) < PAGE_MS

    def end(self, now_ms):
        """Write the record that ends the shift, then say so; return False if the journal did not take it."""
        if not self.counted or self.ended:
            return True
        body = pack_shift(self._first, self.verdicts, self.outcomes, self.persons)
        self.ended = bool(self._log.write(SHIFT, body))
        if self.ended:
            self._since_ms = now_ms
            self._face.sound("recorded", now_ms)
            self._face.shift(self)
        return self.ended

    def _count(self):
        """Take the records before `_first` into the count, at most a slice, newest first."""
        first = max(self._oldest, self._first - SLICE)
        wanted = self._first - first
        got = self._log.journal.read_into(first, memoryview(self._buf)[: wanted * SIZE])
        for seq in range(self._first - 1, first - 1, -1):
            at = (seq - first) * SIZE
            raw = self._buf[at : at + SIZE] if got == wanted else self._log.journal.read(seq)
            if raw is not None and self._take(raw):
                self.counted = True
                return
            self._first = seq
        self.counted = self._first <= self._oldest

    def _take(self, raw):
        """Take one record into the count; return True if it is the one that ended the shift before."""
        if raw[0] >> 5 != VERSION or raw[0] & 31 not in (CROSSING, OUTCOME, SHIFT):
            return False
        try:
            record = unpack(raw)
        except ValueError:  # it was whole once; the chain shows it at the gateway
            return False
        if record.kind == CROSSING:
            self._add(record.seq, unpack_crossing(record.body))
        elif record.kind == OUTCOME and self._outcome is None:
            self._outcome = unpack_outcome(record.body)
        return record.kind == SHIFT

    def _add(self, seq, crossing):
        """Count a crossing, with what was written last of those that followed it."""
        outcome, party = NO_OUTCOME, crossing.party
        if self._outcome is not None and self._outcome[0] == seq:
            _, outcome, party = self._outcome
        self._outcome = None
        if crossing.verdict < len(self.verdicts):
            self.verdicts[crossing.verdict] += 1
        if NO_OUTCOME < outcome <= len(self.outcomes):
            self.outcomes[outcome - 1] += 1
        self.persons += party
