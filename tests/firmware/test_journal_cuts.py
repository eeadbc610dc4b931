"""Power fails at every program and erase of a run with ring wrap, and again in each recovery: nothing is lost."""

import pytest

from checkpost import chain, record
from kiosk.journal import Journal
from tests.support.nor import Nor, PowerCut

KEY = bytes(range(32))
SECTORS = 12
TAPS = 1000  # each a crossing and an outcome
GATEWAY_LAG = 40
CENTRE_LAG = 300
MAX_READS = 64  # of one recovery in this ring: log2(12) probes, the tail, 16 pages, the seal, and what was skipped
TEARS = ("first", "last", "random")


def crossing(seq):
    return record.Record(record.CROSSING, seq, 1_800_000_000 + seq, 36, 2, 0, b"%d" % seq)


RAW = [b""] + [crossing(seq).pack() for seq in range(1, 2 * TAPS + 10)]
HEADS = [chain.start(7, 1)]
for _raw in RAW[1:]:
    HEADS.append(chain.link(HEADS[-1], _raw))


def mounted(flash):
    journal = Journal(flash, 7, 1, KEY, 0, 2, SECTORS)
    return journal, journal.open()


class Run:
    """The run whose every operation is cut; `told` is the newest sequence that append returned."""

    def __init__(self, phase):
        self.flash = Nor(2 + SECTORS)
        self.told = 0
        self.gateway = 0  # the highest acknowledgement that was given
        self.phase = phase
        self.cuts = self.second_cuts = self.losses = 0
        self.most_reads = self.most_writes = 0
        self.journal = mounted(self.flash)[0]

    def go(self):
        """Write all taps, with quiet moments between some of them."""
        self.flash.before = self.cut_here
        for tap in range(TAPS):
            for _ in range(2):
                self.told = self.journal.append(crossing(self.told + 1))
            self.gateway = max(self.gateway, self.told - GATEWAY_LAG)
            self.journal.release(self.gateway, max(0, self.told - CENTRE_LAG))
            for moment in range(tap % 5):
                self.journal.step(tap * 10_000 + moment * 1_500)
        self.flash.before = None

    def cut_here(self, kind, addr, data):
        """Try all tears of the operation that is about to happen, each on a copy of the chip."""
        for number, tear in enumerate(TEARS):
            copy = self.flash.fork()
            if kind == "erase":
                copy.tear_erase(addr, tear)
            else:
                copy.tear_program(addr, data, tear)
            self.cuts += 1
            self.cut_recovery(copy.fork(), (self.cuts + self.phase) % 4 + 1, TEARS[(self.cuts + number) % 3])
            journal = self.check(copy, self.told)
            self.go_on(journal, copy)

    def check(self, flash, told):
        """Open what a cut left: everything told is there once and in order, nothing else but what was being written."""
        writes = flash.programs + flash.erases
        journal, found = mounted(flash)
        self.most_reads = max(self.most_reads, found.reads)
        self.most_writes = max(self.most_writes, flash.programs + flash.erases - writes)
        newest = journal.next_seq - 1
        if newest not in (told, told + 1) or journal.oldest_seq - 1 > self.gateway:
            self.losses += 1
            raise AssertionError(f"told {told}, found {journal.oldest_seq} to {newest}, held {self.gateway}")
        buf = bytearray(32 * (newest - journal.oldest_seq + 1))
        assert journal.read_into(journal.oldest_seq, buf) * 32 == len(buf)
        assert bytes(buf) == b"".join(RAW[journal.oldest_seq : newest + 1])
        assert journal.head() == HEADS[newest]
        assert found.reads <= MAX_READS
        return journal

    def go_on(self, journal, flash):
        """The board works on after the recovery, and what it then writes is there after another restart."""
        seq = journal.append(crossing(journal.next_seq))
        again, _ = mounted(flash)
        assert again.next_seq == seq + 1
        assert again.read(seq) == RAW[seq]
        assert again.head() == HEADS[seq]

    def cut_recovery(self, flash, operation, tear):
        """Cut once more, in the recovery or in the first work after it."""
        flash.cut(operation, tear)
        told = self.told
        try:
            journal, _ = mounted(flash)
            for moment in range(3):
                journal.step(moment * 1_500)
            while True:
                told = journal.append(crossing(journal.next_seq))
        except PowerCut:
            flash.remount()
        self.second_cuts += 1
        self.check(flash, told)


@pytest.mark.timeout(300)
def test_power_cut_at_every_operation_loses_nothing(capsys):
    run = Run(0)
    run.go()
    with capsys.disabled():
        print(
            f"\njournal: {TAPS} taps, {run.cuts} cuts and {run.second_cuts} cuts in the recovery, {run.losses} losses; "
            f"a recovery took at most {run.most_reads} reads and {run.most_writes} writes"
        )
    assert run.losses == 0
