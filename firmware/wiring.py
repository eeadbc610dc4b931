"""Joins pins to parts. main.py loads it for that alone (checkpost.once): its memory is free while it works."""

import gc
import time

import machine
from machine import ADC, I2C, PWM, SPI, UART, Pin

import pins
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
from kiosk.app import Hardware
from kiosk.scrub import scrub

WATCHDOG_MS = 8000  # the RP2040 holds 8388 at most; a journal that is opened again takes a second
TX_BUFFER = 1024  # a frame (661 bytes) in one piece; the driver waits for its end before the next
RX_BUFFER = 1536  # a whole turn of the gateway (1500 bytes) while the display is drawn


def display(controller):
    """Return the bus of clock and display, and the display."""
    i2c = I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400_000)
    return i2c, OLED(i2c, controller=controller)


def button(gp):
    """Return the button at a pin."""
    return Button(Pin(gp, Pin.IN, Pin.PULL_UP), time)


def journal_bus(with_radio):
    """Return the bus of journal and radio, and the journal's chip. The radio takes no more than 16 MHz."""
    Pin(pins.LORA_CS_N, Pin.OUT, value=1)  # it stays off the bus until it is asked
    rate = 16_000_000 if with_radio else 20_000_000
    spi = SPI(1, baudrate=rate, sck=Pin(pins.SPI1_SCK), mosi=Pin(pins.SPI1_MOSI), miso=Pin(pins.SPI1_MISO))
    return spi, W25Q(spi, Pin(pins.JOURNAL_CS_N, Pin.OUT, value=1), time, time.sleep_us)


def hardware(chosen):
    """Return the parts of the board, and the bus on which a radio is."""
    parts = Hardware()
    parts.errors = (ChipError, OSError)
    parts.cause = machine.reset_cause()
    i2c, parts.oled = display(chosen.oled)
    parts.rtc = DS3231(i2c)
    nfc = SPI(0, baudrate=5_000_000, sck=Pin(pins.NFC_SCK), mosi=Pin(pins.NFC_MOSI), miso=Pin(pins.NFC_MISO))
    parts.reader = PN532(
        nfc,
        Pin(pins.NFC_CS_N, Pin.OUT, value=1),
        Pin(pins.NFC_IRQ_N, Pin.IN, Pin.PULL_UP),
        Pin(pins.NFC_RST_N, Pin.OUT, value=1),
        time,
    )
    spi, parts.flash = journal_bus(chosen.carrier == "lora")
    parts.bar = LedBar(Pin(pins.LED_DATA, Pin.OUT), machine.bitstream)
    parts.buzzer = Buzzer(PWM(Pin(pins.BUZZER)))
    parts.buttons = {
        "admit": button(pins.BTN_ADMIT_N),
        "refer": button(pins.BTN_REFER_N),
        "no_card": button(pins.BTN_NO_CARD_N),
        "direction": button(pins.BTN_DIR_N),
    }
    if chosen.carrier == "serial":
        uart = UART(0, baudrate=chosen.baud, tx=Pin(pins.GW_TX), rx=Pin(pins.GW_RX), txbuf=TX_BUFFER, rxbuf=RX_BUFFER)
        parts.line = RS485(uart, time, chosen.baud, Pin(pins.RS485_DE, Pin.OUT, value=0))
    parts.memory = gc
    parts.scrub = scrub
    parts.battery = Battery(ADC(Pin(pins.VBAT_SENSE)))
    # Without a timer that feeds it at the prompt a watchdog would cut the technician off.
    parts.watchdog = machine.WDT(timeout=WATCHDOG_MS) if chosen.watchdog and hasattr(machine, "Timer") else None
    return parts, spi
