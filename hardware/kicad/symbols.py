"""Schematic symbols drawn from the parts: two-pin parts as shapes, all else as boxes with pins as on the package."""

from dataclasses import dataclass
from typing import Any

from hardware.kicad.sexpr import Word, read
from hardware.model import Part

LIBRARY = "checkpost"
GRID = 2.54
_REACH = 5.08  # from the middle of a two-pin symbol to its pins
_CHAR = 1.05  # mm a character of the pin names, roughly
_STROKE = "(stroke (width 0.2) (type default)) (fill (type none))"
_FILLED = "(stroke (width 0.2) (type default)) (fill (type background))"


@dataclass(frozen=True)
class Spot:
    """Where a pin of a symbol connects: offset from the middle in sheet directions (y down), and its side."""

    number: str
    name: str
    kind: str
    x: float
    y: float
    right: bool


@dataclass(frozen=True)
class Shape:
    """A symbol: its name in the library, its body's half width and height, its pins."""

    name: str
    half_width: float
    half_height: float
    spots: tuple[Spot, ...]
    two: str = ""


def shape(part: Part) -> Shape:
    """Return the symbol of a part."""
    kind = _two_pin_kind(part)
    pins = {pin.number: pin for pin in part.pins}
    if kind == "TP":
        return Shape("TP", 1.27, 1.27, (Spot("1", "1", "passive", -_REACH, 0, False),), "TP")
    if kind:
        first, second = pins["1"], pins["2"]
        left = Spot("1", first.name, first.kind, -_REACH, 0, False)
        right = Spot("2", second.name, second.kind, _REACH, 0, True)
        name = kind if first.kind == second.kind == "passive" else f"{kind}_{first.kind}"
        return Shape(name, 2.54, 1.27, (left, right), kind)
    return _box(part)


def _two_pin_kind(part: Part) -> str:
    letters = part.ref.rstrip("0123456789")
    if letters in ("R", "L", "F", "BT", "TP", "JP"):
        return letters
    if letters == "C":
        return "CP" if "CP_Elec" in part.footprint else "C"
    if letters == "D" and len(part.pins) == 2:
        return "D" if part.value == "SS14" else "DZ"
    return ""


def _box(part: Part) -> Shape:
    pins = sorted(part.pins, key=lambda pin: int(pin.number))
    one_sided = part.ref.startswith("J")
    half = len(pins) if one_sided else (len(pins) + 1) // 2
    left, right = pins[:half], list(reversed(pins[half:]))
    names = max(len(pin.name) for pin in pins)
    width = max(2 * GRID, _round_up((names * (1 if one_sided else 2) * _CHAR + 3) / 2))
    top = -(half - 1) * GRID / 2
    top = round(top / GRID) * GRID
    spots = []
    for side, column in ((False, left), (True, right)):
        for row, pin in enumerate(column):
            x = (width + GRID) * (1 if side else -1)
            spots.append(Spot(pin.number, pin.name, pin.kind, x, top + row * GRID, side))
    height = max(abs(top), abs(top + (half - 1) * GRID)) + GRID
    return Shape(part.ref, width, height, tuple(spots))


def _round_up(value: float) -> float:
    return -(-value // GRID) * GRID


def definition(found: Shape, qualified: bool) -> list[Any]:
    """Return the symbol as KiCad stores it; `qualified` puts the library's name before its own."""
    name = f"{LIBRARY}:{found.name}" if qualified else found.name
    hide_names = "(pin_names (offset 1.016) (hide yes))" if found.two else "(pin_names (offset 0.762))"
    hide_numbers = "(pin_numbers (hide yes))" if found.two in ("R", "C", "L", "F", "TP", "JP") else ""
    tree = read(f"(symbol {hide_numbers} {hide_names} (exclude_from_sim no) (in_bom yes) (on_board yes))")
    tree.insert(1, name)
    tree += [_property(key, value) for key, value in (("Reference", _letter(found)), ("Value", found.name))]
    tree += [_property(key, "") for key in ("Footprint", "Datasheet", "Description")]
    body = read("(symbol)")
    body.insert(1, f"{found.name}_0_1")
    body += [read(item) for item in _body(found)]
    pins = read("(symbol)")
    pins.insert(1, f"{found.name}_1_1")
    pins += [_pin(spot, found) for spot in found.spots]
    return [*tree, body, pins, read("(embedded_fonts no)")]


def _letter(found: Shape) -> str:
    letters = (found.two or found.name).rstrip("0123456789")
    return {"CP": "C", "DZ": "D"}.get(letters, letters)


def _property(key: str, value: str) -> list[Any]:
    return [Word("property"), key, value, *read("((at 0 0 0) (effects (font (size 1.27 1.27)) (hide yes)))")]


def _pin(spot: Spot, found: Shape) -> list[Any]:
    length = abs(spot.x) - found.half_width
    turn = 180 if spot.right else 0
    tree = read(f"(pin {spot.kind} line (at {spot.x} {-spot.y} {turn}) (length {length}))")
    effects = read("(effects (font (size 1.27 1.27)))")
    return [*tree, [Word("name"), spot.name, effects], [Word("number"), spot.number, effects]]


def _line(*points: tuple[float, float]) -> str:
    return "(polyline (pts " + " ".join(f"(xy {x} {y})" for x, y in points) + f") {_STROKE})"


def _body(found: Shape) -> list[str]:
    w, h = found.half_width, found.half_height
    bars = [_line((-0.5, 1.8), (-0.5, -1.8)), _line((0.5, 1.8), (0.5, -1.8)), _line((-w, 0), (-0.5, 0))]
    capacitor = [*bars, _line((0.5, 0), (w, 0))]
    diode = [
        _line((1.27, 1.27), (1.27, -1.27), (-1.27, 0), (1.27, 1.27)),
        _line((-1.27, 1.27), (-1.27, -1.27)),
        _line((-w, 0), (-1.27, 0)),
        _line((1.27, 0), (w, 0)),
    ]
    bends = [_line((-1.27, 1.27), (-1.9, 1.27)), _line((-1.27, -1.27), (-0.64, -1.27))]
    arcs = [
        f"(arc (start {x} 0) (mid {x + 0.635} 0.635) (end {x + 1.27} 0) {_STROKE})" for x in (-2.54, -1.27, 0, 1.27)
    ]
    shapes = {
        "R": [f"(rectangle (start {-w} 0.9) (end {w} -0.9) {_STROKE})"],
        "F": [f"(rectangle (start {-w} 0.7) (end {w} -0.7) {_STROKE})", _line((-w, 0), (w, 0))],
        "L": arcs,
        "C": capacitor,
        "CP": [*capacitor, _line((-1.8, 1.4), (-1.0, 1.4)), _line((-1.4, 1.8), (-1.4, 1.0))],
        "BT": [_line((-0.5, 1.8), (-0.5, -1.8)), _line((0.5, 0.9), (0.5, -0.9)), *capacitor[2:]],
        "D": diode,
        "DZ": [*diode, *bends],
        "JP": [f"(circle (center {x} 0) (radius 0.6) {_STROKE})" for x in (-1.9, 1.9)]
        + [_line((-1.5, 0.9), (1.5, 0.9))],
        "TP": [f"(circle (center 0 0) (radius 1.27) {_STROKE})", _line((-w, 0), (-1.27, 0))],
    }
    return shapes.get(found.two) or [f"(rectangle (start {-w} {h}) (end {w} {-h}) {_FILLED})"]
