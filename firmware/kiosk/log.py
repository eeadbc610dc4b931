"""Writes records: the time is stamped here, and here it shows whether the journal still takes them."""

from checkpost.record import FAULT, Record
from kiosk.faults import NOTED, pack_fault

FULL = "full"


class Log:
    """`journal` has `append` (durable when it returns); `full` is the exception class of a full journal."""

    def __init__(self, journal, clock, faults, full):
        self.journal = journal
        self._clock = clock
        self._faults = faults
        self._full = full
        self._noted = {}
        self.opened = False  # set once the journal was read: before that nobody knows where it goes on

    def write(self, kind, body, stamp=None):
        """Return the sequence of the record, durable now; 0 when the journal did not take it (then a fault stands)."""
        if not self.opened:
            self._faults.begin("log", "not read")
            return 0
        record = _record(kind, 0, body, stamp or self._clock.now())
        try:
            return self._faults.attempt("log", 0, self.journal.append, record)
        except self._full:
            self._faults.begin("log", FULL)
            return 0

    def attempt(self, action):
        """Run an action that reads the journal; a chip that fails is the log's fault, and nothing is returned."""
        self._faults.attempt("log", None, action)

    def draft(self, kind, body, stamp):
        """Return the 32 bytes of a record as it would be written next: for a question, not for the journal."""
        return _record(kind, self.journal.next_seq, body, stamp).pack()

    def write_news(self):
        """Write what broke or was mended since the last call; it waits while the journal takes nothing."""
        news = self._faults.news
        while news and not self.broken() and self.write(FAULT, pack_fault(*news[0])):
            news.pop(0)

    def write_notes(self, part, sentences):
        """Write down what is new in a part's list of sentences; the part makes a new list for a new sentence."""
        known = self._noted.get(part, ())
        if sentences is not known:
            self._noted[part] = sentences
            for sentence in sentences:
                if sentence not in known:
                    self.write(FAULT, pack_fault(part, NOTED, sentence))

    def broken(self):
        """Return True while the journal takes no records, whatever the cause."""
        return self._faults.has("log")

    def full(self):
        """Return True while the journal refuses records for want of space."""
        return self._faults.cause("log") == FULL


def _record(kind, seq, body, stamp):
    return Record(kind, seq, stamp.seconds, stamp.offset, stamp.trust, stamp.uncertainty, body)
