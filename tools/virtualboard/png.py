"""Pictures of the panel as PNG (ISO/IEC 15948), without a library."""

import struct
import zlib

WIDTH, HEIGHT = 128, 64


def panel_png(picture: bytes, scale: int = 4) -> bytes:
    """Return a grey-scale PNG of a 1024-byte MONO_VLSB picture, each pixel `scale` x `scale`."""
    if len(picture) != WIDTH * HEIGHT // 8:
        raise ValueError(f"a panel picture has {WIDTH * HEIGHT // 8} bytes, not {len(picture)}")
    lines = bytearray()
    for y in range(HEIGHT):
        page, bit = picture[y // 8 * WIDTH : (y // 8 + 1) * WIDTH], y % 8
        line = b"".join((b"\xff" if byte >> bit & 1 else b"\x10") * scale for byte in page)
        lines += (b"\x00" + line) * scale
    header = struct.pack(">IIBBBBB", WIDTH * scale, HEIGHT * scale, 8, 0, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(lines), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
