"""Whether this machine's clock follows network time, as the kernel knows it: `adjtimex(2)`, which only reads here."""

import ctypes
from collections.abc import Callable

TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
STA_UNSYNC = 0x0040
_SIZE = 512  # more than `struct timex` on any machine: 208 bytes on 64 bits

Ask = Callable[[], tuple[int, int, int]]


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; `modes` 0 changes nothing. `maxerror`: microseconds."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
    )


def ask_kernel() -> tuple[int, int, int]:
    """Return (state, status bits, largest error in microseconds) of the kernel's clock; OSError where it has none."""
    room = ctypes.create_string_buffer(_SIZE)
    try:
        state = ctypes.CDLL(None).adjtimex(room)
    except AttributeError as error:
        raise OSError("this system has no adjtimex") from error
    said = _Timex.from_buffer(room)
    return int(state), int(said.status), int(said.maxerror)


def uncertainty_ms(ask: Ask = ask_kernel) -> int | None:
    """Return how far the clock may be off in milliseconds, None when no network time keeps it."""
    try:
        state, status, error_us = ask()
    except OSError:
        return None  # nobody can say, which is what None says
    if state < 0 or state == TIME_ERROR or status & STA_UNSYNC:
        return None
    return -(-error_us // 1000)
