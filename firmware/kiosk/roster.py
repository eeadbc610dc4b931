"""The roster: which cards this board knows, on flash, sorted, changed by deltas. SPEC.md, "Roster".

Two banks, of which one counts. A delta goes into its log; quiet moments merge log and table into the other bank.
"""

from checkpost.const import const
from checkpost.once import forget
from checkpost.roster import KEY_SIZE, SIZE, key_of, removed, valid, weight
from kiosk.flashmap import ROSTER_FIRST, ROSTER_SECTORS
from kiosk.rosterbank import Bank, Facts
from kiosk.rosterlog import Commit, Log

_MAX_ENTRIES = const(10000)  # of the table: what a bank of 192 sectors holds
_MAX_DELTA = const(32)  # entries in one delta: bounds what one call writes

_MERGE_AT = const(256)  # used log slots from which on a merge is worth its 158 erases
_QUIET_MS = const(1000)  # without a delta, before a merge begins; a nearly full log does not wait
_PRESSED = const(400)  # free log slots
_TOUCH_S = const(3600)  # of age lost by a restart at most, for one log slot an hour
_VERIFY_ENTRIES = const(16)  # of the table, summed up in one step
_MAX_FAULTS = const(8)
_MAX_FAILED = const(2)  # merges in a row that the flash spoiled: each costs up to 158 erases
_TICKS_MASK = const(0x1FFFFFFF)  # half of the shortest period of ticks_ms, 2**30


class Roster:
    """Entries of checkpost.roster, 64 bytes each, at most 10,000. `id` is 0 until a gateway gave one."""

    def __init__(self, flash, first_sector=ROSTER_FIRST, sectors=ROSTER_SECTORS):
        self.id = 0
        self.revision = 0
        self.count = 0
        self.digest = 0  # sum of checkpost.roster.weight over the entries, modulo 2**32
        self.as_of_s = 0  # Unix UTC when the gateway last said that this is current; 0: never
        self.faults = []
        self._flash = flash
        buf = bytearray(SIZE)
        self._banks = (Bank(flash, first_sector, buf), Bank(flash, first_sector + sectors // 2, buf))
        self._which = 0
        self._facts = None
        self._log = Log()
        self._spare = Log()
        self._merge = None
        self._merges_failed = 0
        self._verified = -1  # entries summed up so far; -1: nothing to verify
        self._sum = 0
        self._touched_s = 0
        self._stale = False  # a write failed: what is in memory may be ahead of the flash
        self._active = True
        self._quiet_since_ms = 0

    def open(self):
        """Find the newest whole roster on flash. Raises ChipError."""
        self._merge = None
        self._stale = False
        self._facts = None
        for which in (0, 1):
            facts = self._banks[which].facts()
            if facts and (self._facts is None or facts.generation > self._facts.generation):
                self._which, self._facts = which, facts
        if self._facts is None:
            self._clear()
            return
        self._stand(self._facts.base, self._facts.count, self._facts.digest, self._facts.as_of_s)
        self.id = self._facts.roster_id
        last = self._log.open(self._banks[self._which], self._facts.generation)
        if last:
            self._stand(last.revision, last.count, last.digest, last.as_of_s)
        self._touched_s = self.as_of_s
        self._verified = self._sum = 0

    def lookup(self, uid):
        """Return the 64-byte entry of a card (checkpost.roster.unpack_entry reads it), None when it is not listed.

        At most 11 reads of the log's keys, 14 of the table's and one of the entry. Raises ChipError.
        """
        if self._facts is None:
            return None
        raw = self._find(key_of(uid))
        return None if raw is None or removed(raw) else raw

    def apply(self, roster_id, from_rev, to_rev, reset, entries):
        """Take a delta durably; return True when the roster stands at `to_rev` or later, False to be sent again.

        `entries`: list of 64 bytes, put or removed, at most 32. A delta that begins above `revision` is refused
        (a gap); one that was applied before changes nothing. `reset` with another `roster_id` starts from empty.
        Raises ChipError.
        """
        self._active = True
        if self._stale:
            self.open()
        if not roster_id or len(entries) > _MAX_DELTA or not all(valid(raw) for raw in entries):
            return False
        if roster_id != self.id and not (reset and self._reset(roster_id, from_rev)):
            return False
        if to_rev <= self.revision:
            return True
        if from_rev > self.revision or len(entries) + 1 > self._log.room() or not self._fits(entries):
            return False
        after = Commit(len(entries), to_rev, self.count, self.digest, self.as_of_s)
        self._stale = True
        for raw in entries:
            if not self._change(raw, after):
                return False
        self._stale = not self._put_commit(after)
        return not self._stale

    def touch(self, utc_s):
        """Note that the gateway calls this roster current; written to flash once an hour at most. Raises ChipError."""
        if self._facts is None or self._stale:
            return
        self.as_of_s = utc_s
        if abs(utc_s - self._touched_s) >= _TOUCH_S and self._log.room() > _PRESSED:
            self._touched_s = utc_s
            self._stale = not self._put_commit(Commit(0, self.revision, self.count, self.digest, utc_s))

    def step(self, now_ms):
        """Do a bounded slice of the quiet work: verify the table, erase log ahead, merge. Raises ChipError.

        To be called while no card is at the reader. Damage is named in `faults`; the gateway then sends all anew.
        """
        if self._active:
            self._active = False
            self._quiet_since_ms = now_ms
        if self._facts is None or self._flash.busy():
            return
        if self._stale:
            self.open()
            return
        if self._merge:
            self._step_merge()
            return
        pressed = self._log.room() < _PRESSED
        if not pressed and (now_ms - self._quiet_since_ms) & _TICKS_MASK < _QUIET_MS:
            return
        if (pressed or self._log.end >= _MERGE_AT) and self._merges_failed < _MAX_FAILED:
            start = Commit(0, self.revision, self.count, self.digest, self.as_of_s)
            target = self._banks[1 - self._which]
            self._merge = _merge(self._banks[self._which], target, self._facts, self._log, start, self._spare)
        elif not self._log.prepared():
            self._log.prepare()
        elif self._verified >= 0:
            self._verify()

    def merging(self):
        """Return True while log and table are merged into the other bank."""
        return self._merge is not None

    def _find(self, key):
        """Return the newest entry of a key, a removal too, None if there is none."""
        index, known = self._log.find(key)
        bank = self._banks[self._which]
        if known:
            raw = self._log.read(self._log.position(index))
        else:
            index = bank.find(key, self._facts.table_count)
            if index == self._facts.table_count:
                return None
            raw = bank.read(bank.entry_address(index))
            if raw[:KEY_SIZE] != key:
                return None
        if valid(raw):
            return raw
        self._ask_anew()
        return None

    def _fits(self, entries):
        """Return False when the table would not hold the cards. Found out before a write: the delta comes again."""
        count = self.count
        if count + len(entries) > _MAX_ENTRIES:
            for raw in entries:
                old = self._find(raw[:KEY_SIZE])
                count += (not removed(raw)) - (old is not None and not removed(old))
        if count > _MAX_ENTRIES:
            self._report("the roster is full: %d cards" % _MAX_ENTRIES)
        return count <= _MAX_ENTRIES

    def _change(self, raw, after):
        """Write one entry to the log and count it in; return True if it reads back right."""
        old = self._find(raw[:KEY_SIZE])
        if old is not None and not removed(old):
            after.count -= 1
            after.digest = (after.digest - weight(old)) & 0xFFFFFFFF
        if not removed(raw):
            after.count += 1
            after.digest = (after.digest + weight(raw)) & 0xFFFFFFFF
        if not self._log.append(raw):
            return False
        index = self._log.insert(self._log.end - 1)
        if self._merge and index >= 0:
            self._merge.moved(index)
        return True

    def _put_commit(self, commit):
        if not self._log.commit(commit):
            self._report("the roster's log does not keep what is written")
            return False
        self._stand(commit.revision, commit.count, commit.digest, commit.as_of_s)
        return True

    def _reset(self, roster_id, base):
        """Begin an empty roster in the other bank; return True if it stands."""
        generation = self._facts.generation + 1 if self._facts else 1
        which = 1 - self._which
        bank = self._banks[which]
        self._merge = None
        facts = Facts(generation, roster_id, base)
        bank.erase(0)
        self._spare.format(bank, generation)
        if not bank.put_facts(facts):
            self._report("the roster's flash does not keep what is written")
            return False
        self._clear()
        self._switch(which, facts)
        self.id = roster_id
        self.revision = base
        return True

    def _switch(self, which, facts):
        self._which, self._facts = which, facts
        self._log, self._spare = self._spare, self._log
        self._spare.close()
        self._merge = None
        self._verified = self._sum = 0

    def _step_merge(self):
        self._merge.step()
        if self._merge.failed:
            self._report("the roster could not be merged: its flash does not keep what is written")
            self._merge = None
            self._merges_failed += 1
        elif self._merge.done:
            self._switch(1 - self._which, self._merge.facts)

    def _verify(self):
        """Add up some entries of the table; at its end the sum must be the header's."""
        bank = self._banks[self._which]
        end = min(self._verified + _VERIFY_ENTRIES, self._facts.table_count)
        for index in range(self._verified, end):
            self._sum = (self._sum + weight(bank.read(bank.entry_address(index)))) & 0xFFFFFFFF
        self._verified = end
        if end == self._facts.table_count:
            self._verified = -1
            if self._sum != self._facts.table_digest:
                self._ask_anew()

    def _ask_anew(self):
        """Go on with the entries that are whole, but tell the gateway that there is no roster: it then sends all."""
        self._report("the roster is damaged in part: the gateway will send it anew")
        self.id = self.revision = 0

    def _clear(self):
        self._facts = None
        self._merge = None
        self.id = 0
        self._stand(0, 0, 0, 0)

    def _stand(self, revision, count, digest, as_of_s):
        self.revision, self.count, self.digest, self.as_of_s = revision, count, digest, as_of_s

    def _report(self, fault):
        if fault not in self.faults:
            self.faults = (self.faults + [fault])[-_MAX_FAULTS:]


def _merge(*given):
    """Return a new Merge; its code, 2 KB, goes with it: there are a few merges a day."""
    from kiosk.rostermerge import Merge

    forget("kiosk.rostermerge")
    return Merge(*given)
