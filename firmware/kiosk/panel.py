"""The panel: display, light bar and buzzer as one thing. A part that fails is a fault; the others go on."""

from checkpost.const import const
from checkpost.ticks import elapsed_ms
from kiosk.lettering import Lettering
from kiosk.pages import Pages
from kiosk.signals import lights, sound

# What a full 255 becomes: eight lights take 0.1 A of the 5 V supply, and eyes at night are spared.
_BRIGHT_LIMIT = const(64)
_DARK_LIMIT = const(24)  # still seen at night; a third of the current
_RETRY_MS = const(5000)  # how often a display that failed is started again


class Panel:
    """`oled`, `bar` and `buzzer` are the drivers."""

    def __init__(self, oled, bar, buzzer, texts, faults):
        self._oled = oled
        self._bar = bar
        self._buzzer = buzzer
        self._faults = faults
        self._pages = Pages(Lettering(oled.fb, oled.buffer), texts)
        self._retry_ms = 0
        self._lit = None

    def start(self):
        """Switch the parts on."""
        self._faults.attempt("screen", None, self._oled.begin)
        self.light("off")

    def step(self, now_ms):
        """Go on with the sound; try a dark display again."""
        self._faults.attempt("sound", None, self._buzzer.step, now_ms)
        if self._faults.has("screen") and elapsed_ms(now_ms, self._retry_ms) >= _RETRY_MS:
            self._retry_ms = now_ms
            if self._faults.attempt("screen", False, self._begin_again):
                self._send()

    def sound(self, name, now_ms):
        """Start a sound of kiosk.signals at once."""
        self._buzzer.play(sound(name))
        self._faults.attempt("sound", None, self._buzzer.step, now_ms)

    def light(self, name):
        """Light what kiosk.signals says."""
        if name == self._lit:
            return
        self._lit = name
        for place in range(self._bar.n):
            self._bar.set(place, (0, 0, 0))
        for first, end, red, green, blue in lights(name):
            for place in range(first, end):
                self._bar.set(place, (red, green, blue))
        self._faults.attempt("lights", None, self._bar.show)

    def dim(self, dark):
        """Halve the lights, or stop it, from the next change on: a low battery is for the reader and the log."""
        limit = _DARK_LIMIT if dark else _BRIGHT_LIMIT
        if self._bar.limit != limit:
            self._bar.limit = limit
            self._lit = None

    def show(self, page, view, *more):
        """Draw a page of kiosk.pages by its name and send what changed."""
        self._pages.draw(page, view, *more)
        if not self._faults.has("screen"):
            self._send()

    def _send(self):
        self._faults.attempt("screen", None, self._oled.show)

    def _begin_again(self):
        self._oled.begin()
        return True
