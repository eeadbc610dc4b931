"""Real-time clock DS3231. "DS" is Maxim 19-5170 revision 10."""

from checkpost.const import const
from drivers.errors import ChipError

_ADDRESS = const(0x68)  # DS, I2C serial data bus
_REG_TIME = const(0x00)  # seconds, minutes, hours, day, date, month and century, year (DS p. 11, figure 1)
_REG_CONTROL = const(0x0E)
_REG_STATUS = const(0x0F)
_OSF = const(0x80)  # status: the oscillator stopped (DS p. 14)
_EOSC = const(0x80)  # control: set, the oscillator stops on battery (DS p. 13)
_TWELVE_HOURS = const(0x40)  # hours, bit 6 (DS p. 11)
_AFTERNOON = const(0x20)
_CENTURY = const(0x80)  # month, bit 7; toggles when the years go from 99 to 00 (DS p. 11)

_FIRST_YEAR = const(2000)
_DAY_S = const(86400)
_FIRST_DAY = const(10957)  # 2000-01-01 as days after 1970-01-01
_END_DAY = const(47482)  # 2100-01-01: the chip's leap years are right up to there (DS p. 1)


class DS3231:
    """Keeps UTC; the caller owns the bus."""

    def __init__(self, i2c):
        self._i2c = i2c
        self._time = bytearray(7)
        self._one = bytearray(1)

    def read(self):
        """Return Unix seconds, UTC, whether or not the clock can be trusted. Raises ChipError."""
        self._get(_REG_TIME, self._time)
        raw = self._time
        year = _FIRST_YEAR + self._bcd(raw[6], 0, 99)
        month = self._bcd(raw[5] & ~_CENTURY, 1, 12)
        day = self._bcd(raw[4], 1, 31)
        minute = self._bcd(raw[1], 0, 59)
        second = self._bcd(raw[0], 0, 59)
        if raw[5] & _CENTURY:
            year += 100
        return _days(year, month, day) * _DAY_S + self._hour(raw[2]) * 3600 + minute * 60 + second

    def write(self, unix):
        """Set the clock to Unix seconds of 2000 to 2099, and clear the stop flag. Raises ChipError."""
        days = unix // _DAY_S
        if not _FIRST_DAY <= days < _END_DAY:
            raise ValueError("the clock holds 2000 to 2099")
        rest = unix - days * _DAY_S
        year, month, day = _date(days)
        raw = self._time
        raw[0] = _to_bcd(rest % 60)
        raw[1] = _to_bcd(rest // 60 % 60)
        raw[2] = _to_bcd(rest // 3600)
        raw[3] = (days + 3) % 7 + 1  # 1970-01-01 was a Thursday; Monday is 1
        raw[4] = _to_bcd(day)
        raw[5] = _to_bcd(month)
        raw[6] = _to_bcd(year - _FIRST_YEAR)
        self._clear(_REG_CONTROL, _EOSC)
        self._put(_REG_TIME, raw)
        # Last, so that a write cut short still counts as a stopped clock.
        self._clear(_REG_STATUS, _OSF)

    def stopped(self):
        """Return True if the oscillator stopped since the time was set (DS p. 14, OSF). Raises ChipError."""
        self._get(_REG_STATUS, self._one)
        if self._one[0] == 0xFF:
            raise ChipError("ds3231", "not there: the bus reads only ones")
        return bool(self._one[0] & _OSF)

    def _clear(self, register, bit):
        self._get(register, self._one)
        if self._one[0] & bit:
            self._one[0] &= ~bit & 0xFF
            self._put(register, self._one)

    def _hour(self, raw):
        if not raw & _TWELVE_HOURS:
            return self._bcd(raw, 0, 23)
        hour = self._bcd(raw & 0x1F, 1, 12) % 12
        return hour + 12 if raw & _AFTERNOON else hour

    def _bcd(self, raw, low, high):
        value = (raw >> 4) * 10 + (raw & 0x0F)
        if raw & 0x0F > 9 or not low <= value <= high:
            raise ChipError("ds3231", "the time registers hold no time")
        return value

    def _get(self, register, into):
        try:
            self._i2c.readfrom_mem_into(_ADDRESS, register, into)
        except OSError as error:
            raise ChipError("ds3231", "no answer on I2C (" + str(error) + ")")

    def _put(self, register, data):
        try:
            self._i2c.writeto_mem(_ADDRESS, register, data)
        except OSError as error:
            raise ChipError("ds3231", "no answer on I2C (" + str(error) + ")")


def _to_bcd(value):
    return value // 10 << 4 | value % 10


def _days(year, month, day):
    """Return days after 1970-01-01; years start in March, so that the leap day comes last."""
    if month < 3:
        month += 12
        year -= 1
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719469


def _date(days):
    """Return (year, month, day) of a day from 2000-01-01 to 2099-12-31, where every fourth year is a leap year."""
    days -= _FIRST_DAY
    cycle = days // 1461
    days -= cycle * 1461
    year = 0 if days < 366 else (days - 1) // 365
    if year:
        days -= 365 * year + 1
    year += _FIRST_YEAR + 4 * cycle
    month = 1
    while month < 12 and days >= _days(year, month + 1, 1) - _days(year, month, 1):
        days -= _days(year, month + 1, 1) - _days(year, month, 1)
        month += 1
    return year, month, days + 1
