"""The clock model against Maxim 19-5170, revision 10."""

import json
from datetime import UTC, datetime

import pytest

from virtualboard.chips.ds3231 import ADDRESS, Ds3231, set_clock_state


def unix(*fields):
    return int(datetime(*fields, tzinfo=UTC).timestamp())


class Time:
    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self):
        return self.seconds


@pytest.fixture
def time():
    return Time(float(unix(2026, 10, 26, 6, 2, 0)))


def registers(chip, first=0, count=7):
    chip.write(bytes([first]))
    return chip.read(count)


def test_a_new_chip_starts_in_2000_with_its_flag(time):
    chip = Ds3231(time)
    assert registers(chip)[4:] == b"\x01\x01\x00"
    assert registers(chip, 0x0F, 1)[0] & 0x80


def test_the_time_is_binary_coded_decimal_and_runs(time):
    chip = Ds3231(time)
    chip.set_true(time())
    assert registers(chip)[:3] == b"\x00\x02\x06"
    assert registers(chip)[4:] == b"\x26\x10\x26"
    time.seconds += 59
    assert registers(chip)[:2] == b"\x59\x02"


def test_writing_the_seconds_begins_a_second(time):
    chip = Ds3231(time)
    time.seconds += 0.7
    chip.write(b"\x00\x30\x15\x22\x04\x31\x12\x26")
    time.seconds += 0.9
    assert registers(chip)[:1] == b"\x30"
    time.seconds += 0.1
    assert registers(chip)[:1] == b"\x31"


def test_the_century_bit_toggles(time):
    chip = Ds3231(time)
    chip.write(b"\x00\x59\x59\x23\x01\x31\x12\x99")
    time.seconds += 1
    assert registers(chip)[4:] == b"\x01\x81\x00"
    chip.write(b"\x00\x59\x59\x23\x01\x31\x92\x99")
    time.seconds += 1
    assert registers(chip)[4:] == b"\x01\x01\x00"


@pytest.mark.parametrize("year, days", [(2024, 29), (2026, 28), (2028, 29)])
def test_february(time, year, days):
    chip = Ds3231(time)
    chip.set_true(unix(year, 2, 28, 23, 59, 59))
    time.seconds += 1
    assert registers(chip)[4:6] == (b"\x29\x02" if days == 29 else b"\x01\x03")


def test_every_day_of_the_century_is_the_calendars(time):
    chip = Ds3231(time)
    for day in range(0, 36500, 13):
        moment = unix(2000, 1, 1) + day * 86400 + 4242
        chip.set_true(moment)
        when = datetime.fromtimestamp(moment, UTC)
        shown = registers(chip)
        assert f"{shown[6]:02x}-{shown[5]:02x}-{shown[4]:02x}" == when.strftime("%y-%m-%d")


def test_the_flag_can_only_be_cleared(time):
    chip = Ds3231(time)
    chip.write(b"\x0f\x00")
    assert registers(chip, 0x0F, 1) == b"\x00"
    chip.write(b"\x0f\x80")
    assert registers(chip, 0x0F, 1) == b"\x00"
    chip.stop_oscillator()
    assert registers(chip, 0x0F, 1) == b"\x80"


def test_twelve_hours(time):
    chip = Ds3231(time)
    chip.write(b"\x02\x72")  # 12 PM
    assert registers(chip, 2, 1) == b"\x72"
    time.seconds += 3600
    assert registers(chip, 2, 1) == b"\x61"
    chip.write(b"\x02\x52")  # 12 AM
    time.seconds += 3600
    assert registers(chip, 2, 1) == b"\x41"


def test_the_pointer_wraps(time):
    chip = Ds3231(time)
    chip.set_true(time())
    assert registers(chip, 0x12, 3) == b"\x40\x00\x02"


def test_the_file_keeps_time_over_a_restart(tmp_path, time):
    path = tmp_path / "rtc.json"
    path.write_text(json.dumps(set_clock_state()))
    chip = Ds3231(time, str(path))
    assert chip.unix() == time()
    chip.write(b"\x00\x00\x00\x00\x01\x01\x01\x30")
    time.seconds += 10
    assert Ds3231(time, str(path)).unix() == unix(2030, 1, 1, 0, 0, 10)


def test_it_stands_still_with_a_frozen_clock(bench):
    bench.circuit.rtc.drift(5)
    before = bench.i2c().readfrom_mem(ADDRESS, 0, 7)
    assert bench.i2c().readfrom_mem(ADDRESS, 0, 7) == before
