"""Bar of WS2812B lights. "DS" is Worldsemi WS2812B."""

# High and low of a 0, high and low of a 1, nanoseconds (DS, data transfer time; each within 150 ns)
_TIMING_NS = (400, 850, 800, 450)
_HIGH_BIT_FIRST = 0  # the only encoding that `machine.bitstream` has


class LedBar:
    """`write` is `machine.bitstream`; `limit` is what a full 255 becomes, for the 5 V supply and for eyes at night."""

    def __init__(self, pin, write, n=8, limit=64):
        self._pin = pin
        self._write = write
        self.limit = limit
        self._data = bytearray(3 * n)
        self._changed = True
        self.n = n

    def set(self, i, colour):
        """Give light `i` a colour (red, green, blue), 0 to 255 each; `show` makes it seen."""
        if not 0 <= i < self.n:
            raise ValueError("no such light")
        red, green, blue = colour
        self._put(3 * i, green)  # the chip takes green first (DS, composition of 24 bit data)
        self._put(3 * i + 1, red)
        self._put(3 * i + 2, blue)

    def show(self):
        """Send the colours if one changed; return True if they were sent. Takes 30 us a light, interrupts off."""
        if not self._changed:
            return False
        self._write(self._pin, _HIGH_BIT_FIRST, _TIMING_NS, self._data)
        self._changed = False
        return True

    def _put(self, at, level):
        dimmed = level * self.limit // 255
        if self._data[at] != dimmed:
            self._data[at] = dimmed
            self._changed = True
