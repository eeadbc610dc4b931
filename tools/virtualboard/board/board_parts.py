"""machine.PWM, ADC, RTC and WDT for the virtual board."""

import time

from board_pins import number
from board_wire import ADC as ADC_READ
from board_wire import PWM as PWM_OUT
from board_wire import WDT as WDT_FEED
from board_wire import wire

_EMPTY = b""


class PWM:
    """A PWM output."""

    def __init__(self, pin, *, freq=0, duty_u16=0):
        self._gp = number(pin)
        self._freq = freq
        self._duty = duty_u16
        if freq:
            self._tell()

    def init(self, *, freq=None, duty_u16=None):
        """Set frequency and duty."""
        self._freq = self._freq if freq is None else freq
        self._duty = self._duty if duty_u16 is None else duty_u16
        self._tell()

    def deinit(self):
        """Stop."""
        self._duty = 0
        self._tell()

    def freq(self, hz=None):
        """Return or set the frequency."""
        if hz is None:
            return self._freq
        self._freq = hz
        self._tell()

    def duty_u16(self, duty=None):
        """Return or set the duty cycle."""
        if duty is None:
            return self._duty
        self._duty = duty
        self._tell()

    def _tell(self):
        f = self._freq
        d = self._duty
        wire.send(PWM_OUT, self._gp, bytes((f & 255, f >> 8 & 255, f >> 16 & 255, 0, d & 255, d >> 8)))
        wire.flush()


class ADC:
    """An analogue input."""

    CORE_TEMP = 4

    def __init__(self, pin):
        self._gp = pin + 26 if isinstance(pin, int) and pin < 4 else number(pin)
        self._code = bytearray(2)

    def read_u16(self):
        """Return a conversion, 0 to 65535."""
        wire.ask(ADC_READ, self._gp, _EMPTY, self._code)
        return self._code[0] | self._code[1] << 8


class RTC:
    """The chip's own clock: it starts at 2021-01-01 with each power-up, as the RP2's does."""

    def datetime(self, when=None):
        """Return (year, month, day, weekday, hour, minute, second, 0), or set it."""
        if when is not None:
            fields = (when[0], when[1], when[2], when[4], when[5], when[6], 0, 0)
            time.set_seconds(time.mktime(fields))
            return None
        now = time.localtime()
        return (now[0], now[1], now[2], now[6], now[3], now[4], now[5], 0)


class WDT:
    """The watchdog: `feed` it within `timeout` ms or the chip restarts."""

    def __init__(self, id=0, timeout=5000):
        if not 1 <= timeout <= 8388:
            raise ValueError("timeout exceeds 8388")  # as the RP2040's
        wire.send(WDT_FEED, 1, bytes((timeout & 255, timeout >> 8)))
        wire.flush()

    def feed(self):
        """Say that the program is alive; heard with the next flush, so that feeding costs nothing."""
        wire.send(WDT_FEED, 0, _EMPTY)
