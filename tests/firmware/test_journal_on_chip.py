"""Journal and roster over the flash driver and the chip model, each at its place in the flash map."""

import pytest

from checkpost import record
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry
from drivers.errors import ChipError
from drivers.w25q import W25Q
from kiosk.journal import Journal
from kiosk.roster import Roster
from virtualboard.bench import Bench

JOURNAL_CS = 6
APPEND_LIMIT_MS = 10  # one program of at most 3 ms and its transfers


class Rig:
    """A flash chip on a bench, its driver, and the journal on it."""

    def __init__(self):
        self.bench = Bench()
        self.cells = self.bench.circuit.array
        self.mount()

    def mount(self):
        self.flash = W25Q(self.bench.spi(1), self.bench.pin(JOURNAL_CS, 1, 1), self.bench, self.bench.sleep_us)
        self.flash.identify()
        self.journal = Journal(self.flash, 3, 1, bytes(32))
        self.found = self.journal.open()

    def append(self):
        """Write one record; return how long it took, ms of the board's time."""
        before_ms = self.bench.ticks_ms()
        self.journal.append(record.Record(record.CROSSING, 0, 1_800_000_000, 36, 2, 0, b"somebody"))
        return self.bench.ticks_diff(self.bench.ticks_ms(), before_ms)

    def rest(self, steps=60):
        """Let quiet moments pass, 100 ms each."""
        for _ in range(steps):
            self.bench.sleep_us(100_000)
            self.journal.step(self.bench.ticks_ms())


def test_a_record_is_durable_within_milliseconds_when_the_board_had_a_quiet_moment():
    rig = Rig()
    rig.rest()
    slowest_ms = 0
    for number in range(400):
        slowest_ms = max(slowest_ms, rig.append())
        if number % 40 == 0:
            rig.rest()
    assert slowest_ms <= APPEND_LIMIT_MS
    rig.mount()
    assert rig.journal.next_seq == 401


def test_a_power_cut_in_the_chip_loses_nothing_that_was_told():
    rig = Rig()
    rig.rest()
    told = 0
    for byte in range(0, 32, 5):
        for _ in range(10):
            rig.append()
            told += 1
        rig.cells.plan_cut(1, byte)
        with pytest.raises(ChipError):
            rig.append()
        rig.cells.restore()
        rig.mount()
        assert rig.journal.next_seq == told + 1
        assert all(rig.journal.read(seq) for seq in range(1, told + 1))


def test_the_roster_lies_beside_the_journal():
    rig = Rig()
    roster = Roster(rig.flash)
    roster.open()
    raw = pack_entry(b"\x04abcdef", Card(), Permit(), Usage(), b"abcd", "ONS", "north")
    assert roster.apply(9, 0, 1, True, [raw])
    for _ in range(200):
        rig.append()
    again = Roster(rig.flash)
    again.open()
    assert again.lookup(b"\x04abcdef") == raw
    rig.mount()
    assert rig.journal.next_seq == 201
