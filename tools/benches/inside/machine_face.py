"""As much of the module `machine` as main.py needs to be loaded: it stays in a board's memory, and so it does here.

Without settings main.py says so on the display and returns; what it is made of is there then.
"""

import builtins
import sys

from checkpost.once import forget
from flashfile import Meter
from parts import I2C as Bus


class Face:
    """Stands for every pin, bus and timer."""

    IN = OUT = PULL_UP = 0

    def __init__(self, *given, **named):
        """Take what a driver gives."""

    @staticmethod
    def I2C(*given, **named):
        """Return the bus of the display."""
        return Bus(lambda: 0, Meter())


Face.ADC = Face.PWM = Face.SPI = Face.UART = Face.Pin = Face


def load_main():
    """Load main.py, without a word on the output."""
    sys.modules["machine"] = Face
    print = builtins.print
    builtins.print = lambda *words: None
    try:
        import main  # noqa: F401 - importing it runs it
    finally:
        builtins.print = print
    for name in ("settings", "wiring"):  # as when it finds its settings
        forget(name)
