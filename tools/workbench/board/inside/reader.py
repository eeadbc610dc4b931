"""Runs on a board: the reader of an issuing desk, through the firmware's own driver. Each function prints one line."""

import time
from binascii import hexlify, unhexlify

from machine import SPI, Pin

try:
    import slots

    slots.choose()
except ImportError:
    pass


def _opened():
    import pins
    from drivers.pn532 import PN532

    nfc = SPI(0, baudrate=5_000_000, sck=Pin(pins.NFC_SCK), mosi=Pin(pins.NFC_MOSI), miso=Pin(pins.NFC_MISO))
    cs, irq = Pin(pins.NFC_CS_N, Pin.OUT, value=1), Pin(pins.NFC_IRQ_N, Pin.IN, Pin.PULL_UP)
    reader = PN532(nfc, cs, irq, Pin(pins.NFC_RST_N, Pin.OUT, value=1), time)
    reader.begin()
    return reader


_reader = _opened()


def _find(limit_ms):
    """Print the UIDs of the cards that come within a time, an empty line for none."""
    began = time.ticks_ms()
    found = None
    while not found and time.ticks_diff(time.ticks_ms(), began) < limit_ms:
        found = _reader.poll_targets(time.ticks_ms())
        time.sleep_ms(2)
    print(" ".join(hexlify(uid).decode() for uid, _, _ in found or ()))


def _exchange(apdu):
    """Print a card's answer."""
    answer = _reader.exchange(1, unhexlify(apdu))
    print("none" if answer is None else hexlify(answer).decode())
