"""How Latin letters stand on the display: 8 x 8 points, two lines of 16 below the picture and the large words."""

WIDTH = 128
WORD_X = 32  # right of the picture
WORD_WIDTH = WIDTH - WORD_X
LETTER = 8  # framebuf's own letters


class Latin:
    """Writes with `pen` (Lettering). `kiosk.wide.Wide` does the same for scripts whose letters fill a square."""

    picture_y = 28
    asking_y = 28  # ASK's speech bubble hangs lower than the other pictures
    lines_y = (46, 56)
    band_y = 45  # from here down the two lines are drawn dark on light while a fault stands
    field_y = (34, 44, 54)

    def __init__(self, pen):
        self._pen = pen

    def width(self, words):
        """Return how many points wide a line is."""
        return LETTER * len(words)

    def write(self, words, x, y, colour=1):
        """Write a line of small letters."""
        self._pen.text(words, x, y, 1, colour)

    def direction(self, word, x):
        """Write the direction into the bar."""
        self._pen.text(word, x, 0)

    def large(self, lines):
        """Write the large words: one of up to four letters three times as large, else lines twice as large."""
        if len(lines) == 1 and len(lines[0]) <= 4:
            self._pen.text(lines[0], WORD_X + (WORD_WIDTH - 24 * len(lines[0])) // 2, 16, 3)
            return
        top = 20 if len(lines) == 1 else 12
        for number, line in enumerate(lines):
            self._pen.text(line, WORD_X + (WORD_WIDTH - 16 * len(line)) // 2, top + 16 * number, 2)

    def heading(self, word):
        """Write the large word of a page that needs three lines."""
        self._pen.text(word, WORD_X + 4, 6, 2)


def cut(script, words, width):
    """Return as many letters of `words` as fit into `width` points."""
    while words and script.width(words) > width:
        words = words[:-1]
    return words
