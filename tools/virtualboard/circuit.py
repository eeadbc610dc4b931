"""The board as a circuit: chips joined by buses and pins, with the events that a person at the panel would notice."""

import heapq
from collections.abc import Callable
from random import Random
from typing import Protocol

from . import wiring
from .chips.cards import Field
from .chips.ds3231 import ADDRESS as RTC_ADDRESS
from .chips.ds3231 import Ds3231
from .chips.nor import NorArray
from .chips.oled import ADDRESS as OLED_ADDRESS
from .chips.oled import Oled
from .chips.panel_parts import Battery, Button, LedBar, Sounder
from .chips.pn532 import Pn532
from .chips.sx1262 import Sx1262
from .chips.uart import Uart
from .chips.w25q64 import SIZE, W25Q64
from .ether import Antenna, Ether

PINS = 30
# A refresh of the panel is several bus transfers; one event reports them together.
PANEL_SETTLES_S = 0.003


class SpiChip(Protocol):
    """A chip on an SPI bus."""

    def select(self) -> None:
        """Chip select falls."""

    def transfer(self, mosi: bytes) -> bytes:
        """Clock bytes through."""

    def deselect(self) -> None:
        """Chip select rises."""


class I2cChip(Protocol):
    """A device on an I2C bus."""

    fault: str

    def write(self, data: bytes) -> bool:
        """Take a write; True is an acknowledge."""

    def read(self, length: int) -> bytes | None:
        """Give bytes, or None without acknowledge."""


class Circuit:
    """All chips of one kiosk. `now` gives seconds (monotonic), `utc` the true time; `pace` scales the chips' times.

    Input pins reach the firmware through `on_pin(gp, level)`, events leave through `on_event(name, fields)`.
    """

    def __init__(
        self,
        now: Callable[[], float],
        utc: Callable[[], float],
        journal_path: str | None = None,
        rtc_path: str | None = None,
        oled: str = "sh1106",
        baud: int = 921600,
        pace: float = 1.0,
        seed: int = 0,
        antenna: Antenna | None = None,
    ) -> None:
        """`antenna`: where the radio joins an ether that others share; without one it is alone."""
        self.now = now
        self.on_pin: Callable[[int, int], None] | None = None
        self.on_event: Callable[[str, dict[str, object]], None] | None = None
        self.broken: set[str] = set()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_count = 0
        self._panel_pending = False
        self.array = NorArray(SIZE, journal_path, Random(seed))
        self.flash = W25Q64(self.array, now, pace)
        self.field = Field()
        self.nfc = Pn532(self.field, now, pace)
        self.rtc = Ds3231(utc, rtc_path)
        self.oled = Oled(oled)
        self.leds = LedBar()
        self.sounder = Sounder()
        self.battery = Battery()
        self.uart = Uart(now, baud, pace)
        self._alone = Ether(lambda: int(now() * 1e6)) if antenna is None else None
        self.radio = Sx1262(antenna or self._alone.join("alone"), self.later, pace)  # type: ignore[union-attr]
        self._join()

    def _join(self) -> None:
        pin = wiring.SIGNALS
        self.levels = [1] * PINS
        self.levels[pin["RS485_DE"]] = 0  # pulled down on the board
        self._spi: dict[int, dict[int, SpiChip]] = {
            0: {pin["NFC_CS_N"]: self.nfc},
            1: {pin["JOURNAL_CS_N"]: self.flash, pin["LORA_CS_N"]: self.radio},
        }
        self._i2c: dict[int, dict[int, I2cChip]] = {0: {RTC_ADDRESS: self.rtc, OLED_ADDRESS: self.oled}}
        self._selected: dict[int, list[SpiChip]] = {0: [], 1: []}
        self._outputs: dict[int, Callable[[int], None]] = {
            pin["NFC_RST_N"]: self.nfc.reset,
            pin["RS485_DE"]: self.uart.drive,
            pin["LORA_RST_N"]: self.radio.reset,
        }
        for bus, chips in self._spi.items():
            for gp, chip in chips.items():
                self._outputs[gp] = self._selector(bus, chip)
        self.nfc.on_irq = lambda level: self._input(pin["NFC_IRQ_N"], level)
        self.radio.on_busy = lambda level: self._input(pin["LORA_BUSY"], level)
        self.radio.on_dio1 = lambda level: self._input(pin["LORA_DIO1"], level)
        self.levels[pin["LORA_BUSY"]], self.levels[pin["LORA_DIO1"]] = self.radio.busy, 0
        self.buttons = {name: self._button(pin[signal]) for name, signal in wiring.BUTTONS.items()}

    def _selector(self, bus: int, chip: SpiChip) -> Callable[[int], None]:
        def follow(level: int) -> None:
            if level:
                self._selected[bus].remove(chip)
                chip.deselect()
            else:
                self._selected[bus].append(chip)
                chip.select()

        return follow

    def _button(self, gp: int) -> Button:
        return Button(lambda level: self._input(gp, level), self.later)

    # What the firmware does.

    def pin_out(self, gp: int, level: int) -> None:
        """The firmware drives a pin."""
        if self.levels[gp] == level:
            return
        self.levels[gp] = level
        follow = self._outputs.get(gp)
        if follow is not None:
            follow(level)

    def spi(self, bus: int, mosi: bytes) -> bytes:
        """Clock bytes through a bus; nothing selected or a broken bus reads as all ones."""
        out = b"\xff" * len(mosi)
        if f"spi{bus}" in self.broken:
            return out
        for chip in self._selected[bus]:
            answer = chip.transfer(mosi)
            # Two chips selected at once pull the line low together.
            out = answer if out.count(0xFF) == len(out) else bytes(a & b for a, b in zip(out, answer, strict=True))
        return out

    def i2c_write(self, bus: int, address: int, data: bytes) -> bool:
        """Write to a device; return True if it acknowledged."""
        device = self._i2c.get(bus, {}).get(address)
        if device is None or f"i2c{bus}" in self.broken:
            return False
        frames = self.oled.frames
        taken = device.write(data)
        if self.oled.frames != frames and not self._panel_pending:
            self._panel_pending = True
            self.later(PANEL_SETTLES_S, self._panel_settled)
        return taken

    def i2c_read(self, bus: int, address: int, length: int) -> bytes | None:
        """Read from a device, or None if nothing acknowledged."""
        device = self._i2c.get(bus, {}).get(address)
        if device is None or f"i2c{bus}" in self.broken:
            return None
        return device.read(length)

    def i2c_devices(self, bus: int) -> list[int]:
        """Return the addresses that acknowledge."""
        if f"i2c{bus}" in self.broken:
            return []
        return sorted(a for a, device in self._i2c.get(bus, {}).items() if not device.fault)

    def pwm(self, gp: int, freq_hz: int, duty_u16: int) -> None:
        """The firmware sets a PWM output."""
        if gp == wiring.SIGNALS["BUZZER"] and self.sounder.drive(freq_hz, duty_u16):
            self._emit("sound", {"hz": self.sounder.tone_hz})

    def adc(self, gp: int) -> int:
        """Return a conversion, 0-65535; an unconnected input reads 0."""
        return self.battery.read_u16() if gp == wiring.SIGNALS["VBAT_SENSE"] else 0

    def bitstream(self, gp: int, timing_ns: tuple[int, ...], data: bytes) -> None:
        """The firmware shifts bits out of a pin."""
        if gp == wiring.SIGNALS["LED_DATA"] and self.leds.bitstream(timing_ns, data):
            self._emit("leds", {"leds": self.leds.colours})

    def restart(self) -> None:
        """The processor starts anew and the chips go on: its outputs fall back to what the board pulls them to."""
        for gp in wiring.SELECTS:
            self.pin_out(gp, 1)
        self.pin_out(wiring.SIGNALS["NFC_RST_N"], 1)
        self.pin_out(wiring.SIGNALS["LORA_RST_N"], 1)
        self.pin_out(wiring.SIGNALS["RS485_DE"], 0)
        self.pwm(wiring.SIGNALS["BUZZER"], 0, 0)

    # What the world does.

    def break_part(self, what: str) -> None:
        """Break a bus or a chip: spi0, spi1, i2c0, uart0, nfc, journal, rtc, oled, radio."""
        self._set_broken(what, True)

    def mend_part(self, what: str) -> None:
        """Undo `break_part`."""
        self._set_broken(what, False)

    def _set_broken(self, what: str, broken: bool) -> None:
        parts: dict[str, Pn532 | W25Q64 | Ds3231 | Oled | Uart | Sx1262] = {
            "nfc": self.nfc,
            "journal": self.flash,
            "rtc": self.rtc,
            "oled": self.oled,
            "uart0": self.uart,
            "radio": self.radio,
        }
        if what in parts:
            parts[what].fault = "dead" if broken else ""
        elif what not in ("spi0", "spi1", "i2c0"):
            raise ValueError(
                f"there is no part {what!r}: use spi0, spi1, i2c0, uart0, nfc, journal, rtc, oled or radio"
            )
        elif broken:
            self.broken.add(what)
        else:
            self.broken.discard(what)

    def power_cut(self) -> None:
        """Power fails now: the flash is torn where it was, everything volatile is gone."""
        if not self.array.dead:
            self.flash.power_cut()
        self._timers.clear()
        self._panel_pending = False

    def power_on(self) -> None:
        """Power returns: chips start anew, flash cells and clock stay."""
        self.nfc.power_cycle()
        self.flash.power_cycle()
        self.oled.power_cycle()
        self.leds.power_cycle()
        self.sounder.power_cycle()
        self.uart.power_cycle()
        self._selected = {0: [], 1: []}
        self.levels = [1] * PINS
        self.levels[wiring.SIGNALS["RS485_DE"]] = self.levels[wiring.SIGNALS["LORA_DIO1"]] = 0
        self.radio.power_cycle()
        for button in self.buttons.values():
            button.down = False

    # Time.

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Run `call` after `seconds`."""
        self._timer_count += 1
        heapq.heappush(self._timers, (self.now() + seconds, self._timer_count, call))

    def due(self) -> float | None:
        """Return when something moves by itself next (seconds of `now`), or None."""
        times = [self.nfc.due(), self.uart.due(), self.flash.due(), self._timers[0][0] if self._timers else None]
        if self._alone and (ends_us := self._alone.due_us()) is not None:
            times.append(ends_us / 1e6)
        known = [time for time in times if time is not None]
        return min(known) if known else None

    def poll(self) -> None:
        """Let everything whose time has come move."""
        while self._timers and self._timers[0][0] <= self.now():
            heapq.heappop(self._timers)[2]()
        self.nfc.poll()
        self.uart.poll()
        self.flash.poll()
        if self._alone:
            self._alone.poll()

    def _input(self, gp: int, level: int) -> None:
        if self.levels[gp] != level:
            self.levels[gp] = level
            if self.on_pin is not None:
                self.on_pin(gp, level)

    def _panel_settled(self) -> None:
        self._panel_pending = False
        self._emit("panel", {"frames": self.oled.frames})

    def _emit(self, name: str, fields: dict[str, object]) -> None:
        if self.on_event is not None:
            self.on_event(name, fields)
