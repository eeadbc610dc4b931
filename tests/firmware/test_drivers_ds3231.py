"""The clock's driver against the chip model, and against broken chips and wires."""

import calendar
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.ds3231 import DS3231
from drivers.errors import ChipError
from tests.support.wires import ConstantI2c, StuckI2c
from virtualboard.bench import Bench

FIRST = calendar.timegm((2000, 1, 1, 0, 0, 0))
END = calendar.timegm((2100, 1, 1, 0, 0, 0))


class Registers:
    """An I2C bus with a clock that stands still: 19 plain registers."""

    def __init__(self):
        self.data = bytearray(19)
        self.data[0x0E] = 0x1C
        self.data[0x0F] = 0x88
        self.log = []

    def readfrom_mem_into(self, address, register, buffer):
        """Read registers."""
        assert address == 0x68
        buffer[:] = self.data[register : register + len(buffer)]

    def writeto_mem(self, address, register, data):
        """Write registers."""
        assert address == 0x68
        self.log.append((register, bytes(data)))
        self.data[register : register + len(data)] = data


@settings(max_examples=300)
@given(st.integers(FIRST, END - 1))
def test_every_second_of_the_century_is_written_and_read_back(unix):
    registers = Registers()
    clock = DS3231(registers)
    clock.write(unix)
    assert clock.read() == unix
    moment = datetime.fromtimestamp(unix, UTC)
    assert registers.data[:7].hex() == moment.strftime("%S%M%H0%u%d%m%y")


@pytest.mark.parametrize("unix", [FIRST - 1, END, 0])
def test_times_that_the_chip_cannot_hold_are_refused(unix):
    with pytest.raises(ValueError, match="2000 to 2099"):
        DS3231(Registers()).write(unix)


def test_the_century_bit_is_a_hundred_years():
    registers = Registers()
    registers.data[:7] = bytes.fromhex("00000005018100")
    assert DS3231(registers).read() == calendar.timegm((2100, 1, 1, 0, 0, 0))


@pytest.mark.parametrize(("raw", "hour"), [(0x52, 0), (0x41, 1), (0x72, 12), (0x71, 23), (0x23, 23)])
def test_a_chip_that_was_left_in_twelve_hours(raw, hour):
    registers = Registers()
    registers.data[:7] = bytes((0x00, 0x00, raw, 0x01, 0x01, 0x01, 0x26))
    assert DS3231(registers).read() == calendar.timegm((2026, 1, 1, hour, 0, 0))


def test_the_stop_flag_is_cleared_last_and_other_flags_stay():
    registers = Registers()
    clock = DS3231(registers)
    assert clock.stopped()
    clock.write(FIRST)
    assert not clock.stopped()
    assert registers.log[-1] == (0x0F, b"\x08")


def test_an_oscillator_that_would_stop_on_battery_is_switched_on():
    registers = Registers()
    registers.data[0x0E] = 0x9C
    DS3231(registers).write(FIRST)
    assert registers.data[0x0E] == 0x1C


def test_the_model_runs_on():
    bench = Bench()
    clock = DS3231(bench.i2c(0))
    unix = calendar.timegm((2028, 2, 29, 23, 59, 58))
    clock.write(unix)
    bench.advance(3)
    assert clock.read() == unix + 3
    assert not clock.stopped()
    bench.circuit.rtc.stop_oscillator()
    assert clock.stopped()


@settings(max_examples=100, deadline=None)
@given(st.integers(FIRST, END - 1), st.integers(FIRST, END - 1))
def test_the_model_takes_any_time_after_any_other(first, second):
    bench = Bench()
    clock = DS3231(bench.i2c(0))
    clock.write(first)
    assert clock.read() == first
    clock.write(second)
    assert clock.read() == second


def test_a_new_chip_says_that_it_stopped():
    bench = Bench()
    bench.circuit.rtc.lose_power()
    clock = DS3231(bench.i2c(0))
    assert clock.stopped()
    assert clock.read() == FIRST


def test_a_chip_that_is_not_there():
    bench = Bench()
    bench.circuit.break_part("rtc")
    clock = DS3231(bench.i2c(0))
    for call in (clock.read, clock.stopped, lambda: clock.write(FIRST)):
        with pytest.raises(ChipError, match="ds3231: no answer"):
            call()
    bench.circuit.mend_part("rtc")
    clock.write(FIRST)
    assert clock.read() == FIRST


def test_a_bus_held_down():
    with pytest.raises(ChipError, match="ds3231: no answer"):
        DS3231(StuckI2c()).read()


@pytest.mark.parametrize("byte", [0xFF, 0x00, 0x5A])
def test_registers_that_hold_no_time(byte):
    with pytest.raises(ChipError, match="no time"):
        DS3231(ConstantI2c(byte)).read()


def test_a_status_of_only_ones_is_no_chip():
    with pytest.raises(ChipError, match="not there"):
        DS3231(ConstantI2c(0xFF)).stopped()
