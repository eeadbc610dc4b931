"""MicroPython's framebuf in plain Python, for tests on CPython: one-bit formats, everything but text.

Its drawing equals that of the C module; tests/firmware/test_framebuf.py compares them.
"""

MONO_VLSB = 0
MONO_HLSB = 3
MONO_HMSB = 4


class FrameBuffer:
    """A picture of `width` x `height` points in `buffer`; drawing outside it does nothing."""

    def __init__(self, buffer, width, height, format, stride=None):
        if format not in (MONO_VLSB, MONO_HLSB, MONO_HMSB):
            raise ValueError("only one-bit formats")
        self._stride = width if stride is None else stride
        if format != MONO_VLSB:
            self._stride = (self._stride + 7) & ~7
        needed = self._stride * ((height + 7) // 8) if format == MONO_VLSB else self._stride // 8 * height
        if len(buffer) < needed:
            raise ValueError(f"{width} x {height} points need {needed} bytes")
        self._buffer = buffer
        self.width = width
        self.height = height
        self._format = format

    def pixel(self, x, y, c=None):
        """Set a point, or return it when no colour is given."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        at, bit = self._place(x, y)
        if c is None:
            return self._buffer[at] >> bit & 1
        if c:
            self._buffer[at] |= 1 << bit
        else:
            self._buffer[at] &= ~(1 << bit) & 0xFF
        return None

    def fill(self, c):
        """Set every point."""
        self.fill_rect(0, 0, self.width, self.height, c)

    def fill_rect(self, x, y, w, h, c):
        """Set the points of a rectangle."""
        for row in range(max(y, 0), min(y + h, self.height)):
            for column in range(max(x, 0), min(x + w, self.width)):
                self.pixel(column, row, c)

    def hline(self, x, y, w, c):
        """Draw a line to the right."""
        self.fill_rect(x, y, w, 1, c)

    def vline(self, x, y, h, c):
        """Draw a line downward."""
        self.fill_rect(x, y, 1, h, c)

    def rect(self, x, y, w, h, c, f=False):
        """Draw a rectangle's border, or fill it."""
        if f:
            self.fill_rect(x, y, w, h, c)
            return
        self.hline(x, y, w, c)
        self.hline(x, y + h - 1, w, c)
        self.vline(x, y, h, c)
        self.vline(x + w - 1, y, h, c)

    def line(self, x1, y1, x2, y2, c):
        """Draw a line by Bresenham's algorithm, both ends included."""
        dx, sx = (x2 - x1, 1) if x2 > x1 else (x1 - x2, -1)
        dy, sy = (y2 - y1, 1) if y2 > y1 else (y1 - y2, -1)
        x, y, steep = x1, y1, dy > dx
        if steep:
            x, y, dx, dy, sx, sy = y, x, dy, dx, sy, sx
        e = 2 * dy - dx
        for _ in range(dx):
            if steep:
                self.pixel(y, x, c)
            else:
                self.pixel(x, y, c)
            while e >= 0:
                y += sy
                e -= 2 * dx
            x += sx
            e += 2 * dy
        self.pixel(x2, y2, c)

    def blit(self, source, x, y, key=-1, palette=None):
        """Draw another picture with its top left corner at (x, y); points of colour `key` stay clear."""
        if isinstance(source, (tuple, list)):
            source = FrameBuffer(*source)
        for row in range(source.height):
            for column in range(source.width):
                c = source.pixel(column, row)
                if c == key:
                    continue
                self.pixel(x + column, y + row, c if palette is None else palette.pixel(c, 0))

    def scroll(self, xstep, ystep):
        """Move the picture; what it uncovers keeps its points."""
        old = [[self.pixel(x, y) for x in range(self.width)] for y in range(self.height)]
        for y in range(self.height):
            for x in range(self.width):
                if 0 <= x - xstep < self.width and 0 <= y - ystep < self.height:
                    self.pixel(x, y, old[y - ystep][x - xstep])

    def _place(self, x, y):
        if self._format == MONO_VLSB:
            return (y >> 3) * self._stride + x, y & 7
        at = (x + y * self._stride) >> 3
        return at, (7 - (x & 7)) if self._format == MONO_HLSB else x & 7
