"""The flash driver against the chip model, and against broken chips and wires."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import ChipError
from drivers.w25q import W25Q
from tests.support.wires import ConstantSpi, SpiTap
from virtualboard.bench import Bench

JOURNAL_CS = 6
SIZE = 8 * 1024 * 1024


class Rig:
    """A flash chip on a bench."""

    def __init__(self, spi=None, change=None):
        self.bench = Bench()
        self.spi = spi or SpiTap(self.bench.spi(1), change)
        self.flash = W25Q(self.spi, self.bench.pin(JOURNAL_CS, 1, 1), self.bench, self.bench.sleep_us)
        self.chip = self.bench.circuit.flash
        self.cells = self.bench.circuit.array.cells

    def read(self, addr, size):
        """Return bytes read through the driver."""
        buffer = bytearray(size)
        self.flash.read_into(addr, buffer)
        return bytes(buffer)


@pytest.fixture
def rig():
    rig = Rig()
    rig.flash.identify()
    return rig


def test_identity_and_size(rig):
    assert rig.flash.identify() == (0xEF, 0x40, 0x17)
    assert rig.flash.size == SIZE


def test_a_chip_left_in_power_down_is_woken():
    rig = Rig()
    rig.chip.power_down()
    assert rig.flash.identify() == (0xEF, 0x40, 0x17)


def test_an_erase_that_the_processor_did_not_live_to_see_is_let_end():
    rig = Rig()
    rig.cells[0:4096] = bytes(4096)
    rig.flash.identify()
    rig.flash.erase_start(0)
    again = W25Q(rig.spi, rig.bench.pin(JOURNAL_CS, 1, 1), rig.bench, rig.bench.sleep_us)
    again.identify()
    assert bytes(rig.cells[0:4096]) == b"\xff" * 4096


def test_program_and_read_back(rig):
    rig.flash.program(0x12345, b"a crossing")
    assert rig.read(0x12345, 10) == b"a crossing"


def test_programming_only_clears_bits(rig):
    rig.flash.program(0, b"\x0f")
    rig.flash.program(0, b"\xf1")
    assert rig.read(0, 1) == b"\x01"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, SIZE - 1), st.binary(min_size=1, max_size=256))
def test_any_place_within_a_page_reads_back(addr, data):
    rig = Rig()
    rig.flash.identify()
    data = data[: 256 - addr % 256]
    rig.flash.program(addr, data)
    assert rig.read(addr, len(data)) == data
    assert rig.cells[addr : addr + len(data)] == data


def test_a_program_over_a_page_end_is_refused(rig):
    with pytest.raises(ValueError, match="page"):
        rig.flash.program(0xFF, b"ab")
    with pytest.raises(ValueError, match="page"):
        rig.flash.program(0, b"")
    with pytest.raises(ValueError, match="page"):
        rig.flash.program(0, bytes(257))


def test_places_outside_the_chip_are_refused(rig):
    with pytest.raises(ValueError, match="outside"):
        rig.read(SIZE - 1, 2)
    with pytest.raises(ValueError, match="outside"):
        rig.flash.program(SIZE, b"a")
    with pytest.raises(ValueError, match="outside"):
        rig.flash.erase_start(-4096)
    with pytest.raises(ValueError, match="4096"):
        rig.flash.erase_start(100)


def test_nothing_is_allowed_before_the_chip_is_known():
    with pytest.raises(ValueError, match="outside"):
        Rig().read(0, 1)


def test_an_erase_goes_on_by_itself(rig):
    rig.flash.program(4096, b"old")
    rig.flash.erase_start(4096)
    assert rig.flash.busy()
    rig.bench.step_ms(60)
    assert not rig.flash.busy()
    assert rig.read(4096, 3) == b"\xff\xff\xff"


def test_a_chip_that_erases_nothing_is_not_asked_whether_it_is_busy(rig):
    rig.flash.erase_start(4096)
    rig.bench.step_ms(60)
    assert not rig.flash.busy()
    before = rig.spi.transfers
    assert not any(rig.flash.busy() for _ in range(100))
    assert rig.spi.transfers == before


def test_a_read_waits_for_the_erase(rig):
    rig.flash.program(0, b"kept")
    rig.flash.erase_start(4096)
    assert rig.read(0, 4) == b"kept"


def test_a_program_waits_for_the_erase(rig):
    rig.flash.erase_start(4096)
    rig.flash.program(0, b"next")
    assert rig.read(0, 4) == b"next"


def test_a_read_may_cross_pages_and_sectors(rig):
    rig.flash.program(4096 - 8, b"12345678")
    rig.flash.program(4096, b"abcdefgh")
    assert rig.read(4096 - 8, 16) == b"12345678abcdefgh"


@pytest.mark.parametrize("level", [0xFF, 0x00], ids=["open", "shorted to ground"])
def test_an_empty_socket(level):
    rig = Rig(spi=ConstantSpi(level))
    with pytest.raises(ChipError, match="w25q: not there"):
        rig.flash.identify()


@pytest.mark.parametrize("identity", [b"\xef\x40\x11", b"\xef\x40\x19", b"\xef\x40\xff"])
def test_a_chip_of_a_size_that_does_not_fit(identity):
    def other_identity(number, data):
        if len(data) == 4:
            data[1:4] = identity

    with pytest.raises(ChipError, match="1 to 16 MB"):
        Rig(change=other_identity).flash.identify()


def test_a_dead_chip_is_not_taken_for_blank_pages(rig):
    rig.flash.program(0, b"record")
    rig.chip.fault = "dead"
    with pytest.raises(ChipError, match="stopped answering"):
        rig.read(0, 32)


def test_blank_and_zeroed_pages_are_read_as_such(rig):
    assert rig.read(0, 32) == b"\xff" * 32
    rig.flash.program(0, bytes(32))
    assert rig.read(0, 32) == bytes(32)


def test_a_dead_chip_takes_no_writes(rig):
    rig.chip.fault = "dead"
    with pytest.raises(ChipError, match="does not accept writes"):
        rig.flash.program(0, b"record")


def test_a_chip_that_is_busy_for_ever(rig):
    rig.chip.fault = "stuck"
    with pytest.raises(ChipError, match="does not accept writes"):
        rig.flash.erase_start(0)
    with pytest.raises(ChipError, match="busy for more than 50 ms"):
        rig.flash.wait(50)
    with pytest.raises(ChipError):
        rig.flash.identify()


def test_a_program_that_does_not_end(rig):
    rig.chip.pace = 1000
    with pytest.raises(ChipError, match="busy for more than 10 ms"):
        rig.flash.program(0, b"record")


def test_an_erase_that_does_not_end(rig):
    rig.flash.erase_start(0)
    rig.chip.fault = "stuck"
    rig.bench.step_ms(1000)
    with pytest.raises(ChipError, match="an erase does not end"):
        for _ in range(100):
            rig.flash.busy()


def test_a_clock_that_jumps_does_not_end_an_erase(rig):
    rig.flash.erase_start(0)
    rig.bench.clock.seconds += 0.001
    rig.flash._erase_until_ms = (rig.bench.ticks_ms() - 3600000) % (1 << 30)
    assert rig.flash.busy()
    rig.flash.wait(800)


def test_a_write_protected_chip_is_named():
    rig = Rig()
    rig.flash.identify()
    rig.chip._wel = False
    rig.chip._execute = lambda op, data: None
    with pytest.raises(ChipError, match="does not accept writes"):
        rig.flash.program(0, b"x")


def test_how_many_transfers_an_operation_takes(rig):
    before = rig.spi.transfers
    rig.read(0, 32)
    assert rig.spi.transfers - before == 3  # address, data, and the identity because the page is blank
    before = rig.spi.transfers
    rig.flash.program(0, bytes(range(32)))
    assert rig.spi.transfers - before <= 6  # enable, status, address, data, status
    before = rig.spi.transfers
    rig.read(0, 32)
    assert rig.spi.transfers - before == 2
