"""An erase under way holds nobody up: it is suspended for reads and programs elsewhere, and goes on."""

import pytest

from drivers.w25q import W25Q
from virtualboard.bench import Bench

JOURNAL_CS = 6
ERASE_MS = 30  # less than the model's typical erase
BLANK = b"\xff" * 4096


class Rig:
    """A flash chip on a bench, with something in its first sectors."""

    def __init__(self):
        self.bench = Bench()
        self.cells = self.bench.circuit.array.cells
        self.cells[0:8192] = bytes(8192)
        self.mount()

    def mount(self):
        self.flash = W25Q(self.bench.spi(1), self.bench.pin(JOURNAL_CS, 1, 1), self.bench, self.bench.sleep_us)
        self.flash.identify()

    def took_ms(self, action, *arguments):
        before_ms = self.bench.ticks_ms()
        action(*arguments)
        return self.bench.ticks_diff(self.bench.ticks_ms(), before_ms)


@pytest.fixture
def rig():
    return Rig()


def test_a_record_is_written_while_another_sector_is_erased(rig):
    rig.flash.erase_start(0)
    assert rig.took_ms(rig.flash.program, 8192, b"record") < 5
    assert rig.flash.busy()
    rig.flash.wait(500)
    assert bytes(rig.cells[0:4096]) == BLANK
    assert bytes(rig.cells[8192:8198]) == b"record"


def test_reads_elsewhere_do_not_wait_and_the_erase_comes_to_its_end(rig):
    rig.flash.erase_start(0)
    buf = bytearray(64)
    for _ in range(100):
        assert rig.took_ms(rig.flash.read_into, 4096, buf) < 2
        assert buf == bytes(64)
    rig.flash.wait(500)
    assert bytes(rig.cells[0:4096]) == BLANK


@pytest.mark.parametrize("addr", [0, 4064, 4095])
def test_the_sector_that_is_erased_is_waited_for(rig, addr):
    rig.flash.erase_start(0)
    buf = bytearray(1)
    assert rig.took_ms(rig.flash.read_into, addr, buf) >= ERASE_MS
    assert buf == b"\xff"


def test_a_read_that_reaches_into_the_erased_sector_waits(rig):
    rig.flash.erase_start(4096)
    buf = bytearray(64)
    assert rig.took_ms(rig.flash.read_into, 4096 - 32, buf) >= ERASE_MS
    assert bytes(buf) == bytes(32) + b"\xff" * 32


def test_an_erase_that_a_restart_left_suspended_is_resumed(rig):
    rig.flash.erase_start(0)
    rig.flash._pause(8192, 1)
    rig.mount()
    assert bytes(rig.cells[0:4096]) == BLANK
    rig.flash.program(0, b"x")


def test_many_pauses_let_the_erase_end(rig):
    rig.flash.erase_start(0)
    buf = bytearray(1)
    for _ in range(3000):
        rig.flash.read_into(8192, buf)
        if not rig.flash.busy():
            break
    assert bytes(rig.cells[0:4096]) == BLANK
