"""Push button to ground with a pull-up."""

from checkpost.const import const

_BOUNCE_MS = const(25)  # contacts of panel buttons settle within 10 ms; gloves and frost make them slower
_HOLD_MS = const(1000)


class Button:
    """One button; `pin` reads 0 while it is pressed, `ticks` is like `time`."""

    def __init__(self, pin, ticks):
        self._pin = pin
        self._ticks = ticks
        # A button that is down at power-on is stuck or leant on: it says nothing until it was let go.
        self._down = not pin.value()
        self._counts = False
        self._settling = False
        self._held = False
        self._since_ms = 0

    def step(self, now_ms):
        """Return None, "press" at the first edge, "hold" once after a second down, or "release"."""
        age_ms = self._ticks.ticks_diff(now_ms, self._since_ms)
        if self._settling:
            if 0 <= age_ms < _BOUNCE_MS:
                return None
            self._settling = False
        down = not self._pin.value()
        if down != self._down:
            self._down = down
            self._settling = True
            self._since_ms = now_ms
            return self._edge(down)
        if self._counts and not self._held and age_ms >= _HOLD_MS:
            self._held = True
            return "hold"
        return None

    def down(self):
        """Return True while the button is taken to be pressed."""
        return self._down

    def _edge(self, down):
        self._held = False
        counted = self._counts
        self._counts = down
        if down:
            return "press"
        return "release" if counted else None
