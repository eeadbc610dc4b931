"""The files of letters, byte by byte as firmware/kiosk/glyphs.py describes them."""

import struct
import subprocess
import zlib
from pathlib import Path

from kiosk.glyphs import LARGE, MAGIC, MAX_HEAD, SMALL
from kiosk.texts import FOLDER, LANGUAGES
from tools.lettering import LARGE_WORDS
from tools.lettering.pcf import Font, Rows

EFONT = "xfonts-efont-unicode"  # Debian's packages: the /efont/ Unicode bitmap fonts, and WenQuanYi's
WQY = "xfonts-wqy"
SMALL_FONTS = {"ko": "f12.pcf.gz", "zh": "wenquanyi_9pt.pcf"}
# Chinese has a font of 24 points with strong strokes. The Korean one of that size has thin strokes with serifs, which
# are hard to read from afar: the small letters, doubled, are not.
LARGE_FONTS = {"zh": "b24.pcf.gz"}
PACKAGES = {"f12.pcf.gz": EFONT, "b24.pcf.gz": EFONT, "wenquanyi_9pt.pcf": WQY}
SOURCES = {
    "ko": "Baekmuk Gulim 12 of the /efont/ Unicode bitmap fonts 0.4.2 (3-clause BSD, Baekmuk's own permission)",
    "zh": "12 points: WenQuanYi Bitmap Song 1.0 RC1 (GPL version 2 with font embedding exception); 24 points: gb24st "
    "of the /efont/ Unicode bitmap fonts 0.4.2 (3-clause BSD, Academia Sinica's own permission)",
}


class NoFont(Exception):
    """The font package is not installed; the message says what to do."""


def find_fonts(folder: Path | None = None) -> dict[str, Path]:
    """Return the font files by name, from a folder or as Debian's package manager knows them."""
    found = {name: folder / name if folder else _installed(name, package) for name, package in PACKAGES.items()}
    missing = [name for name, path in found.items() if not path.is_file()]
    if missing:
        raise NoFont(f"no {' and no '.join(missing)}: apt-get install {EFONT} {WQY}, or name their folder")
    return found


def _installed(name: str, package: str) -> Path:
    """Return where the package has the file; its bare name where it has not."""
    try:
        listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True).stdout
    except OSError:  # another system than Debian
        listed = ""
    return next((Path(line) for line in listed.splitlines() if line.endswith("/" + name)), Path(name))


def make(language: str, fonts: dict[str, Path]) -> bytes:
    """Return a language's file of letters."""
    font = Font(fonts[SMALL_FONTS[language]])
    small = {letter: font.rows(letter, SMALL) for letter in needed(language, large=False)}
    if language in LARGE_FONTS:
        font = Font(fonts[LARGE_FONTS[language]])
        large = {letter: font.rows(letter, LARGE) for letter in needed(language, large=True)}
    else:
        large = {letter: double(font.rows(letter, SMALL)) for letter in needed(language, large=True)}
    line = f"{MAGIC.decode()}: {language}. From {SOURCES[language]}; see LICENSE.txt.\n".encode()
    if len(line) > MAX_HEAD:
        raise ValueError(f"the first line is longer than {MAX_HEAD} bytes")
    body = line + struct.pack("<HH", len(small), len(large))
    body += b"".join(struct.pack("<H", ord(letter)) for letter in [*small, *large])
    body += b"".join(columns(letter, rows, SMALL) for letter, rows in small.items())
    body += b"".join(columns(letter, rows, LARGE) for letter, rows in large.items())
    return body + struct.pack("<I", zlib.crc32(body))


def make_all(fonts: dict[str, Path]) -> dict[str, bytes]:
    """Return all files of letters by name; English needs none."""
    return {f"{language}.bin": make(language, fonts) for language in LANGUAGES if language != "en"}


def messages(language: str) -> dict[str, str]:
    """Return the messages of a language by id, as they stand in its file."""
    lines = (Path(FOLDER) / f"{language}.txt").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def needed(language: str, large: bool) -> list[str]:
    """Return the letters that a language's lines, or its large words, need beyond ASCII, by code point."""
    found = {
        letter
        for name, words in messages(language).items()
        if (name in LARGE_WORDS) == large
        for letter in words
        if letter > "~"
    }
    return sorted(found)


def double(rows: Rows | None) -> Rows | None:
    """Return a picture twice as large; where two points touch at a corner only, the step between them is filled."""
    if rows is None:
        return None
    size = len(rows)

    def at(x: int, y: int) -> bool:
        return 0 <= x < size and 0 <= y < size and rows[y][x]

    def point(x: int, y: int) -> bool:
        here_x, here_y, beside_x, beside_y = x // 2, y // 2, x // 2 + x % 2 * 2 - 1, y // 2 + y % 2 * 2 - 1
        step = at(beside_x, here_y) and at(here_x, beside_y) and not at(beside_x, beside_y)
        return at(here_x, here_y) or step

    return [[point(x, y) for x in range(2 * size)] for y in range(2 * size)]


def columns(letter: str, rows: Rows | None, size: int) -> bytes:
    """Return a picture as framebuf's MONO_VLSB: columns of 8 points, top point least, upper row of columns first."""
    if rows is None:
        raise NoFont(f"the font has no letter {letter} of {size} x {size} points: word the message differently")
    return bytes(
        sum(rows[y][x] << (y - top) for y in range(top, min(top + 8, size)))
        for top in range(0, size, 8)
        for x in range(size)
    )
