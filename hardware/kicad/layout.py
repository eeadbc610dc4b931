"""The two-layer board: parts where board.toml puts them, tracks from the router, ground planes, print."""

from typing import Any

from hardware.kicad import footprints, ids, labels
from hardware.kicad.sexpr import Word, dump, find, one, read
from hardware.model import Board, Part, Pin
from hardware.route.field import VIA_DRILL_MM, VIA_MM
from hardware.route.router import Routed, Router
from hardware.route.shapes import BACK, FRONT, Grid, Pad, Rect

ORIGIN = (50.0, 50.0)  # of the board on its page
GROUND = "GND"
_HOLE_MM = 3.2
_HOLE_CLEAR_MM = 3.2  # from a fixing hole's middle: the washer of an M3 screw
_LAYERS = (
    '(0 "F.Cu" signal) (2 "B.Cu" signal) (13 "F.Paste" user) (15 "B.Paste" user) (5 "F.SilkS" user "F.Silkscreen")'
    ' (7 "B.SilkS" user "B.Silkscreen") (1 "F.Mask" user) (3 "B.Mask" user) (25 "Edge.Cuts" user) (27 "Margin" user)'
    ' (31 "F.CrtYd" user "F.Courtyard") (29 "B.CrtYd" user "B.Courtyard") (35 "F.Fab" user) (33 "B.Fab" user)'
)


def tree(board: Board) -> list[Any]:
    """Return the .kicad_pcb file as a list, its planes not yet filled; raises Unroutable, FootprintMissing."""
    parts = [(part, footprints.load(part.footprint)) for part in board.parts]
    nets = {part.ref: _pad_nets(part) for part, _ in parts}
    pads = [pad for part, footprint in parts for pad in footprints.pads(part, footprint, nets[part.ref])]
    routed = _route(board, pads)
    places = labels.place(parts, [*pads, *_hole_pads(board)], board.raw["print"], board.raw["board"]["size_mm"])
    title = board.raw["board"]
    found = read(
        '(kicad_pcb (version 20241229) (generator "checkpost") (generator_version "9.0")'
        ' (general (thickness 1.6) (legacy_teardrops no)) (paper "A4")'
        f' (title_block (title "{title["name"]}") (rev "{title["rev"]}") (company "Checkpost"))'
        f" (layers {_LAYERS}) (setup (pad_to_mask_clearance 0) (allow_soldermask_bridges_in_footprints no)"
        " (tenting front back)))"
    )
    numbers = {
        name: number
        for number, name in enumerate(["", *sorted({net for table in nets.values() for net in table.values()})])
    }
    found += [[Word("net"), number, name] for name, number in numbers.items()]
    for part, footprint in parts:
        found.append(_labelled(part, footprints.instance(part, footprint, ORIGIN, nets[part.ref]), places[part.ref]))
    found += [_hole(number, x, y) for number, (x, y) in enumerate(board.raw["board"]["holes_mm"], 1)]
    found += _edges(board) + _print(board)
    for net in sorted(routed):
        found += _copper(net, routed[net])
    found += [_plane(board, layer) for layer in ("F.Cu", "B.Cu")]
    return _numbered([*found, read("(embedded_fonts no)")], numbers)


def text(found: list[Any]) -> str:
    """Return the file."""
    return dump(found) + "\n"


def with_planes(found: list[Any], filled: list[Any]) -> list[Any]:
    """Return the board with the fillings of another reading of it: all else KiCad would write with new identities."""
    fillings = {str(one(zone, "uuid")[1]): find(zone, "filled_polygon") for zone in find(filled, "zone")}
    done = []
    for item in found:
        if isinstance(item, list) and item[0] == "zone":
            item = [*item, *fillings[str(one(item, "uuid")[1])]]
        done.append(item)
    return done


def _pad_nets(part: Part) -> dict[str, str]:
    """Return pad -> net; an open pin gets the name that KiCad gives it, or parity would differ."""
    return {pin.number: pin.net or f"unconnected-({part.ref}-{pin.name}-Pad{pin.number})" for pin in part.pins}


def _route(board: Board, pads: list[Pad]) -> dict[str, Routed]:
    width, height = board.raw["board"]["size_mm"]
    holes = [Rect(x, y, _HOLE_CLEAR_MM, _HOLE_CLEAR_MM, (FRONT, BACK)) for x, y in board.raw["board"]["holes_mm"]]
    return Router(Grid(width, height), pads, holes, board.raw["nets"]["wide_mm"], GROUND).run()


def _hole_pads(board: Board) -> list[Pad]:
    return [Pad("H", "", "", Rect(x, y, 3.2, 3.2, (FRONT, BACK)), True) for x, y in board.raw["board"]["holes_mm"]]


def _labelled(part: Part, tree_: list[Any], place: tuple[float, float, int]) -> list[Any]:
    """Return the footprint with its reference printed at a place and its other texts hidden."""
    angle = part.at[2]
    dx, dy = place[0] - part.at[0], place[1] - part.at[1]
    x, y = footprints.turned(dx, dy, -angle)
    fields = {"Reference": part.ref, "Value": part.value, "Datasheet": "", "Description": ""}
    fields |= {key: value for key, value in (("MPN", part.mpn), ("Maker", part.mfr)) if value}
    properties = []
    for key, value in fields.items():
        seen = key == "Reference"
        layer, hide = ("F.SilkS", "") if seen else ("F.Fab", " (hide yes)")
        size, pen = (labels.SIZE_MM, 0.13) if seen else (1.0, 0.15)
        where = f"(at {x:.4f} {y:.4f} {place[2]})" if seen else f"(at 0 0 {angle})"
        entry = read(
            f'({where} (unlocked yes) (layer "{layer}"){hide} (uuid "{ids.of("property", part.ref, key)}")'
            f" (effects (font (size {size} {size}) (thickness {pen}))))"
        )
        properties.append([Word("property"), key, value, *entry])
    return [*tree_[:5], *properties, *tree_[5:]]


def _hole(number: int, x: float, y: float) -> list[Any]:
    pin = Part(f"H{number}", "M3", "MountingHole:MountingHole_3.2mm_M3", [Pin("", "", "passive", "")], "", (x, y, 0.0))
    tree_ = footprints.instance(pin, footprints.load(pin.footprint), ORIGIN, {})
    tree_ = [item for item in tree_ if not (isinstance(item, list) and item[0] == "attr")]
    tree_.append(read("(attr exclude_from_pos_files exclude_from_bom board_only)"))
    fields = []
    for key, value in (("Reference", pin.ref), ("Value", pin.value)):
        entry = read(f'((at 0 0 0) (layer "F.Fab") (hide yes) (uuid "{ids.of("property", pin.ref, key)}")'
                     " (effects (font (size 1 1) (thickness 0.15))))")  # fmt: skip
        fields.append([Word("property"), key, value, *entry])
    return [*tree_[:5], *fields, *tree_[5:]]


def _edges(board: Board) -> list[list[Any]]:
    """Return the outline, its corners rounded by 2 mm."""
    width, height = board.raw["board"]["size_mm"]
    left, top = ORIGIN
    right, bottom, r = left + width, top + height, 2.0
    k = r * (1 - 2**-0.5)
    pen = '(stroke (width 0.1) (type default)) (layer "Edge.Cuts")'
    lines = [(left + r, top, right - r, top), (right, top + r, right, bottom - r)]
    lines += [(right - r, bottom, left + r, bottom), (left, bottom - r, left, top + r)]
    arcs = [(left, top + r, left + k, top + k, left + r, top), (right - r, top, right - k, top + k, right, top + r)]
    arcs += [
        (right, bottom - r, right - k, bottom - k, right - r, bottom),
        (left + r, bottom, left + k, bottom - k, left, bottom - r),
    ]
    found = [
        read(f'(gr_line (start {a} {b}) (end {c} {d}) {pen} (uuid "{ids.of("edge", number)}"))')
        for number, (a, b, c, d) in enumerate(lines)
    ]
    found += [
        read(f'(gr_arc (start {a} {b}) (mid {c} {d}) (end {e} {f}) {pen} (uuid "{ids.of("corner", number)}"))')
        for number, (a, b, c, d, e, f) in enumerate(arcs)
    ]
    return found


def _print(board: Board) -> list[list[Any]]:
    """Return the words on the board: its name, and what each connector is for."""
    found = []
    for number, word in enumerate(board.raw["print"]):
        (x, y), size = word["at"], word.get("size", labels.WORD_MM)
        entry = read(
            f'((at {ORIGIN[0] + x} {ORIGIN[1] + y} {word.get("turn", 0)}) (layer "F.SilkS")'
            f' (uuid "{ids.of("print", number)}")'
            f" (effects (font (size {size} {size}) (thickness 0.18))))"
        )
        found.append([Word("gr_text"), word["text"], *entry])
    return found


def _copper(net: str, routed: Routed) -> list[list[Any]]:
    found = []
    ox, oy = ORIGIN
    for number, track in enumerate(routed.tracks):
        layer = "F.Cu" if track.layer == FRONT else "B.Cu"
        item = read(
            f"(segment (start {ox + track.x1} {oy + track.y1}) (end {ox + track.x2} {oy + track.y2})"
            f' (width {track.width}) (layer "{layer}") (net @) (uuid "{ids.of("track", net, number)}"))'
        )
        found.append(_named(item, net))
    for number, via in enumerate(routed.vias):
        item = read(
            f"(via (at {ox + via.x} {oy + via.y}) (size {VIA_MM}) (drill {VIA_DRILL_MM})"
            f' (layers "F.Cu" "B.Cu") (net @) (uuid "{ids.of("via", net, number)}"))'
        )
        found.append(_named(item, net))
    return found


def _named(item: list[Any], net: str) -> list[Any]:
    return [[Word("net"), Word("@"), net] if isinstance(word, list) and word[0] == "net" else word for word in item]


def _plane(board: Board, layer: str) -> list[Any]:
    width, height = board.raw["board"]["size_mm"]
    (x, y), inset = ORIGIN, 0.5
    corners = [(x + inset, y + inset), (x + width - inset, y + inset)]
    corners += [(x + width - inset, y + height - inset), (x + inset, y + height - inset)]
    points = " ".join(f"(xy {a} {b})" for a, b in corners)
    return read(
        f'(zone (net @) (net_name "{GROUND}") (layer "{layer}") (name "ground {layer}")'
        f' (uuid "{ids.of("plane", layer)}")'
        " (hatch edge 0.5) (connect_pads (clearance 0.25)) (min_thickness 0.25) (filled_areas_thickness no)"
        " (fill yes (thermal_gap 0.3) (thermal_bridge_width 0.5) (island_removal_mode 0))"
        f" (polygon (pts {points})))"
    )


def _numbered(item: list[Any], numbers: dict[str, int]) -> list[Any]:
    """Return the list with every net's number filled in."""
    if item[:2] == [Word("net"), Word("@")]:
        return [Word("net"), numbers[item[2] if len(item) > 2 else GROUND], *item[2:]]
    done = [_numbered(word, numbers) if isinstance(word, list) else word for word in item]
    if item and item[0] in ("segment", "via"):
        done = [word[:2] if isinstance(word, list) and word[0] == "net" else word for word in done]
    return done
