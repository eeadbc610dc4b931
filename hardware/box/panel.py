"""The panel: its cut-outs, the check that they fit, and the DXF to cut from (template.py draws it to drill by)."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

EAR_OUT_MM = 4.0  # from the tray's outer wall to the middle of its ears
M4_MM = 4.3


@dataclass(frozen=True)
class Hole:
    """A round hole, middle and diameter in mm from the lower left corner; `what` says what for."""

    x: float
    y: float
    drill: float
    what: str


@dataclass(frozen=True)
class Slot:
    """A rectangular cut-out or mark, middle and size in mm; `cut` False is engraved only."""

    x: float
    y: float
    width: float
    height: float
    what: str
    cut: bool = True


def features(raw: dict[str, Any]) -> tuple[list[Hole], list[Slot]]:
    """Return the panel's holes and slots."""
    panel = raw["panel"]
    width, height = panel["size_mm"]
    inset, drill = panel["fixing"]["inset_mm"], panel["fixing"]["drill_mm"]
    holes = [Hole(x, y, drill, "fixing M4") for x in (inset, width - inset) for y in (inset, height - inset)]
    holes += tray_ears(raw)
    oled, (ox, oy) = panel["oled"], panel["oled"]["at_mm"]
    dx, dy = (value / 2 for value in oled["holes_mm"])
    holes += [Hole(ox + a * dx, oy + b * dy, oled["drill_mm"], "OLED M2") for a in (-1, 1) for b in (-1, 1)]
    slots = [_slot(oled["at_mm"], oled["window_mm"], "OLED window")]
    slots.append(_slot(panel["led"]["at_mm"], panel["led"]["slot_mm"], "LED bar"))
    holes += _grille(panel["sounder"])
    buttons = panel["buttons"]
    holes += [
        Hole(x, y, buttons["drill_mm"], name) for name, (x, y) in zip(buttons["names"], buttons["at_mm"], strict=True)
    ]
    slots.append(_slot(panel["reader"]["at_mm"], panel["reader"]["target_mm"], "CARD HERE", cut=False))
    return holes, slots


def _slot(at: list[float], size: list[float], what: str, cut: bool = True) -> Slot:
    return Slot(at[0], at[1], size[0], size[1], what, cut)


def tray_ears(raw: dict[str, Any]) -> list[Hole]:
    """Return the holes for the tray's ears; tray.py puts the ears there."""
    width, height = raw["panel"]["size_mm"]
    clear = raw["tray"]["clear_mm"]
    rows = [clear + part * (height - 2 * clear) for part in (0.25, 0.75)]
    return [Hole(x, y, M4_MM, "tray M4") for x in (clear - EAR_OUT_MM, width - clear + EAR_OUT_MM) for y in rows]


def _grille(sounder: dict[str, Any]) -> list[Hole]:
    (x, y), drill, ring = sounder["at_mm"], sounder["drill_mm"], sounder["ring_mm"]
    around = sounder["holes"] - 1
    turns = [radians(360 * number / around) for number in range(around)]
    return [Hole(x, y, drill, "sounder")] + [
        Hole(x + ring * cos(t), y + ring * sin(t), drill, "sounder") for t in turns
    ]


def faults(raw: dict[str, Any]) -> list[str]:
    """Return which cut-outs leave the panel or come nearer than 2 mm to each other."""
    width, height = raw["panel"]["size_mm"]
    holes, slots = features(raw)
    boxes = [(hole.what, hole.x, hole.y, hole.drill / 2, hole.drill / 2) for hole in holes]
    boxes += [(slot.what, slot.x, slot.y, slot.width / 2, slot.height / 2) for slot in slots]
    found = []
    for at, (what, x, y, rx, ry) in enumerate(boxes):
        if x - rx < 2 or y - ry < 2 or x + rx > width - 2 or y + ry > height - 2:
            found.append(f"{what} at {x:g}, {y:g} leaves the panel")
        for other, x2, y2, rx2, ry2 in boxes[at + 1 :]:
            if abs(x - x2) < rx + rx2 + 2 and abs(y - y2) < ry + ry2 + 2:
                found.append(f"{what} and {other} are nearer than 2 mm")
    return found


def dxf(raw: dict[str, Any]) -> str:
    """Return an R12 DXF in mm: layer CUT to cut, layer MARK to engrave."""
    holes, slots = features(raw)
    width, height = raw["panel"]["size_mm"]
    lines = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1009", "0", "ENDSEC"]
    lines += ["0", "SECTION", "2", "ENTITIES"]
    lines += _rounded(width, height, raw["panel"]["corner_mm"])
    for hole in holes:
        lines += [
            "0",
            "CIRCLE",
            "8",
            "CUT",
            "10",
            f"{hole.x:.3f}",
            "20",
            f"{hole.y:.3f}",
            "40",
            f"{hole.drill / 2:.3f}",
        ]
    for slot in slots:
        corners = [
            (slot.x + a * slot.width / 2, slot.y + b * slot.height / 2) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
            lines += _line(one, other, "CUT" if slot.cut else "MARK")
    return "\n".join([*lines, "0", "ENDSEC", "0", "EOF"]) + "\n"


def _line(one: tuple[float, float], other: tuple[float, float], layer: str) -> list[str]:
    ends = ["10", f"{one[0]:.3f}", "20", f"{one[1]:.3f}", "11", f"{other[0]:.3f}", "21", f"{other[1]:.3f}"]
    return ["0", "LINE", "8", layer, *ends]


def _rounded(w: float, h: float, r: float) -> list[str]:
    sides = [((r, 0), (w - r, 0)), ((w, r), (w, h - r)), ((w - r, h), (r, h)), ((0, h - r), (0, r))]
    lines = [word for one, other in sides for word in _line(one, other, "CUT")]
    for x, y, start in ((w - r, r, 270), (w - r, h - r, 0), (r, h - r, 90), (r, r, 180)):
        lines += ["0", "ARC", "8", "CUT", "10", f"{x:.3f}", "20", f"{y:.3f}", "40", f"{r:.3f}"]
        lines += ["50", str(start), "51", str((start + 90) % 360)]
    return lines
