"""Merges a bank's table and log into the other bank, a page at a time, while the old bank goes on being read."""

from checkpost.roster import SIZE, removed, weight
from kiosk.rosterbank import PER_SECTOR, TABLE_FIRST, Facts
from kiosk.rosterlog import unpack_commit

_PER_PAGE = 4


class Merge:
    """One merge: `step` until `done` or `failed`. `facts`: of the source bank; `start`: what its log says now.

    Deltas may go on arriving in the source's log: those behind the table's progress are carried over as log.
    """

    def __init__(self, source, target, facts, log, start, fresh):
        """`fresh`: the Log that becomes the target's."""
        self.done = False
        self.failed = False
        self.facts = Facts(
            facts.generation + 1, facts.roster_id, start.revision, start.count, start.digest, start.as_of_s
        )
        self._source = source
        self._target = target
        self._log = log
        self._table = facts.table_count
        self._at = 0  # in the source's table
        self._cursor = 0  # in the order of the log
        self._carried = log.end  # positions from here on go over as log
        self._page = bytearray(_PER_PAGE * SIZE)
        self._filled = 0
        self._erased = TABLE_FIRST - 1  # newest sector of the target's table that is erased
        self._fresh = fresh
        self._merged = False
        self._head_key = None  # key of the source's table entry at _at
        self._done_key = b""  # key of the newest entry that was merged
        self._sector_zero = False

    def moved(self, index):
        """Note that a new card came into the order of the log at `index`; one behind the progress is left to the log.

        Between the last log entry that was merged and the next, the table's progress says on which side it lies.
        """
        if index < self._cursor or (index == self._cursor and self._log.key(index) <= self._done_key):
            self._cursor += 1

    def step(self):
        """Do one slice: an erase is begun, or a page is merged, or a slot is carried over. The flash is not busy."""
        if not self._sector_zero:
            self._target.flash.erase_start(self._target.address(0))
            self._sector_zero = True
        elif not self._merged:
            self._merge_page()
        elif self._carried < self._log.end:
            self._carry(self._log.read(self._carried))
            self._carried += 1
        else:
            self.done = self._target.put_facts(self.facts)
            self.failed = not self.done

    def _merge_page(self):
        sector = TABLE_FIRST + self.facts.table_count // PER_SECTOR
        if sector > self._erased:
            self._target.flash.erase_start(self._target.address(sector))
            self._erased = sector
            return
        more = True
        while more and self._filled < _PER_PAGE:
            more = self._take()
        if self._filled:
            self._flush()
        if not more and not self.failed:
            self._fresh.format(self._target, self.facts.generation)
            self._merged = True

    def _take(self):
        """Put the next entry by key on the page; return False at the end of both."""
        if self._at < self._table and self._head_key is None:
            self._head_key = self._source.read_key(self._source.entry_address(self._at))
        if self._cursor < self._log.size:
            key = self._log.key(self._cursor)
            if self._head_key is None or key <= self._head_key:
                if key == self._head_key:
                    self._next_of_table()
                self._put(self._log.read(self._log.position(self._cursor)))
                self._done_key = key
                self._cursor += 1
                return True
        if self._head_key is None:
            return False
        self._put(self._source.read(self._source.entry_address(self._at)))
        self._done_key = self._head_key
        self._next_of_table()
        return True

    def _next_of_table(self):
        self._at += 1
        self._head_key = None

    def _put(self, raw):
        if not removed(raw):
            self._page[self._filled * SIZE : self._filled * SIZE + SIZE] = raw
            self._filled += 1

    def _flush(self):
        view = memoryview(self._page)
        for slot in range(self._filled):
            raw = view[slot * SIZE : slot * SIZE + SIZE]
            if not self._target.write(self._target.entry_address(self.facts.table_count), raw):
                self.failed = True
            self.facts.table_count += 1
            self.facts.table_digest = (self.facts.table_digest + weight(raw)) & 0xFFFFFFFF
        self._filled = 0

    def _carry(self, raw):
        commit = unpack_commit(raw)
        if not (self._fresh.commit(commit) if commit else self._fresh.append(raw)):
            self.failed = True
        elif commit:
            self._fresh.take(commit.entries, self._fresh.end - 1)
