"""MicroPython's time module for the virtual board: ticks wrap as on a 32-bit chip and follow the demo's clock file.

The clock file holds utc_ms and skip_ms (8 bytes each, little-endian); skip_ms is added to the ticks, so that time
that the demo leaps over has passed on the board too. Sleeping takes real time.
"""

import os

import utime as _real
from micropython import const
from utime import *  # noqa: F403

_PERIOD = const(1 << 30)  # MICROPY_PY_TIME_TICKS_PERIOD of the 32-bit ports
_HALF = const(1 << 29)
_START_S = 1609459200  # 2021-01-01: the RP2's own clock after power-up


class _Clock:
    """Real time since the start, the leaps of the clock file, and the wire that sleeping flushes."""

    def __init__(self, path):
        self._file = open(path, "rb") if path else None
        self.leaps = self._file is not None
        self._words = bytearray(16)
        self._start_ms = _real.ticks_ms()
        self._start_us = _real.ticks_us()
        self._ticks_ms = int(os.getenv("CHECKPOST_BOARD_TICKS") or 0)
        self.seconds = _START_S
        self.wire = None

    def skip_ms(self):
        """Return what the demo leapt over, in ms."""
        if self._file is None:
            return 0
        self._file.seek(0)
        words = self._words
        self._file.readinto(words)
        return words[8] | words[9] << 8 | words[10] << 16 | words[11] << 24 | words[12] << 32 | words[13] << 40

    def ms(self):
        """Return unwrapped milliseconds."""
        return _real.ticks_ms() - self._start_ms + self._ticks_ms + self.skip_ms()

    def us(self):
        """Return unwrapped microseconds."""
        return _real.ticks_us() - self._start_us + (self._ticks_ms + self.skip_ms()) * 1000


_clock = _Clock(os.getenv("CHECKPOST_CLOCK"))
leaps = _clock.leaps  # the time of day moves on its own: kiosk.clock does not hold the clock chip against the ticks


def ticks_ms():
    """Return milliseconds, wrapping at 2^30."""
    return _clock.ms() & (_PERIOD - 1)


def ticks_us():
    """Return microseconds, wrapping at 2^30."""
    return _clock.us() & (_PERIOD - 1)


def ticks_add(ticks, delta):
    """Return ticks moved by `delta`, over the wrap."""
    return ticks + delta & (_PERIOD - 1)


def ticks_diff(later, earlier):
    """Return the signed difference, over the wrap."""
    return (later - earlier + _HALF & (_PERIOD - 1)) - _HALF


def sleep_ms(ms):
    """Sleep in real time."""
    if _clock.wire is not None:
        _clock.wire.drain(0)
    _real.sleep_ms(ms)


def sleep_us(us):
    """Sleep in real time."""
    if _clock.wire is not None:
        _clock.wire.drain(0)
    _real.sleep_us(us)


def sleep(seconds):
    """Sleep in real time."""
    sleep_ms(int(seconds * 1000))


def time():
    """Return the seconds of the chip's own clock, which knows nothing of the date until it is set."""
    return _clock.seconds + _clock.ms() // 1000


def time_ns():
    """Return `time` in nanoseconds."""
    return _clock.seconds * 1000000000 + _clock.us() * 1000


def localtime(seconds=None):
    """Return the calendar fields of `seconds`, or of now."""
    return _real.gmtime(time() if seconds is None else seconds)


gmtime = localtime


def set_seconds(seconds):
    """Set the chip's own clock (machine.RTC)."""
    _clock.seconds = seconds - _clock.ms() // 1000
