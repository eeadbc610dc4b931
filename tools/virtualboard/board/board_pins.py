"""machine.Pin for the virtual board."""

from board_wire import PIN, PIN_READ, wire

_HIGH = b"\x01"
_LOW = b"\x00"
_EMPTY = b""


def number(pin):
    """Return the GP number of a Pin, a name such as "GP17", or a number."""
    if isinstance(pin, Pin):
        return pin._gp
    return int(pin[2:]) if isinstance(pin, str) else pin


class Pin:
    """A pin of the header."""

    IN, OUT, OPEN_DRAIN, ALT = 0, 1, 2, 3
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_FALLING, IRQ_RISING = 4, 8

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=0, alt=-1):
        self._gp = number(id)
        self._handler = None
        self._trigger = 0
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=0, alt=-1):
        """Set mode and level."""
        if value is not None:
            self._drive(value)

    def value(self, level=None):
        """Return the level, or drive it."""
        if level is None:
            if self._gp in wire.prompt:  # it answers a command at once: what was sent has to have been heard
                return wire.ask(PIN_READ, self._gp, _EMPTY, None)[0]
            wire.drain(0)
            return wire.look(self._gp)
        self._drive(level)

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        """Drive high."""
        self._drive(1)

    def off(self):
        """Drive low."""
        self._drive(0)

    high = on
    low = off

    def toggle(self):
        """Drive the other level."""
        self._drive(not wire.levels[self._gp])

    def irq(self, handler=None, trigger=12, *, priority=1, wake=None, hard=False):
        """Call `handler(pin)` on an edge."""
        self._handler = handler
        self._trigger = trigger
        wire.handlers[self._gp] = self
        return self

    def _drive(self, level):
        gp = self._gp
        wire.levels[gp] = 1 if level else 0
        wire.send(PIN, gp, _HIGH if level else _LOW)
        # Nobody sees a chip select before the next transfer, question or look at a pin; those send it along.
        if gp not in wire.selects:
            wire.flush()

    def _edge(self, level):
        if self._handler is not None and self._trigger & (8 if level else 4):
            self._handler(self)
