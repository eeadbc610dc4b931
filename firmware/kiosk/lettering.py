"""Large letters and pictograms on a framebuf picture, made from its own 8 x 8 letters, lines and rectangles."""

LETTER = 8  # framebuf's letters are 8 x 8 points


class Lettering:
    """Draws on `fb`, a FrameBuffer in MONO_VLSB over `buffer`."""

    def __init__(self, fb, buffer):
        self.fb = fb
        self._buffer = buffer
        self._keep = bytearray(LETTER)
        self._letters = {}

    def text(self, words, x, y, scale=1, colour=1):
        """Write `words` with their upper left corner at (x, y); return the x after the last letter."""
        if scale == 1:
            self.fb.text(words, x, y, colour)
            return x + LETTER * len(words)
        for letter in words:
            self._large(self._columns(letter), x, y, scale, colour)
            x += LETTER * scale
        return x

    def bold(self, words, x, y, colour=1):
        """Write `words` in 8 x 8 letters with double strokes."""
        self.fb.text(words, x, y, colour)
        self.fb.text(words, x + 1, y, colour)

    def disc(self, x, y, radius, colour=1):
        """Fill a circle around (x, y)."""
        limit = radius * radius + radius
        width = radius
        for row in range(radius + 1):
            while width * width + row * row > limit:
                width -= 1
            self.fb.hline(x - width, y + row, 2 * width + 1, colour)
            self.fb.hline(x - width, y - row, 2 * width + 1, colour)

    def stroke(self, x0, y0, x1, y1, width, colour=1):
        """Draw a line `width` points thick."""
        half = width // 2
        for dx in range(-half, width - half):
            self.fb.line(x0 + dx, y0, x1 + dx, y1, colour)
            self.fb.line(x0 + dx, y0 + 1, x1 + dx, y1 + 1, colour)

    def _columns(self, letter):
        """Return the letter's eight columns, top point least; framebuf draws it, in a corner that is put back."""
        columns = self._letters.get(letter)
        if columns is None:
            self._keep[:] = self._buffer[:LETTER]
            self.fb.fill_rect(0, 0, LETTER, LETTER, 0)
            self.fb.text(letter, 0, 0, 1)
            columns = bytes(self._buffer[:LETTER])
            self._buffer[:LETTER] = self._keep
            self._letters[letter] = columns
        return columns

    def _large(self, columns, x, y, scale, colour):
        """Draw runs of points as blocks, then bevel the steps so that slanting strokes do not look like stairs."""
        for column in range(LETTER):
            bits = columns[column]
            row = 0
            while bits >> row:
                if bits >> row & 1:
                    start = row
                    while bits >> row & 1:
                        row += 1
                    self.fb.fill_rect(x + column * scale, y + start * scale, scale, (row - start) * scale, colour)
                row += 1
        if scale > 1:
            for column in range(LETTER - 1):
                self._bevel(columns[column], columns[column + 1], x + (column + 1) * scale, y, scale, colour)

    def _bevel(self, left, right, x, y, scale, colour):
        """Fill the inner corners where two points of neighbouring columns touch at a corner only."""
        falling = left & right >> 1 & ~right & ~(left >> 1)  # point here, next one to the lower right
        rising = right & left >> 1 & ~left & ~(right >> 1)
        if not (falling | rising) & 0x7F:
            return
        for row in range(LETTER - 1):
            if not (falling | rising) >> row & 1:
                continue
            edge = y + (row + 1) * scale
            for step in range(1, scale):
                if falling >> row & 1:
                    self.fb.hline(x, edge - step, scale - step, colour)
                    self.fb.hline(x - (scale - step), edge + step - 1, scale - step, colour)
                if rising >> row & 1:
                    self.fb.hline(x - (scale - step), edge - step, scale - step, colour)
                    self.fb.hline(x, edge + step - 1, scale - step, colour)


# Pictograms, about 29 x 29 points around (x, y).


def draw_tick(pen, x, y):
    """GO: a full disc with a tick."""
    pen.disc(x, y, 14)
    pen.stroke(x - 7, y, x - 2, y + 6, 4, 0)
    pen.stroke(x - 2, y + 6, x + 7, y - 6, 4, 0)


def draw_question(pen, x, y):
    """ASK: a speech bubble with a question mark."""
    pen.fb.fill_rect(x - 14, y - 12, 29, 22, 1)
    for corner_x in (x - 14, x + 14):
        pen.fb.pixel(corner_x, y - 12, 0)
        pen.fb.pixel(corner_x, y + 9, 0)
    for step in range(6):
        pen.fb.hline(x - 8, y + 10 + step, 7 - step, 1)
    pen.text("?", x - 7, y - 9, 2, 0)


def draw_unknown(pen, x, y):
    """CANNOT VERIFY: a hollow ring, barred."""
    pen.disc(x, y, 14)
    pen.disc(x, y, 10, 0)
    pen.stroke(x - 8, y + 8, x + 8, y - 8, 4)


def draw_fault(pen, x, y):
    """A warning triangle."""
    for row in range(27):
        pen.fb.hline(x - row // 2, y - 13 + row, row // 2 * 2 + 1, 1)
    pen.fb.fill_rect(x - 1, y - 4, 3, 10, 0)
    pen.fb.fill_rect(x - 1, y + 8, 3, 3, 0)


def draw_card(pen, x, y):
    """A card with its waves."""
    pen.fb.fill_rect(x - 14, y - 5, 20, 15, 1)
    pen.fb.fill_rect(x - 11, y - 1, 5, 4, 0)
    pen.fb.hline(x - 11, y + 6, 14, 0)
    for wave in range(3):
        reach = 3 + 4 * wave
        for step in range(-reach, reach + 1):
            pen.fb.pixel(x + 4 + wave * 4 - abs(step) // 3, y - 3 + step, 1)
            pen.fb.pixel(x + 5 + wave * 4 - abs(step) // 3, y - 3 + step, 1)


def draw_arrow(pen, x, y, dx, dy):
    """An arrow in the direction (dx, dy), one of them 0, the other 1 or -1."""
    for step in range(12):
        width = step + 1
        if dx:
            pen.fb.vline(x + dx * (14 - step), y - width, 2 * width + 1, 1)
        else:
            pen.fb.hline(x - width, y + dy * (14 - step), 2 * width + 1, 1)
    if dx:
        pen.fb.fill_rect(x - 14 if dx > 0 else x - 2, y - 5, 17, 11, 1)
    else:
        pen.fb.fill_rect(x - 5, y - 14 if dy > 0 else y - 2, 11, 17, 1)


def draw_hourglass(pen, x, y):
    """Waiting."""
    for row in range(13):
        pen.fb.hline(x - 12 + row, y - 13 + row, 25 - 2 * row, 1)
        pen.fb.hline(x - 12 + row, y + 13 - row, 25 - 2 * row, 1)
