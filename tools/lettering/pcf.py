"""Reads the X Window System's compiled bitmap fonts (PCF), as far as this needs: one picture for a code point."""

import gzip
import struct
from pathlib import Path

# https://fontforge.org/docs/techref/pcf-format.html: table types, and bits of their format words
METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5
COMPRESSED_METRICS = 0x100
BIG_ENDIAN, HIGH_BIT_FIRST, PADDING = 1 << 2, 1 << 3, 3
NO_GLYPH = 0xFFFF
BELOW_GROUND = 2  # points of a cell below the ground line, in fonts of 12 and of 24 points alike

Rows = list[list[bool]]


class FontError(Exception):
    """The file is no font of this kind."""


class Font:
    """The font in a file `*.pcf` or `*.pcf.gz`."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self._data = gzip.decompress(data) if path.suffix == ".gz" else data
        if self._data[:4] != b"\x01fcp":
            raise FontError(f"{path.name} is no PCF font")
        (count,) = struct.unpack_from("<I", self._data, 4)
        tables = (struct.unpack_from("<IIII", self._data, 8 + 16 * number) for number in range(count))
        self._tables = {kind: (form, offset + 4) for kind, form, _, offset in tables}

    def rows(self, letter: str, size: int) -> Rows | None:
        """Return the rows of the letter in a cell of `size` x `size` points; None if it is larger or not there."""
        glyph = self._glyph(ord(letter))
        if glyph is None:
            return None
        left, right, ascent, descent = self._box(glyph)
        top = size - BELOW_GROUND - ascent
        if left < 0 or right > size or top < 0 or descent > BELOW_GROUND:
            return None
        form, at = self._tables[BITMAPS]
        order = _order(form)
        (count,) = struct.unpack_from(order + "I", self._data, at)
        (offset,) = struct.unpack_from(order + "I", self._data, at + 4 + 4 * glyph)
        start = at + 4 + 4 * count + 16 + offset
        padding = 1 << (form & PADDING)
        stride = ((right - left + 7) // 8 + padding - 1) // padding * padding
        made = [[False] * size for _ in range(size)]
        for y in range(ascent + descent):
            for x in range(right - left):
                made[top + y][left + x] = bool(self._data[start + y * stride + x // 8] >> _bit(form, x) & 1)
        return made

    def _glyph(self, code: int) -> int | None:
        form, at = self._tables[ENCODINGS]
        first_low, last_low, first_high, last_high, _ = struct.unpack_from(_order(form) + "5H", self._data, at)
        high, low = code >> 8, code & 0xFF
        if not (first_high <= high <= last_high and first_low <= low <= last_low):
            return None
        place = (high - first_high) * (last_low - first_low + 1) + low - first_low
        (glyph,) = struct.unpack_from(_order(form) + "H", self._data, at + 10 + 2 * place)
        return None if glyph == NO_GLYPH else int(glyph)

    def _box(self, glyph: int) -> tuple[int, int, int, int]:
        """Return left and right edge, points above and below the ground line."""
        form, at = self._tables[METRICS]
        if form & COMPRESSED_METRICS:
            left, right, _, ascent, descent = (byte - 0x80 for byte in self._data[at + 2 + 5 * glyph :][:5])
        else:
            left, right, _, ascent, descent = struct.unpack_from(_order(form) + "5h", self._data, at + 4 + 12 * glyph)
        return left, right, ascent, descent


def _order(form: int) -> str:
    return ">" if form & BIG_ENDIAN else "<"


def _bit(form: int, x: int) -> int:
    return 7 - x % 8 if form & HIGH_BIT_FIRST else x % 8
