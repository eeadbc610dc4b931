"""How Korean and Chinese stand on the display: 12 x 12 points in two lines, large words of up to four at 24 x 24."""

import framebuf

from kiosk.glyphs import LARGE, SMALL, advance
from kiosk.script import WORD_WIDTH, WORD_X

_LETTER_DROP = 2  # Latin letters and digits stand on the same ground as their neighbours
_LARGE_Y = 15
_TAB_WIDTH = 2 * SMALL + 2
_TAB_HEIGHT = SMALL + 1
_APART = 8  # points between the letters of a large word that leaves room


class Wide:
    """Like `kiosk.script.Latin`, with the letters of `glyphs` (Glyphs)."""

    picture_y = 24
    asking_y = 23
    lines_y = (40, 52)
    band_y = 39
    field_y = (32, 41, 52)

    def __init__(self, pen, glyphs):
        self._pen = pen
        self._glyphs = glyphs
        self._small = _cell(SMALL)
        self._large = _cell(LARGE)

    def width(self, words):
        """Return how many points wide a line is."""
        return self._glyphs.width(words)

    def write(self, words, x, y, colour=1):
        """Write a line of small letters; what the language's file lacks is framebuf's letter."""
        for letter in words:
            if self._draw(self._small, letter, SMALL, x, y, colour):
                x += SMALL
            else:
                self._pen.text(letter, x, y + _LETTER_DROP, 1, colour)
                x += advance(letter)

    def direction(self, word, x):
        """Write the direction on a tab that hangs from the bar, for these letters are higher than it."""
        self._pen.fb.fill_rect(x - 1, 0, _TAB_WIDTH, _TAB_HEIGHT, 1)
        self.write(word, x, 1, 0)

    def large(self, lines, y=_LARGE_Y):
        """Write a large word of up to four letters."""
        apart = _APART if (LARGE + _APART) * len(lines[0]) <= WORD_WIDTH else 0
        x = WORD_X + (WORD_WIDTH - (LARGE + apart) * len(lines[0]) + apart) // 2
        for letter in lines[0]:
            self._draw(self._large, letter, LARGE, x, y, 1)
            x += LARGE + apart

    def heading(self, word):
        """Write the large word of a page that needs three lines."""
        self.large((word,), 2)

    def _draw(self, cell, letter, size, x, y, colour):
        """Draw one letter from the file; return False if it is not there."""
        data, picture = cell
        if not self._glyphs.read_into(letter, size, data):
            return False
        if not colour:
            for at in range(len(data)):
                data[at] ^= 0xFF
        self._pen.fb.blit(picture, x, y, 1 - colour)
        return True


def _cell(size):
    """Return a buffer for one letter and the picture over it."""
    data = bytearray((size + 7) // 8 * size)
    return data, framebuf.FrameBuffer(data, size, size, framebuf.MONO_VLSB)
