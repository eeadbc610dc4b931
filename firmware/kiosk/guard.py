"""The DIRECTION button at rest: pressed it turns the direction, held it opens the count of the shift."""

TURNED, HELD = 1, 2


class Guard:
    """The DIRECTION button and the shift's page. `log` and `face` as in this package; `switched`: both directions."""

    def __init__(self, log, face, switched):
        self.switched = switched
        self._log = log
        self._face = face
        self._pressed = False
        self._shift = None

    def direction(self, what, at_rest, now_ms):
        """Return TURNED when a press changed the direction, HELD when the count was opened instead, else 0."""
        if what == "press":
            self._pressed = at_rest
            if at_rest and self.switched:
                self._face.view.direction ^= 1
                self._face.sound("click", now_ms)
                return TURNED
        elif what == "hold" and at_rest and self._pressed:
            self._pressed = False
            if self.switched:
                self._face.view.direction ^= 1  # the press was no turn
            self._shift = _shift(self._log, self._face, now_ms)
            return HELD
        return 0

    def step(self, now_ms):
        """Count a slice; return False once the page has stood long enough."""
        return self._shift.step(now_ms)

    def end(self, now_ms):
        """End the shift; return False if the journal did not take that."""
        return self._shift.end(now_ms)


def _shift(log, face, now_ms):
    """Return a new count; its code takes 3 KB, and is loaded when a guard first asks for it."""
    from kiosk.shift import Shift

    return Shift(log, face, now_ms)
