"""DS3231 real-time clock. "DS" is Maxim 19-5170 revision 10."""

import json
import os
from collections.abc import Callable
from math import floor
from pathlib import Path
from typing import Any

from .bits import from_bcd, to_bcd

ADDRESS = 0x68
REGISTERS = 0x13
CENTURY_BASE = 2000  # the year that the kiosk's wiring calls 00 with the century bit clear

_DAY = 86400
_CYCLE_DAYS = 200 * 365 + 50  # two centuries with every fourth year a leap year, as the chip counts (DS p. 1)
_EPOCH_DAYS = 10957  # 1970-01-01 to 2000-01-01
_CONTROL, _STATUS = 0x0E, 0x0F
_OSF, _BSY, _EN32KHZ, _ALARMS = 0x80, 0x04, 0x08, 0x03
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Ds3231:
    """The clock on an I2C bus. `utc` gives the true time (Unix seconds); the chip keeps an offset to it.

    `path` keeps offset and registers in a JSON file, as the coin cell does. Without it, or when the file is
    missing, the chip is new: 2000-01-01, oscillator-stop flag set (DS p. 14).
    """

    def __init__(self, utc: Callable[[], float], path: str | None = None) -> None:
        self._utc = utc
        self._path = Path(path) if path else None
        self.fault = ""  # "" | "dead" (no acknowledge)
        self._pointer = 0
        self._latched = bytes(7)
        self.lose_power()
        if self._path is not None and self._path.exists():
            self._load(json.loads(self._path.read_text()))

    def lose_power(self) -> None:
        """Lose supply and coin cell: the time starts at 2000-01-01 and OSF is set."""
        self._offset = -self._utc()
        self._weekday_shift = 0
        self._hours_12 = False
        self._rest = bytearray(REGISTERS)
        self._rest[_CONTROL] = 0x1C
        self._rest[_STATUS] = _OSF | _EN32KHZ
        self._rest[0x11:0x13] = b"\x19\x40"  # 25.25 degrees Celsius

    def set_true(self, unix_s: float) -> None:
        """Set the chip to Unix seconds as a technician's tool does, and clear OSF."""
        self._offset = floor(unix_s) - _EPOCH_DAYS * _DAY - self._utc()
        self._rest[_STATUS] &= ~_OSF & 0xFF
        self._save()

    def drift(self, seconds: float) -> None:
        """Move the chip's time against true time by `seconds`, as a bad crystal does."""
        self._offset += seconds
        self._save()

    def stop_oscillator(self) -> None:
        """Set OSF, as after a flat coin cell."""
        self._rest[_STATUS] |= _OSF
        self._save()

    def unix(self) -> int:
        """Return the Unix seconds that the registers show (century bit clear is 20xx)."""
        return self._count() + _EPOCH_DAYS * _DAY

    def write(self, data: bytes) -> bool:
        """Take an I2C write: register address, then values; return True if acknowledged."""
        if self.fault:
            return False
        if data:
            self._point(data[0] % REGISTERS)
            written: dict[int, int] = {}
            for value in data[1:]:
                if self._pointer < 7:
                    written[self._pointer] = value
                else:
                    self._store(self._pointer, value)
                self._pointer = (self._pointer + 1) % REGISTERS
            if written:
                self._store_time(written)
            if len(data) > 1:
                self._save()
        return True

    def read(self, length: int) -> bytes | None:
        """Return `length` registers from the pointer on, or None without acknowledge."""
        if self.fault:
            return None
        # DS p. 13: the time is copied at START, so that a read over a second's end stays whole.
        self._latched = self._time_registers()
        out = bytearray()
        for _ in range(length):
            out.append(self._latched[self._pointer] if self._pointer < 7 else self._rest[self._pointer])
            self._point((self._pointer + 1) % REGISTERS)
        return bytes(out)

    def _point(self, register: int) -> None:
        self._pointer = register
        if register == 0:
            self._latched = self._time_registers()

    def _count(self) -> int:
        """Return the seconds since 00-01-01 with the century bit clear."""
        return floor(self._utc() + self._offset + 1e-6) % (_CYCLE_DAYS * _DAY)

    def _time_registers(self) -> bytes:
        days, second = divmod(self._count(), _DAY)
        year, month, day = _date(days)
        hour = second // 3600
        weekday = (days + 6 + self._weekday_shift) % 7 + 1
        month_code = to_bcd(month) | (0x80 if year >= 100 else 0)
        fields = (to_bcd(second % 60), to_bcd(second // 60 % 60), self._hour_code(hour), weekday)
        return bytes((*fields, to_bcd(day), month_code, to_bcd(year % 100)))

    def _hour_code(self, hour: int) -> int:
        if not self._hours_12:
            return to_bcd(hour)
        return 0x40 | (0x20 if hour >= 12 else 0) | to_bcd((hour + 11) % 12 + 1)

    def _store(self, register: int, value: int) -> None:
        if register == _STATUS:
            # DS p. 14: flags can only be cleared; BSY is read-only.
            kept = self._rest[_STATUS] & value & (_OSF | _ALARMS)
            self._rest[_STATUS] = kept | value & _EN32KHZ | self._rest[_STATUS] & _BSY
        elif register < 0x11:  # the temperature is read-only
            self._rest[register] = value

    def _store_time(self, written: dict[int, int]) -> None:
        """Set the time registers of one transfer together: the 31st is no other day because the old month was short."""
        fields = bytearray(self._time_registers())
        for register, value in written.items():
            fields[register] = value
        if 2 in written:
            self._hours_12 = bool(written[2] & 0x40)
        hour = from_bcd(fields[2] & 0x3F)
        if self._hours_12:
            hour = from_bcd(fields[2] & 0x1F) % 12 + (12 if fields[2] & 0x20 else 0)
        year = from_bcd(fields[6]) + (100 if fields[5] & 0x80 else 0)
        days = _day_number(year, from_bcd(fields[5] & 0x1F), from_bcd(fields[4] & 0x3F))
        seconds = hour * 3600 + from_bcd(fields[1] & 0x7F) * 60 + from_bcd(fields[0] & 0x7F)
        target = days * _DAY + seconds
        if 0 in written:
            # DS p. 12: writing the seconds restarts the countdown chain: a second begins now.
            self._offset = target - self._utc()
        else:
            self._offset += target - self._count()
        if 3 in written:
            self._weekday_shift = ((written[3] & 7) - 1 - days - 6) % 7

    def _save(self) -> None:
        if self._path is None:
            return
        state = {
            "offset": self._offset,
            "osf": bool(self._rest[_STATUS] & _OSF),
            "weekday_shift": self._weekday_shift,
            "hours_12": self._hours_12,
            "registers": self._rest.hex(),
        }
        # Renamed into place, so that a killed process leaves either the old state or the new one.
        draft = self._path.with_name(self._path.name + ".new")
        draft.write_text(json.dumps(state))
        os.replace(draft, self._path)

    def _load(self, state: dict[str, Any]) -> None:
        self._offset = float(state["offset"])
        self._weekday_shift = int(state.get("weekday_shift", 0))
        self._hours_12 = bool(state.get("hours_12", False))
        if "registers" in state:
            self._rest = bytearray.fromhex(state["registers"])
        self._rest[_STATUS] = self._rest[_STATUS] & ~_OSF & 0xFF | (_OSF if state["osf"] else 0)


def set_clock_state() -> dict[str, object]:
    """Return the stored state of a chip that was set to true time and never stopped."""
    return {"offset": -float(_EPOCH_DAYS * _DAY), "osf": False}


def _day_number(year: int, month: int, day: int) -> int:
    """Return the days since 00-01-01; out-of-range fields count on, as the chip's counters would."""
    days = year * 365 + (year + 3) // 4 + day - 1
    for index in range(max(0, min(month, 12) - 1)):
        days += _MONTHS[index]
    return days + (1 if month > 2 and year % 4 == 0 else 0)


def _date(days: int) -> tuple[int, int, int]:
    """Return (year 0-199, month, day) of a day number; every fourth year is a leap year."""
    year = days * 4 // 1461
    day_of_year = days - (year * 365 + (year + 3) // 4)
    if day_of_year < 0:
        year -= 1
        day_of_year = days - (year * 365 + (year + 3) // 4)
    month = 0
    while day_of_year >= _MONTHS[month] + (1 if month == 1 and year % 4 == 0 else 0):
        day_of_year -= _MONTHS[month] + (1 if month == 1 and year % 4 == 0 else 0)
        month += 1
    return year, month + 1, day_of_year + 1
