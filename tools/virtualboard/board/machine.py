"""MicroPython's machine module for the virtual board: the pins and buses lead to chip models in the host process."""

import os
import time

from board_buses import I2C, SPI
from board_parts import ADC, PWM, RTC, WDT  # noqa: F401 - part of the module's face
from board_pins import Pin, number  # noqa: F401
from board_uart import UART  # noqa: F401
from board_wire import BITS, RESET, wire
from umachine import Signal, mem8, mem16, mem32  # noqa: F401

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
_IDLE_MS = 5  # the longest that idle() sleeps: the loop's other work is never later than this

SoftSPI = SPI
SoftI2C = I2C


def idle():
    """Sleep until a chip speaks, 5 ms at most."""
    wire.drain(_IDLE_MS)


def lightsleep(ms=0):
    """Sleep for `ms`."""
    time.sleep_ms(ms)


def reset():
    """Restart the chip."""
    _restart(HARD_RESET)


def soft_reset():
    """Restart the interpreter."""
    _restart(SOFT_RESET)


def _restart(kind):
    wire.send(RESET, kind, b"")
    wire.flush()
    while True:
        time.sleep_ms(1000)


def reset_cause():
    """Return why the board started."""
    return int(os.getenv("CHECKPOST_BOARD_CAUSE") or PWRON_RESET)


def unique_id():
    """Return the chip's 8 bytes."""
    return bytes(int(os.getenv("CHECKPOST_BOARD_ID")[i : i + 2], 16) for i in range(0, 16, 2))


def freq(*args):
    """Return the processor's clock."""
    return 150000000


def disable_irq():
    """Return a state for enable_irq; pins are only looked at between statements here."""
    return 0


def enable_irq(state):
    """Undo disable_irq."""


def bitstream(pin, encoding, timing, data):
    """Shift `data` out of a pin; timing is (high 0, low 0, high 1, low 1) in ns."""
    head = bytearray(8)
    for i in range(4):
        head[2 * i] = timing[i] & 255
        head[2 * i + 1] = timing[i] >> 8
    wire.send(BITS, number(pin), head + data)
    wire.flush()
