"""Runs on a board with a radio: the range test against the gateway's modem. Prints one line of JSON."""

import gc
import json
import os
import time

from machine import SPI, Pin

try:
    import slots

    slots.choose()
except ImportError:
    pass
gc.collect()


def _range(count):
    """Send pings and tell how each was heard, by the modem (`there`) and of its answer by the board (`here`)."""
    import settings

    import pins
    from drivers import sx1262
    from drivers.w25q import W25Q
    from kiosk.kept import Kept
    from kiosk.rangetest import RangeTest
    from kiosk.wireless import make_radio

    chosen = settings.load()
    Pin(pins.LORA_CS_N, Pin.OUT, value=1)
    spi = SPI(1, baudrate=16_000_000, sck=Pin(pins.SPI1_SCK), mosi=Pin(pins.SPI1_MOSI), miso=Pin(pins.SPI1_MISO))
    flash = W25Q(spi, Pin(pins.JOURNAL_CS_N, Pin.OUT, value=1), time, time.sleep_us)
    flash.identify()
    kept = Kept(flash, chosen.board, chosen.epoch)
    kept.open()
    lines = Pin(pins.LORA_CS_N, Pin.OUT, value=1), Pin(pins.LORA_BUSY, Pin.IN), Pin(pins.LORA_DIO1, Pin.IN)
    chip = sx1262.SX1262(spi, *lines, Pin(pins.LORA_RST_N, Pin.OUT, value=1), time.sleep_us)
    radio, ledger = make_radio(chosen, flash, (chip, sx1262), kept, os.urandom, time.ticks_ms())
    ledger.open(time.ticks_ms())
    test = RangeTest(radio, ledger, kept, chosen.board, count, time.ticks_ms())
    while not test.step(time.ticks_ms()):
        time.sleep_ms(1)
    print(json.dumps({"sent": test.sent, "there": test.there, "here": test.here}))
