"""A kiosk in MicroPython: the firmware's own App and drivers over models, in time that the bench moves.

The firmware is imported first, so that what the bench's own code takes of the heap is known and can be taken off.
"""

import gc

gc.collect()
_SCRIPT = gc.mem_alloc()

import os

from drivers.battery import Battery
from drivers.buttons import Button
from drivers.buzzer import Buzzer
from drivers.ds3231 import DS3231
from drivers.errors import ChipError
from drivers.ledbar import LedBar
from drivers.oled import OLED
from drivers.pn532 import PN532
from drivers.rs485 import RS485
from drivers.w25q import W25Q
from kiosk.app import App, Hardware
from kiosk.scrub import scrub
from checkpost.once import forget

for name in ("settings", "kiosk.assembly"):  # needed for a moment later on: their names are the firmware's, too
    __import__(name)
    forget(name)
gc.collect()
_LOADED = gc.mem_alloc()

from flashfile import FlashFile, Meter, Select
from machine_face import load_main
from parts import I2C, Adc, Line, Pin, Reader, Sounder, Ticks
from permit import PermitCard

gc.collect()
_OWN = _SCRIPT + gc.mem_alloc() - _LOADED
load_main()

BAUD = 921_600
RESERVED = 1024 + 1536 + 4096  # what a start takes of the heap: the UART's buffers and the reserve for a crash
START_S = 1_793_000_000
STEP_MS = 2
SETTINGS = {
    "board": 1,
    "epoch": 1,
    "crossing_point": {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north-hamgyong"},
    "lane": "1",
    "direction": "entry",
    "offset_quarters": 36,
    "link": {"carrier": "serial", "baud": BAUD},
    "link_key": "000102030405060708090a0b0c0d0e0f",
    "seal_key": "01" * 32,
    "language": "en",
    "oled": "sh1106",
}
CARD_KEY = bytes(range(16))  # of every card; far_end.py gives it to the board
LIMIT_STEPS = 20_000  # of the loop, until something that has to come has come


def card_driver():
    """Return the card's driver and its errors, as main.py does."""
    from drivers import ntag424_plain, ntag424_status

    return ntag424_plain.PlainNTAG424, ntag424_status


def unlit(*given):
    """Take what goes to the lights."""


class World:
    """`given`: flash (path of the chip's file), line (a socket's number, or -1), live (cards prove themselves)."""

    def __init__(self, given):
        gc.collect()
        before = gc.mem_alloc()
        self.ticks = Ticks()
        self.meter = Meter()
        self.chip = FlashFile(given["flash"], self.meter)
        self._live = given.get("live", False)
        self.reader = Reader(self.meter, PermitCard(CARD_KEY) if self._live else None)
        self.i2c = I2C(self.seconds, self.meter)
        self.sounder = Sounder()
        self.line = Line(given["line"], self.seconds)
        self.fingers = {name: Pin() for name in ("admit", "refer", "no_card", "direction")}
        self._pins = [Pin() for _ in range(5)]
        self._select = Select(self.chip)
        self._adc = Adc()
        gc.collect()
        self._own = _OWN + gc.mem_alloc() - before
        self._reserved = bytearray(RESERVED)
        self.app = self._app()
        self._idle = self.app.kiosk.state  # it begins at rest; the number's name is not on a board that was flashed
        self.app.start()
        gc.collect()

    def heap_in_use(self):
        """Return the bytes that the firmware holds after a collection, without the bench's own."""
        gc.collect()
        return gc.mem_alloc() - self._own

    def seconds(self):
        """Return the true UTC."""
        return START_S + self.ticks.ms // 1000

    def step(self, ms=STEP_MS):
        """One turn of the loop, then time passes."""
        self.app.step()
        self.ticks.ms += ms

    def until(self, done, ms=STEP_MS):
        """Turn the loop until `done()`; return how often."""
        for turns in range(LIMIT_STEPS):
            if done():
                return turns
            self.step(ms)
        raise AssertionError("it did not come: state %d, link %s" % (self.app.kiosk.state, self.app.uplink.up()))

    def rest(self, ms, turns):
        """Turn the loop some times while `ms` pass."""
        for _ in range(turns):
            self.step(ms // turns)

    def idle(self):
        """Return True when the kiosk is at rest."""
        return self.app.kiosk.state == self._idle

    def _app(self):
        from settings import Settings

        given = dict(SETTINGS, assurance="live" if self._live else "uid")
        app = App(self._hardware(), Settings(given), self.ticks, os.urandom)
        forget("settings")  # as main.py does
        return app

    def _hardware(self):
        parts = Hardware()
        parts.errors = (ChipError, OSError)
        parts.cause = 1
        parts.oled = OLED(self.i2c)
        parts.rtc = DS3231(self.i2c)
        chosen, asks, resets, drives, lights = self._pins
        asks.level = drives.level = 0
        parts.reader = PN532(self.reader, chosen, asks, resets, self.ticks)
        parts.flash = W25Q(self.chip, self._select, self.ticks, self.ticks.sleep_us)
        parts.bar = LedBar(lights, unlit)
        parts.buzzer = Buzzer(self.sounder)
        parts.buttons = {name: Button(self.fingers[name], self.ticks) for name in self.fingers}
        parts.line = RS485(self.line, self.ticks, BAUD, drives)
        parts.battery = Battery(self._adc)
        parts.card = card_driver
        parts.watchdog = None
        parts.memory = gc
        parts.scrub = scrub
        return parts
