"""A body as a shaded picture: triangles, a depth for each dot, one light; no library."""

import math
import struct
import zlib

from hardware.box.tray import Triangle, normal

_SIZE = (900, 640)
_TURN, _TILT = math.radians(28), math.radians(40)
_COLOUR = (150, 188, 208)
_PAPER = (255, 255, 255)


def png(faces: list[Triangle]) -> bytes:
    """Return a picture of the body from above and in front, as large as it fits."""
    turned = [([_seen(point) for point in face], _light(face)) for face in faces]
    xs = [point[0] for points, _ in turned for point in points]
    ys = [point[1] for points, _ in turned for point in points]
    width, height = _SIZE
    low_x, low_y, wide, high = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    scale = min((width - 40) / wide, (height - 40) / high)
    left, below = (width - scale * wide) / 2, (height - scale * high) / 2
    depth = [-math.inf] * (width * height)
    dots = bytearray(_PAPER * (width * height))
    for points, light in turned:
        placed = [((x - low_x) * scale + left, height - below - (y - low_y) * scale, z) for x, y, z in points]
        _fill(placed, bytes(min(255, round(part * light)) for part in _COLOUR), depth, dots)
    return _encode(dots)


def _seen(point: tuple[float, ...]) -> tuple[float, float, float]:
    x = point[0] * math.cos(_TURN) - point[1] * math.sin(_TURN)
    y = point[0] * math.sin(_TURN) + point[1] * math.cos(_TURN)
    return x, y * math.sin(_TILT) + point[2] * math.cos(_TILT), -y * math.cos(_TILT) + point[2] * math.sin(_TILT)


def _light(face: Triangle) -> float:
    nx, ny, nz = normal(face)
    return 0.62 + 0.42 * max(0.0, 0.35 * nx - 0.3 * ny + 0.86 * nz) - 0.12 * max(0.0, -nx)


def _fill(points: list[tuple[float, float, float]], colour: bytes, depth: list[float], dots: bytearray) -> None:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = points
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(area) < 1e-9:
        return
    width, height = _SIZE
    sides = (((ax, ay), (bx, by)), ((bx, by), (cx, cy)), ((cx, cy), (ax, ay)))
    for row in range(max(0, math.ceil(min(ay, by, cy))), min(height - 1, math.floor(max(ay, by, cy))) + 1):
        ends = [x1 + (x2 - x1) * (row - y1) / (y2 - y1) for (x1, y1), (x2, y2) in sides if (y1 <= row) != (y2 <= row)]
        if not ends:
            continue
        for column in range(max(0, math.floor(min(ends))), min(width - 1, math.ceil(max(ends))) + 1):
            u = ((bx - column) * (cy - row) - (cx - column) * (by - row)) / area
            v = ((cx - column) * (ay - row) - (ax - column) * (cy - row)) / area
            if u < -1e-9 or v < -1e-9 or u + v > 1 + 1e-9:
                continue
            z = u * az + v * bz + (1 - u - v) * cz
            at = row * width + column
            if z > depth[at]:
                depth[at] = z
                dots[3 * at : 3 * at + 3] = colour


def _encode(dots: bytearray) -> bytes:
    width, height = _SIZE
    lines = b"".join(b"\0" + bytes(dots[3 * width * row : 3 * width * (row + 1)]) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
