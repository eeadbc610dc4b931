"""A language's letters, read from its file one at a time: only the list of which there are is kept in memory.

The file, made by `python -m tools.lettering`:

    one line of text      what it is, and the fonts and licences it comes from
    u16, u16              how many letters of 12 x 12 points follow, how many of 24 x 24 (little endian, as all below)
    u16 each              the code points of the small letters, rising; then those of the large ones
    24 bytes each         the small letters: columns of 8 points, top point least, upper row of columns first
    72 bytes each         the large letters
    u32                   CRC-32 of all before it
"""

import binascii

from kiosk.errors import LetteringError

MAGIC = b"Checkpost lettering 1"
SMALL = 12
LARGE = 24
MAX_HEAD = 400  # bytes of the line of text
_PIECE = 256  # bytes read at once while the file is checked
_LATIN_ADVANCE = 8
_SPACE_ADVANCE = 6


class Glyphs:
    """The letters in the file at `path`, which stays open; LetteringError if it is not whole."""

    def __init__(self, path):
        try:
            self._file = open(path, "rb")
            self._check()
            self._file.seek(0)
            head = self._file.readline()
            small, large = self._numbers(2)
            self._codes = {SMALL: self._file.read(2 * small), LARGE: self._file.read(2 * large)}
        except OSError:
            raise LetteringError("letters missing")
        first = len(head) + 4 + 2 * (small + large)
        self._first = {SMALL: first, LARGE: first + small * _size(SMALL)}

    def has(self, letter, size=SMALL):
        """Return True if the letter is in the file."""
        return self._index(ord(letter), size) is not None

    def can_write(self, words):
        """Return True if a line of small letters shows every letter of `words`."""
        for letter in words:
            if not (" " <= letter <= "~" or self.has(letter)):
                return False
        return True

    def width(self, words):
        """Return how many points wide a line of small letters is."""
        found = 0
        for letter in words:
            found += SMALL if self.has(letter) else advance(letter)
        return found

    def read_into(self, letter, size, buffer):
        """Fill `buffer` with a letter's points, columns of 8, top point least; return False if there is none."""
        index = self._index(ord(letter), size)
        if index is None:
            return False
        self._file.seek(self._first[size] + index * _size(size))
        self._file.readinto(buffer)
        return True

    def _index(self, code, size):
        codes = self._codes[size]
        low, high = 0, len(codes) // 2
        while low < high:
            middle = (low + high) // 2
            found = codes[2 * middle] | codes[2 * middle + 1] << 8
            if found == code:
                return middle
            if found < code:
                low = middle + 1
            else:
                high = middle
        return None

    def _numbers(self, count):
        data = self._file.read(2 * count)
        return [data[at] | data[at + 1] << 8 for at in range(0, 2 * count, 2)]

    def _check(self):
        """Read the file once: its beginning, and the check at its end."""
        if not self._file.read(MAX_HEAD).startswith(MAGIC):
            raise LetteringError("not letters")
        left = self._file.seek(0, 2) - 4
        self._file.seek(0)
        crc = 0
        while left > 0:
            piece = self._file.read(min(left, _PIECE))
            crc = binascii.crc32(piece, crc)
            left -= len(piece)
        if crc.to_bytes(4, "little") != self._file.read(4):
            raise LetteringError("letters damaged")


def advance(letter):
    """Return how far a Latin letter takes the next one among wide letters."""
    return _SPACE_ADVANCE if letter == " " else _LATIN_ADVANCE


def _size(points):
    return (points + 7) // 8 * points
