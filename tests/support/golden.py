"""The panel's pages as PNG files, drawn by the firmware in MicroPython; and the panel with its lights for README."""

import struct
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

from kiosk.signals import lights

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "golden"
MICROPYTHON = Path(sys.executable).with_name("micropython")
WIDTH, HEIGHT = 128, 64
SCALE = 4
ON, OFF, GLASS = (186, 220, 255), (4, 8, 16), (30, 34, 40)
README_PAGE = "ask-two"
LIGHT_SIZE, LIGHT_GAP, MARGIN, BAR_HEIGHT = 40, 24, 16, 72


ASKED = "asked"  # as inside_pages.py names it


def pages() -> dict[str, bytes]:
    """Return each page's 1024-byte picture by its name, `ko/` or `zh/` before it in those languages."""
    return {name: data for name, data in _printed().items() if name != ASKED}


def asked() -> set[str]:
    """Return the ids of the messages that these pages ask for."""
    return set(_printed()[ASKED].decode().split())


@cache
def _printed() -> dict[str, bytes]:
    command = [str(MICROPYTHON), "-X", "heapsize=192wk", "tests/firmware/inside_pages.py"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise RuntimeError(ended.stdout + ended.stderr)
    return {name: bytes.fromhex(data) for name, data in (line.split() for line in ended.stdout.splitlines())}


def pictures() -> dict[str, bytes]:
    """Return every golden PNG by its path in the folder: English ones in it, the others in `ko/` and `zh/`."""
    drawn = pages()
    made = {f"{name}.png": png(points(picture)) for name, picture in drawn.items()}
    made["panel.png"] = png(with_lights(points(drawn[README_PAGE]), "refer"))
    return made


def points(picture: bytes) -> list[list[tuple[int, int, int]]]:
    """Return rows of colours of a MONO_VLSB picture, each point `SCALE` x `SCALE`."""
    rows = []
    for y in range(HEIGHT):
        bits = [picture[y // 8 * WIDTH + x] >> y % 8 & 1 for x in range(WIDTH)]
        rows += [[ON if bit else OFF for bit in bits for _ in range(SCALE)]] * SCALE
    return rows


def with_lights(rows: list[list[tuple[int, int, int]]], name: str) -> list[list[tuple[int, int, int]]]:
    """Return the panel: the display in its frame, the light bar below it as it is lit for `name`."""
    width = WIDTH * SCALE + 2 * MARGIN
    framed = [[GLASS] * width for _ in range(MARGIN)]
    framed += [[GLASS] * MARGIN + row + [GLASS] * MARGIN for row in rows]
    bar = [[GLASS] * width for _ in range(BAR_HEIGHT)]
    colours = [(52, 56, 62)] * 8
    for first, end, *colour in lights(name):
        colours[first:end] = [tuple(colour)] * (end - first)
    left = (width - 8 * LIGHT_SIZE - 7 * LIGHT_GAP) // 2
    for place, colour in enumerate(colours):
        centre_x, centre_y = left + place * (LIGHT_SIZE + LIGHT_GAP) + LIGHT_SIZE // 2, BAR_HEIGHT // 2
        for y in range(BAR_HEIGHT):
            for x in range(centre_x - LIGHT_SIZE // 2, centre_x + LIGHT_SIZE // 2 + 1):
                if (x - centre_x) ** 2 + (y - centre_y) ** 2 <= (LIGHT_SIZE // 2) ** 2:
                    bar[y][x] = colour
    return framed + bar


def png(rows: list[list[tuple[int, int, int]]]) -> bytes:
    """Return a PNG with a palette (ISO/IEC 15948)."""
    palette = sorted({colour for row in rows for colour in row})
    index = {colour: number for number, colour in enumerate(palette)}
    lines = b"".join(b"\x00" + bytes(index[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes(sum(palette, ()))), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
