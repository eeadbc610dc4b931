"""Runs on a board: looks at each part through the firmware's own drivers. Each `_name` prints one line of JSON."""

import gc
import json
import os
import time
from binascii import hexlify, unhexlify

from machine import ADC, I2C, SPI, Pin

try:
    import slots

    slots.choose()
except ImportError:
    pass
gc.collect()


def _flash():
    import pins
    from drivers.w25q import W25Q

    Pin(pins.LORA_CS_N, Pin.OUT, value=1)  # the radio shares the bus and stays off it
    spi = SPI(1, baudrate=20_000_000, sck=Pin(pins.SPI1_SCK), mosi=Pin(pins.SPI1_MOSI), miso=Pin(pins.SPI1_MISO))
    chip = W25Q(spi, Pin(pins.JOURNAL_CS_N, Pin.OUT, value=1), time, time.sleep_us)
    return chip, chip.identify()


def _journal(board, epoch, key=None):
    from kiosk.journal import Journal

    chip, _ = _flash()
    journal = Journal(chip, board, epoch, key)
    journal.open()
    return journal


def _provision(board, epoch, key):
    """Begin the epoch with its seal key in the chip, and prove that the key is found there without being given."""
    _journal(board, epoch, unhexlify(key))
    journal = _journal(board, epoch)
    gc.collect()
    print(json.dumps({"sealed": journal.seal()[2] is not None, "next": journal.next_seq, "faults": journal.faults}))


def _look(name, work):
    try:
        print(json.dumps([name, True, work()]))
    except Exception as error:
        print(json.dumps([name, False, type(error).__name__ + ": " + str(error)]))
    gc.collect()


def _look_i2c():
    import pins

    found = I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400_000).scan()
    return sorted(found)


def _look_clock():
    import pins
    from drivers.ds3231 import DS3231

    clock = DS3231(I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400_000))
    return {"stopped": clock.stopped(), "utc_s": clock.read()}


def _look_display(controller="sh1106"):
    import pins
    from drivers.oled import OLED

    oled = OLED(I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400_000), controller=controller)
    oled.begin()
    oled.fb.fill(1)
    oled.show()
    return controller


def _look_reader():
    import pins
    from drivers.pn532 import PN532

    nfc = SPI(0, baudrate=5_000_000, sck=Pin(pins.NFC_SCK), mosi=Pin(pins.NFC_MOSI), miso=Pin(pins.NFC_MISO))
    cs, irq = Pin(pins.NFC_CS_N, Pin.OUT, value=1), Pin(pins.NFC_IRQ_N, Pin.IN, Pin.PULL_UP)
    PN532(nfc, cs, irq, Pin(pins.NFC_RST_N, Pin.OUT, value=1), time).begin()
    return "PN532"


def _look_flash():
    return hexlify(bytes(_flash()[1])).decode()


def _look_journal(board, epoch):
    journal = _journal(board, epoch)
    return {
        "next": journal.next_seq,
        "oldest": journal.oldest_seq,
        "gateway": journal.gateway_seq,
        "centre": journal.centre_seq,
        "fill": journal.fill_percent(),
        "torn": journal.torn,
        "sealed": journal.seal()[2] is not None,
        "faults": journal.faults,
    }


def _look_battery():
    import pins
    from drivers.battery import Battery

    return Battery(ADC(Pin(pins.VBAT_SENSE))).millivolts()


def _look_buttons():
    import pins

    held = []
    for name in ("BTN_DIR_N", "BTN_REFER_N", "BTN_ADMIT_N", "BTN_NO_CARD_N"):
        if not Pin(getattr(pins, name), Pin.IN, Pin.PULL_UP).value():
            held.append(name)
    return held


def _look_files():
    room = os.statvfs("/")
    return {"free": room[0] * room[3], "size": room[0] * room[2], "memory": gc.mem_free()}


def _version():
    from kiosk.version import VERSION

    print(json.dumps(list(VERSION)))


def _used():
    """Tell which sectors of the chip are not blank, as far as their first 64 bytes say."""
    chip, _ = _flash()
    head = bytearray(64)
    found = []
    for sector in range(chip.size // 4096):
        chip.read_into(sector * 4096, head)
        if head != b"\xff" * 64:
            found.append(sector)
    print(json.dumps(found))


def _sectors(numbers):
    from binascii import b2a_base64

    chip, _ = _flash()
    piece = bytearray(4096)
    for sector in numbers:
        chip.read_into(sector * 4096, piece)
        print(b2a_base64(piece).decode().strip())


def _erase(numbers):
    chip, _ = _flash()
    for sector in numbers:
        chip.erase_start(sector * 4096)
        chip.wait(500)  # W25Q64JV: tSE at most 400 ms
    print(json.dumps(len(numbers)))
