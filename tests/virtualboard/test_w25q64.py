"""The flash model against Winbond W25Q64JV, revision J."""

from random import Random

import pytest

from virtualboard.bench import Pin
from virtualboard.chips.nor import NorArray
from virtualboard.chips.w25q64 import SIZE, W25Q64

WREN, STATUS, READ, PROGRAM, ERASE_4K = b"\x06", b"\x05", b"\x03", b"\x02", b"\x20"


class Bus:
    """Chip select and SPI of the journal flash."""

    def __init__(self, bench):
        self.bench = bench
        self.spi, self.cs = bench.spi(1), bench.pin(6, Pin.OUT, 1)

    def __call__(self, out, count=0):
        self.cs(0)
        self.spi.write(out)
        answer = self.spi.read(count) if count else b""
        self.cs(1)
        return answer

    def status(self):
        return self(STATUS, 1)[0]

    def program(self, address, data):
        self(WREN)
        self(PROGRAM + address.to_bytes(3, "big") + data)
        self.bench.step_ms(1)

    def erase(self, address):
        self(WREN)
        self(ERASE_4K + address.to_bytes(3, "big"))
        self.bench.step_ms(50)

    def read(self, address, count):
        return self(READ + address.to_bytes(3, "big"), count)


@pytest.fixture
def bus(bench):
    return Bus(bench)


def test_it_names_itself(bus):
    assert bus(b"\x9f", 3) == b"\xef\x40\x17"
    assert bus(b"\x90\0\0\0", 2) == b"\xef\x16"
    assert bus(b"\xab\0\0\0", 1) == b"\x16"


def test_a_sleeping_chip_hears_only_the_release(bus, bench):
    bench.circuit.flash.power_down()
    assert bus(b"\x9f", 3) == b"\xff\xff\xff"
    bus(b"\xab")
    assert bus(b"\x9f", 3) == b"\xef\x40\x17"


def test_a_program_needs_the_write_enable_latch_and_takes_it_away(bus):
    bus(PROGRAM + b"\0\0\0lost")
    assert bus.read(0, 4) == b"\xff" * 4
    bus(WREN)
    assert bus.status() & 2
    bus.program(0, b"kept")
    assert bus.read(0, 4) == b"kept"
    assert bus.status() == 0


def test_it_is_busy_for_the_time_of_the_data_sheet(bus, bench):
    bus(WREN)
    bus(PROGRAM + b"\0\0\0x")
    assert bus.status() == 3
    assert bus.read(0, 1) == b"\xff"  # not answered while busy
    bench.step_ms(0.5)
    assert bus.status() == 0
    bus(WREN)
    bus(ERASE_4K + b"\0\0\0")
    bench.step_ms(40)
    assert bus.status() & 1
    bench.step_ms(6)
    assert bus.status() == 0


def test_programming_only_clears_bits(bus):
    bus.program(0x1000, b"\xf0")
    bus.program(0x1000, b"\x3c")
    assert bus.read(0x1000, 1) == b"\x30"


def test_a_page_wraps(bus):
    bus.program(0x1FE, b"ABCD")
    assert bus.read(0x1FE, 2) == b"AB"
    assert bus.read(0x100, 2) == b"CD"
    assert bus.read(0x200, 2) == b"\xff\xff"


def test_more_than_a_page_keeps_the_last_256_bytes(bus):
    data = bytes(range(256)) + b"\x01\x02"
    bus.program(0x400, data)
    assert bus.read(0x400, 4) == b"\x01\x02\x02\x03"


def test_an_erase_sets_one_sector(bus):
    bus.program(0x0FFF, b"a")
    bus.program(0x1000, b"b")
    bus.program(0x2000, b"c")
    bus.erase(0x1234)
    assert bus.read(0x0FFF, 2) == b"a\xff"
    assert bus.read(0x2000, 1) == b"c"


def test_reading_goes_on_at_zero_after_the_end(bus):
    bus.program(0, b"start")
    bus.program(SIZE - 3, b"end")
    assert bus.read(SIZE - 3, 8) == b"endstart"


def test_protected_blocks_do_not_change(bus, bench):
    bus(WREN)
    bus(b"\x01\x1c")  # all blocks
    bench.step_ms(11)
    bus.program(0, b"x")
    assert bus.read(0, 1) == b"\xff"


@pytest.mark.parametrize("byte", [0, 1, 17, 31])
def test_a_cut_tears_a_program_at_any_byte(bus, bench, byte):
    bench.circuit.array.plan_cut(1, byte)
    bus(WREN)
    bus(PROGRAM + b"\0\0\0" + bytes(32))
    assert bench.circuit.array.dead
    assert bus.status() == 0xFF  # a dead chip looks busy for ever: a driver needs a bound
    bench.power_cut()
    after = bus.read(0, 32)
    assert after[:byte] == bytes(byte)
    assert after[byte + 1 :] == b"\xff" * (31 - byte)


def test_a_cut_tears_an_erase(bus, bench):
    bus.program(0x1000, bytes(256))
    bench.circuit.array.plan_cut(1, 100)
    bus(WREN)
    bus(ERASE_4K + b"\0\x10\0")
    bench.power_cut()
    after = bus.read(0x1000, 256)
    assert after[:100] == b"\xff" * 100
    assert after[101:] == bytes(155)


def test_a_cut_in_time_tears_in_proportion(bus, bench):
    bus(WREN)
    bus(PROGRAM + b"\0\0\0" + bytes(256))
    bench.step_ms(0.2)
    bench.power_cut()
    done = bus.read(0, 256).count(0)
    assert 100 < done < 160


def test_a_bad_sector_does_not_erase(bus, bench):
    bench.circuit.array.wear_out(1, mask=0x81, offset=7)
    bus.erase(0x1000)
    assert bus.read(0x1007, 1) == b"\x7e"
    assert bus.read(0x1008, 1) == b"\xff"


def test_rot_flips_bits(bus, bench):
    bus.program(0, b"\x0f")
    bench.circuit.array.rot(0, 0x81)
    assert bus.read(0, 1) == b"\x8e"


def test_a_file_keeps_what_was_programmed(tmp_path):
    path = str(tmp_path / "journal.bin")
    first = W25Q64(NorArray(SIZE, path), lambda: 0.0, pace=0.0)
    for out in (WREN, PROGRAM + b"\0\0\0durable", STATUS + b"\0"):
        first.select()
        first.transfer(out)
        first.deselect()
    # Not closed: the file has the bytes already, as after a SIGKILL.
    assert (tmp_path / "journal.bin").read_bytes()[:8] == b"durable\xff"
    assert NorArray(SIZE, path).read(0, 7) == b"durable"


def test_a_file_of_another_size_is_refused(tmp_path):
    (tmp_path / "journal.bin").write_bytes(b"short")
    with pytest.raises(ValueError, match="not this chip's file"):
        NorArray(SIZE, str(tmp_path / "journal.bin"))


def test_tearing_follows_its_seed():
    def torn(seed):
        array = NorArray(4096, rng=Random(seed))
        array.program(0, bytes(4), done=2)
        return array.read(0, 4)

    assert torn(1) == torn(1)
    assert {torn(seed)[2] for seed in range(20)} != {torn(1)[2]}
