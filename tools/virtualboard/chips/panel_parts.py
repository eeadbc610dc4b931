"""The panel's simple parts: LED bar (WS2812B, Worldsemi), piezo sounder, buttons, battery divider."""

from collections.abc import Callable

LEDS = 8
_TIMING_NS = (400, 850, 800, 450)  # T0H, T0L, T1H, T1L (WS2812B data sheet, page 2)
_TOLERANCE_NS = 150


class LedBar:
    """WS2812B lights in a row; `colours` is what they show as (red, green, blue)."""

    def __init__(self, count: int = LEDS) -> None:
        self.count = count
        self.bad_timing = 0
        self.power_cycle()

    def power_cycle(self) -> None:
        """Power comes back: all lights are dark."""
        self.colours = [(0, 0, 0)] * self.count

    def bitstream(self, timing_ns: tuple[int, ...], data: bytes) -> bool:
        """Shift in green-red-blue bytes; return True if a colour changed. A wrong bit timing shows nothing."""
        if len(timing_ns) != 4 or any(
            abs(given - right) > _TOLERANCE_NS for given, right in zip(timing_ns, _TIMING_NS, strict=True)
        ):
            self.bad_timing += 1
            return False
        old = list(self.colours)
        for index in range(min(self.count, len(data) // 3)):
            green, red, blue = data[index * 3 : index * 3 + 3]
            self.colours[index] = (red, green, blue)
        return self.colours != old


class Sounder:
    """A piezo on a PWM pin; `tone_hz` is 0 while it is silent. `started` counts tones."""

    def __init__(self) -> None:
        self.power_cycle()
        self.started = 0

    def power_cycle(self) -> None:
        """Power comes back: silence."""
        self.tone_hz = 0

    def drive(self, freq_hz: int, duty_u16: int) -> bool:
        """Follow the PWM output; return True if the tone changed."""
        tone = freq_hz if 0 < duty_u16 < 65535 else 0
        if tone == self.tone_hz:
            return False
        self.tone_hz = tone
        self.started += 1 if tone else 0
        return True


class Button:
    """A push button to ground with a pull-up. `drive(level)` sets the pin, `later(seconds, call)` runs a call then."""

    # Contacts of small tactile switches bounce for some milliseconds: closed, open, closed.
    BOUNCE_S = (0.0006, 0.0014)

    def __init__(self, drive: Callable[[int], None], later: Callable[[float, Callable[[], None]], None]) -> None:
        self._drive = drive
        self._later = later
        self.bounces = True
        self.down = False

    def press(self) -> None:
        """Close the contact."""
        self._move(True)

    def release(self) -> None:
        """Open the contact."""
        self._move(False)

    def _move(self, down: bool) -> None:
        if down == self.down:
            return
        self.down = down
        level = 0 if down else 1
        self._drive(level)
        if self.bounces:
            self._later(self.BOUNCE_S[0], lambda: self._drive(1 - level))
            self._later(self.BOUNCE_S[1], lambda: self._drive(0 if self.down else 1))


class Battery:
    """12 V supply behind a divider of 100 k and 22 k, read by a 12-bit converter with a 3.3 V reference."""

    def __init__(self, millivolts: int = 12600) -> None:
        self.millivolts = millivolts

    def read_u16(self) -> int:
        """Return the converter's 12 bits scaled to 16 (as MicroPython's read_u16 on the RP2040)."""
        code = min(4095, max(0, self.millivolts * 22 * 4096 // (122 * 3300)))
        return code << 4 | code >> 8
