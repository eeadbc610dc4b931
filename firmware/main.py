"""Joins pins to parts and runs the loop; nothing else. What a board does is in kiosk/."""

import gc
import os
import sys
import time

import machine
from machine import ADC, I2C, PWM, SPI, UART, Pin

import pins
from checkpost.once import forget
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
from kiosk.care import crash
from kiosk.lettering import Lettering
from kiosk.pages import Pages
from kiosk.scrub import scrub
from kiosk.texts import texts_of

WATCHDOG_MS = 8000  # the RP2040 holds 8388 at most; a journal that is opened again takes a second
TX_BUFFER = 1024  # a frame (661 bytes) in one piece; the driver waits for its end before the next
RX_BUFFER = 1536  # a whole turn of the gateway (1500 bytes) while the display is drawn
CRASH_RESERVE = 4096  # bytes given back when the memory ran out: for the record and the screen of the crash
CRASH_PAUSE_MS = 5000  # time to read the screen, and for Ctrl-C to reach the prompt


def display(controller):
    """Return the bus of clock and display, and the display."""
    i2c = I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400_000)
    return i2c, OLED(i2c, controller=controller)


def button(gp):
    """Return the button at a pin."""
    return Button(Pin(gp, Pin.IN, Pin.PULL_UP), time)


def card_driver():
    """Return the card's driver and its errors: loaded when a policy first asks that cards prove themselves."""
    from drivers import ntag424, ntag424_status

    return ntag424.NTAG424, ntag424_status


def journal_bus(with_radio):
    """Return the bus of journal and radio, and the journal's chip. The radio takes no more than 16 MHz."""
    Pin(pins.LORA_CS_N, Pin.OUT, value=1)  # it stays off the bus until it is asked
    rate = 16_000_000 if with_radio else 20_000_000
    spi = SPI(1, baudrate=rate, sck=Pin(pins.SPI1_SCK), mosi=Pin(pins.SPI1_MOSI), miso=Pin(pins.SPI1_MISO))
    return spi, W25Q(spi, Pin(pins.JOURNAL_CS_N, Pin.OUT, value=1), time, time.sleep_us)


def radio(spi):
    """Return the radio and its driver's module, which is loaded only where there is one."""
    from drivers import sx1262

    lines = Pin(pins.LORA_CS_N, Pin.OUT, value=1), Pin(pins.LORA_BUSY, Pin.IN), Pin(pins.LORA_DIO1, Pin.IN)
    return sx1262.SX1262(spi, *lines, Pin(pins.LORA_RST_N, Pin.OUT, value=1), time.sleep_us), sx1262


def hardware(chosen):
    """Return all parts of the board."""
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
    parts.radio = lambda: radio(spi)
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
    parts.card = card_driver
    parts.memory = gc
    parts.scrub = scrub
    parts.battery = Battery(ADC(Pin(pins.VBAT_SENSE)))
    # Without a timer that feeds it at the prompt a watchdog would cut the technician off.
    parts.watchdog = machine.WDT(timeout=WATCHDOG_MS) if chosen.watchdog and hasattr(machine, "Timer") else None
    return parts


def show_wrong_settings(error, advice):
    """Name the field on the display and at the prompt; the board stays at the prompt, so that mpremote can mend it."""
    print(error)
    print("Mend it with: " + advice)
    show_alone(error.language, "settings", error)


def show_alone(language, page, *arguments):
    """Show a page of kiosk.pages while there is no App to do it."""
    try:
        _, oled = display("sh1106")
        oled.begin()
        texts, wrong = texts_of(language)
        if wrong:
            print(wrong)
        Pages(Lettering(oled.fb, oled.buffer), texts).draw(page, *arguments)
        oled.show()
    except ChipError as failed:
        print(failed)


def run(read):
    """Start the board by its settings, the one thing in the list `read`, and turn its loop until an error that nobody
    foresaw; Ctrl-C goes through to the prompt."""
    app = None
    reserve = bytearray(CRASH_RESERVE)
    chosen = read.pop()
    language, debug = chosen.language, chosen.debug
    parts = hardware(chosen)
    try:
        app = App(parts, chosen, time, os.urandom)
        chosen = None  # nobody holds the settings any more: their code goes
        forget("settings")
        app.start()
        app.trial = trial(app)
        app.uplink.bring = bringer(app.uplink)
        if app.uplink.bring is not None:
            app.uplink.bring(None)
        gc.collect()
        if debug:
            print("free after start:", gc.mem_free())
        while True:
            if not app.step():
                machine.idle()
    except KeyboardInterrupt:
        if parts.watchdog is not None:
            machine.Timer(-1).init(period=WATCHDOG_MS // 4, callback=lambda _: parts.watchdog.feed())
        raise
    except Exception as error:
        del reserve
        gc.collect()
        sys.print_exception(error)
        if app is not None:
            for second in crash(error, app.log, app.panel, time.ticks_ms()):
                sys.print_exception(second)
        else:
            show_alone(language, "fault", None, "stopped", "restart")
        restart()


def trial(app):
    """Return the Trial of a firmware that still has to prove itself, or None."""
    slots = sys.modules.get("slots")
    if slots is None or not slots.on_trial():
        return None
    from kiosk.trial import Trial

    return Trial(slots, app.uplink, machine.reset, time.ticks_ms())


def bringer(uplink):
    """Return what brings a firmware in that comes down the link, for the uplink; None for a board without slots."""
    slots = sys.modules.get("slots")
    if slots is None:
        return None

    def bring(piece):
        if uplink.updating is None and not slots.on_trial() and (piece is not None or begun()):
            from kiosk.updating import Updating

            uplink.updating = Updating(slots, uplink, machine.reset, piece is None)
        if uplink.updating is not None and piece is not None:
            uplink.updating.take(piece)

    return bring


def begun():
    """Return True if the head of a bundle lies on the board."""
    try:
        os.stat("/update.ckb")
        return True
    except OSError:
        return False


def run_modem(chosen):
    """Be the gateway's radio at this board's USB, until Ctrl-C."""
    from drivers.console import Console
    from modem.modem import make_modem

    spi, flash = journal_bus(True)
    modem = make_modem(chosen, flash, radio(spi), machine.unique_id(), os.urandom, time.ticks_ms())
    console = Console(sys.stdin, sys.stdout)
    while True:
        try:
            out = modem.step(console.lines(), time.ticks_ms())
            for line in out:
                console.write(line)
            if not out:
                machine.idle()
        except (ChipError, OSError) as error:
            modem.failed(error)


def restart():
    """Leave time to read the screen, and for Ctrl-C to reach the prompt; then start anew."""
    time.sleep_ms(CRASH_PAUSE_MS)
    machine.reset()


def main():
    """Read the settings; run the board by them, or say what is wrong with them."""
    import settings

    try:
        read = [settings.load()]  # what a caller holds in a variable stays in memory as long as the call lasts
    except settings.SettingsError as error:
        show_wrong_settings(error, settings.ADVICE)
        return
    del settings
    if read[0].role == "modem":
        run_modem(read.pop())
    else:
        run(read)


main()
