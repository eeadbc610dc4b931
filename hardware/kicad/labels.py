"""Where the references are printed: beside each part, clear of pads, of other print and of the edge."""

from dataclasses import dataclass
from typing import Any

from hardware.kicad.footprints import turned
from hardware.kicad.sexpr import find, one
from hardware.model import Part
from hardware.route.shapes import Pad

SIZE_MM = 0.8
WORD_MM = 1.1
_CHAR_MM = 0.78  # advance of KiCad's stroke font at this size, with its pen
_PAD_GAP = 0.2
_GAP = 0.16


@dataclass(frozen=True)
class Box:
    """An upright rectangle in mm on the board."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", gap: float) -> bool:
        """Return True if the two are nearer than `gap`."""
        return (
            self.left - gap < other.right
            and other.left - gap < self.right
            and self.top - gap < other.bottom
            and other.top - gap < self.bottom
        )


def silk(part: Part, footprint: list[Any]) -> list[Box]:
    """Return boxes around the printed lines of a part."""
    boxes = []
    for item in footprint:
        if isinstance(item, list) and one(item, "layer")[1:] == ["F.SilkS"] and str(item[0]).startswith("fp_"):
            ends = _points(item)
            if ends:
                boxes.append(_around(part, ends, 0.08))
    return boxes


def outline(part: Part, footprint: list[Any]) -> Box:
    """Return the box around a part's pads and body."""
    points: list[tuple[float, float]] = []
    for pad in find(footprint, "pad"):
        at, size = one(pad, "at"), one(pad, "size")
        reach_x, reach_y = float(size[1]) / 2, float(size[2]) / 2
        x, y = float(at[1]), float(at[2])
        points += [(x - reach_x, y - reach_y), (x + reach_x, y + reach_y)]
    for item in footprint:
        if isinstance(item, list) and one(item, "layer")[1:] in (["F.SilkS"], ["F.Fab"]):
            points += _points(item)
    return _around(part, points, 0.0)


def _points(item: list[Any]) -> list[tuple[float, float]]:
    found = [(float(word[1]), float(word[2])) for key in ("start", "mid", "end") for word in find(item, key)]
    if item[0] == "fp_circle":
        (cx, cy), (ex, ey) = [(float(one(item, key)[1]), float(one(item, key)[2])) for key in ("center", "end")]
        reach = ((cx - ex) ** 2 + (cy - ey) ** 2) ** 0.5
        found = [(cx - reach, cy - reach), (cx + reach, cy + reach)]
    for points in find(item, "pts"):
        found += [(float(word[1]), float(word[2])) for word in find(points, "xy")]
    return found


def _around(part: Part, points: list[tuple[float, float]], pen: float) -> Box:
    placed = [turned(x, y, part.at[2]) for x, y in points]
    xs, ys = [part.at[0] + x for x, _ in placed], [part.at[1] + y for _, y in placed]
    return Box(min(xs) - pen, min(ys) - pen, max(xs) + pen, max(ys) + pen)


def place(
    parts: list[tuple[Part, list[Any]]], pads: list[Pad], words: list[dict[str, Any]], size_mm: tuple[float, float]
) -> dict[str, tuple[float, float, int]]:
    """Return reference -> middle and turn of its print; small parts choose first, since they have the least room."""
    copper = [_pad_box(pad) for pad in pads]
    print_boxes = [box for part, footprint in parts for box in silk(part, footprint)]
    bodies = {part.ref: outline(part, footprint) for part, footprint in parts}
    taken: list[Box] = [_word_box(word) for word in words]
    found: dict[str, tuple[float, float, int]] = {}
    for part, _ in sorted(parts, key=lambda pair: (_area(bodies[pair[0].ref]), pair[0].ref)):
        x, y, turn, box = _choose(part.ref, bodies[part.ref], copper, print_boxes + taken, size_mm)
        taken.append(box)
        found[part.ref] = (x, y, turn)
    return found


def _word_box(word: dict[str, Any]) -> Box:
    x, y = word["at"]
    size = word.get("size", WORD_MM)
    half_x, half_y = len(word["text"]) * size * 0.5, size * 0.65
    if word.get("turn"):
        half_x, half_y = half_y, half_x
    return Box(x - half_x, y - half_y, x + half_x, y + half_y)


def _pad_box(pad: Pad) -> Box:
    rect = pad.rect
    return Box(rect.x - rect.half_x, rect.y - rect.half_y, rect.x + rect.half_x, rect.y + rect.half_y)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _choose(
    ref: str, body: Box, copper: list[Box], others: list[Box], size_mm: tuple[float, float]
) -> tuple[float, float, int, Box]:
    best = None
    for x, y, turn in _candidates(ref, body):
        long, high = len(ref) * _CHAR_MM / 2, SIZE_MM / 2 + 0.08
        half_x, half_y = (high, long) if turn else (long, high)
        box = Box(x - half_x, y - half_y, x + half_x, y + half_y)
        faults = sum(box.meets(other, _PAD_GAP) for other in copper) + sum(box.meets(other, _GAP) for other in others)
        faults += box.left < 0.6 or box.top < 0.6 or box.right > size_mm[0] - 0.6 or box.bottom > size_mm[1] - 0.6
        if best is None or faults < best[0]:
            best = (faults, x, y, turn, box)
        if not faults:
            break
    assert best is not None
    return best[1], best[2], best[3], best[4]


def _candidates(ref: str, body: Box) -> list[tuple[float, float, int]]:
    """Return middles of the print, nearest first: above, below, right, left, then farther off."""
    middle_x, middle_y = (body.left + body.right) / 2, (body.top + body.bottom) / 2
    half = len(ref) * _CHAR_MM / 2
    found: list[tuple[float, float, int]] = []
    for off in (0.75, 1.0, 1.4, 1.9, 2.5, 3.2):
        for slide in (0.0, -1.0, 1.0, -2.0, 2.0, -3.5, 3.5):
            found += [(middle_x + slide, body.top - off, 0), (middle_x + slide, body.bottom + off, 0)]
            found += [
                (body.right + off + half - 0.3, middle_y + slide, 0),
                (body.left - off - half + 0.3, middle_y + slide, 0),
            ]
            found += [(body.right + off, middle_y + slide, 90), (body.left - off, middle_y + slide, 90)]
    found += [
        (middle_x + dx, middle_y + dy, 0) for dx in (0.0, 2.0, -2.0, 4.0, -4.0) for dy in (0.0, 2.0, -2.0, 4.0, -4.0)
    ]
    return found
