"""Erases journal sectors ahead of need, a bounded slice at a time, so that a tap finds one ready."""

from checkpost.const import const
from kiosk.errors import JournalFault, JournalFull
from kiosk.sectors import PAGE, PROBES, stamp

_AHEAD = const(2)  # ready sectors: one for the next roll, one more for a rush that leaves no quiet moment
_TRIES = const(2)  # erases of one sector before it counts as bad
_MAX_BAD = PROBES - _AHEAD  # bad sectors in a row; more is a broken chip, and would blind the search for the newest
_ERASE_LIMIT_MS = const(500)  # W25Q64JV: tSE at most 400 ms

_LOOK = const(0)
_ERASE = const(1)
_CHECK = const(2)


class Ahead:
    """Makes sectors ready in the order of their numbers. `may_free(counter, pressed)` is the space policy's word."""

    def __init__(self, flash, ring, may_free, report):
        self.ready = []
        self.lost = None  # number of a sector whose records were given up for space, for the journal to take note
        self._flash = flash
        self._ring = ring
        self._may_free = may_free
        self._report = report
        self._next = 0
        self._page = bytearray(PAGE)
        self._restart()

    def open(self, counter):
        """Begin with sector `counter`, the first after the newest."""
        self.ready = []
        self._next = counter
        self._restart()

    def needed(self):
        """Return True while fewer sectors are ready than wanted and the work is not held up by the space policy."""
        return self._phase != _LOOK or (len(self.ready) < _AHEAD and self._allowed())

    def step(self):
        """Do one slice: look, start an erase, see it end, check a page. Failing twice marks a bad sector."""
        try:
            if not self._flash.busy():
                self._slice()
        except JournalFault:
            raise
        except Exception as error:  # the driver's word; a second failure at the same place is the sector's fault
            if self._tries < _TRIES:
                self._phase = _LOOK
                raise
            self._skip(str(error))

    def take(self):
        """Return the number of a ready sector; when none is, make one and wait for it. Raises JournalFull."""
        while not self.ready:
            if self._phase == _LOOK and not self._allowed():
                raise JournalFull("the journal is full: connect the gateway, or read the log out and format")
            if self._flash.busy():
                self._flash.wait(_ERASE_LIMIT_MS)
            self.step()
        return self.ready.pop(0)

    def _allowed(self):
        return self._next < self._ring.size or self._may_free(self._next - self._ring.size, not self.ready)

    def _restart(self):
        self._phase = _LOOK
        self._tries = 0
        self._bad = 0
        self._checked = 0

    def _slice(self):
        if self._phase == _LOOK:
            self._look()
        elif self._phase == _ERASE:
            self._tries += 1
            self._phase = _CHECK
            self._checked = 0
            self._flash.erase_start(self._ring.address(self._next))
        elif not self._blank_page():
            if self._tries < _TRIES:
                self._phase = _ERASE
            else:
                self._skip("does not erase")
        elif self._checked == 4096:
            self._finish()

    def _look(self):
        ring = self._ring
        if ring.stamped(self._next):
            self._advance()
            return
        if not self._allowed():
            return
        old = ring.header_at(self._next % ring.size)
        if old:
            if old.counter >= self._next:
                raise JournalFault(
                    "sector %d is newer than the end of the journal: read it out, then format" % old.counter
                )
            # The header goes first: a half-erased sector must not be taken for a whole one.
            ring.write(self._next, 0, bytes(4))
            self.lost = old.counter
        self._phase = _ERASE

    def _blank_page(self):
        self._ring.read_into(self._next, self._checked // 32, self._page)
        self._checked += PAGE
        return self._page == b"\xff" * PAGE

    def _finish(self):
        if self._ring.write(self._next, 0, stamp(self._next)):
            self._advance()
        else:
            self._skip("does not keep what is written")

    def _advance(self):
        self.ready.append(self._next)
        self._next += 1
        self._restart()

    def _skip(self, why):
        self._report("journal sector %d is bad (%s) and left out" % (self._next % self._ring.size, why))
        bad = self._bad + 1
        if bad > _MAX_BAD:
            self._next -= self._bad  # they are tried again: the fault may be in the wiring and pass
            self._restart()
            raise JournalFault("%d journal sectors in a row are bad: replace the journal chip" % bad)
        self._next += 1
        self._restart()
        self._bad = bad
