"""Starts a board by its settings and runs its loop; nothing else. What a board does is in kiosk/."""

import gc
import os
import sys
import time

import machine
from machine import Pin

import pins
from checkpost.once import forget
from drivers.errors import ChipError
from kiosk.app import App
from kiosk.care import crash
from kiosk.lettering import Lettering
from kiosk.pages import Pages
from kiosk.texts import texts_of

FEED_MS = 2000  # at the prompt: a quarter of the watchdog's time (wiring.py)
CRASH_RESERVE = 4096  # bytes given back when the memory ran out: for the record and the screen of the crash
CRASH_PAUSE_MS = 5000  # time to read the screen, and for Ctrl-C to reach the prompt


def card_driver():
    """Return the card's driver and its errors: loaded when a policy first asks that cards prove themselves."""
    from drivers import ntag424_plain, ntag424_status

    return ntag424_plain.PlainNTAG424, ntag424_status


def radio(spi):
    """Return the radio and its driver's module, which is loaded only where there is one."""
    from drivers import sx1262

    lines = Pin(pins.LORA_CS_N, Pin.OUT, value=1), Pin(pins.LORA_BUSY, Pin.IN), Pin(pins.LORA_DIO1, Pin.IN)
    return sx1262.SX1262(spi, *lines, Pin(pins.LORA_RST_N, Pin.OUT, value=1), time.sleep_us), sx1262


def wired(chosen):
    """Return all parts of the board. Nobody holds what joined them."""
    from wiring import hardware

    parts, spi = hardware(chosen)
    forget("wiring")
    parts.radio = lambda: radio(spi)
    parts.card = card_driver
    return parts


def show_wrong_settings(error, advice):
    """Name the field on the display and at the prompt; the board stays at the prompt, so that mpremote can mend it."""
    print(error)
    print("Mend it with: " + advice)
    show_alone(error.language, "settings", error)


def show_alone(language, page, *arguments):
    """Show a page of kiosk.pages while there is no App to do it."""
    from wiring import display

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
    parts = wired(chosen)
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
            machine.Timer(-1).init(period=FEED_MS, callback=lambda _: parts.watchdog.feed())
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
    from wiring import journal_bus

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
