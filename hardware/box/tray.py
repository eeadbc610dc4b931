"""The tray behind the panel: a printable box with the board's posts, as STL (picture.py draws it).

manifold3d does the cutting: it is small beside a CAD kernel and its bodies are closed by construction.
"""

import math
import struct
from typing import Any

from hardware.box.panel import EAR_OUT_MM, M4_MM

Point = tuple[float, ...]
Triangle = tuple[Point, ...]
_ROUND = 48  # corners of a round hole: finer than a printer
_EAR_RADIUS, _EAR_HIGH = 7.0, 5.0  # mm; the ears take M4 screws through the panel


def solid(raw: dict[str, Any]) -> Any:
    """Return the tray as a manifold3d body, its floor at z = 0, open towards the panel."""
    from manifold3d import Manifold

    tray, panel = raw["tray"], raw["panel"]
    width, height = (side - 2 * tray["clear_mm"] for side in panel["size_mm"])
    wall, floor, depth = tray["wall_mm"], tray["floor_mm"], tray["depth_mm"]
    body = Manifold.cube((width, height, depth))
    room = Manifold.cube((width - 2 * wall, height - 2 * wall, depth)).translate((wall, wall, floor))
    body -= room
    across, post = tray["post_mm"]
    x0, y0 = (place - tray["clear_mm"] for place in tray["board_at_mm"])
    board_height = raw["board"]["size_mm"][1]
    for x, y in raw["board"]["holes_mm"]:
        place = (x0 + x, y0 + board_height - y, 0.0)
        body += Manifold.cylinder(floor + post, across / 2, across / 2, _ROUND).translate(place)
        body -= Manifold.cylinder(floor + post + 1, tray["screw_mm"] / 2, tray["screw_mm"] / 2, _ROUND).translate(place)
    for number, drill in enumerate(tray["gland_mm"] + [tray["gland_mm"][0]]):
        hole = Manifold.cylinder(3 * wall, drill / 2, drill / 2, _ROUND).rotate((90, 0, 0))
        body -= hole.translate((width * (number + 1) / 4, 2 * wall, depth / 2))
    for x, y in ((side, part * height) for side in (0.0, width) for part in (0.25, 0.75)):
        place = (x - EAR_OUT_MM if x == 0 else x + EAR_OUT_MM, y, depth - _EAR_HIGH)
        body += Manifold.cylinder(_EAR_HIGH, _EAR_RADIUS, _EAR_RADIUS, _ROUND).translate(place) - room
        body -= Manifold.cylinder(_EAR_HIGH + 1, M4_MM / 2, M4_MM / 2, _ROUND).translate(place)
    return body


def triangles(raw: dict[str, Any]) -> list[Triangle]:
    """Return the tray's surface, rounded to a micrometre and in a fixed order."""
    mesh = solid(raw).to_mesh()
    points = [tuple(round(float(value), 3) + 0.0 for value in point[:3]) for point in mesh.vert_properties]
    found = []
    for corners in mesh.tri_verts:
        a, b, c = (points[int(corner)] for corner in corners)
        first = min((a, b, c), key=lambda point: point)
        turned = [(a, b, c), (b, c, a), (c, a, b)]
        if len({a, b, c}) == 3:
            found.append(next(turn for turn in turned if turn[0] == first))
    return sorted(found)


def stl(faces: list[Triangle]) -> bytes:
    """Return a binary STL in mm."""
    out = [b"Checkpost kiosk tray, millimetres".ljust(80, b" "), struct.pack("<I", len(faces))]
    for face in faces:
        out.append(struct.pack("<3f", *normal(face)) + b"".join(struct.pack("<3f", *point) for point in face) + b"\0\0")
    return b"".join(out)


def read_stl(data: bytes) -> list[Triangle]:
    """Return the triangles of a binary STL."""
    (count,) = struct.unpack_from("<I", data, 80)
    found: list[Triangle] = []
    for at in range(84, 84 + 50 * count, 50):
        values = struct.unpack_from("<12f", data, at)
        found.append((values[3:6], values[6:9], values[9:12]))
    return found


def open_edges(faces: list[Triangle]) -> int:
    """Return how many edges do not have exactly one face on each side: 0 for a body that can be printed."""
    edges: dict[tuple[Any, Any], int] = {}
    for face in faces:
        for one, other in zip(face, face[1:] + face[:1], strict=True):
            edges[one, other] = edges.get((one, other), 0) + 1
    return sum(count != edges.get((other, one), 0) for (one, other), count in edges.items())


def volume_cm3(faces: list[Triangle]) -> float:
    """Return the volume that the faces enclose."""
    total = 0.0
    for (ax, ay, az), (bx, by, bz), (cx, cy, cz) in faces:
        total += ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
    return total / 6000


def normal(face: Triangle) -> tuple[float, float, float]:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = face
    u, v = (bx - ax, by - ay, bz - az), (cx - ax, cy - ay, cz - az)
    n = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    length = math.sqrt(sum(value * value for value in n)) or 1.0
    return n[0] / length, n[1] / length, n[2] / length
