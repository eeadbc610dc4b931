"""Footprints of KiCad's libraries: read, their pads, and a copy put on the board."""

import math
import os
from pathlib import Path
from typing import Any

from hardware.kicad import ids
from hardware.kicad.sexpr import Word, find, one, parse, read
from hardware.model import Part
from hardware.route.shapes import BACK, FRONT, Pad, Rect

_DROPPED = {
    "version", "generator", "generator_version", "layer", "property", "model", "embedded_fonts", "uuid", "group",
}  # fmt: skip


OWN_LIBRARY = "checkpost"
# Ours, and what each is made from. KiCad's Pico keeps copper away from the antenna of a Pico W: the Pico 2 has none.
OWN = {"RaspberryPi_Pico_2_THT": "Module:RaspberryPi_Pico_Common_THT"}


class FootprintMissing(Exception):
    """A footprint is not in KiCad's libraries; the message names it."""


def folder() -> Path:
    """Return where KiCad keeps its footprints."""
    return Path(os.environ.get("KICAD9_FOOTPRINT_DIR", "/usr/share/kicad/footprints"))


def load(name: str) -> list[Any]:
    """Return a footprint, "Library:Name", as a list."""
    library, _, entry = name.partition(":")
    if library == OWN_LIBRARY:
        return _own(entry)
    path = folder() / f"{library}.pretty" / f"{entry}.kicad_mod"
    if not path.exists():
        raise FootprintMissing(f"{name} is not in the footprint libraries")
    return parse(path.read_text(encoding="utf-8"))


def _own(entry: str) -> list[Any]:
    """Return a footprint of ours: KiCad's without its keep-out zones and its drawing groups."""
    if entry not in OWN:
        raise FootprintMissing(f"{OWN_LIBRARY}:{entry} is not one of ours")
    found = load(OWN[entry])
    kept = [item for item in found[2:] if not (isinstance(item, list) and item[0] in ("zone", "group"))]
    return [found[0], entry, *kept]


def pad_numbers(footprint: list[Any]) -> set[str]:
    """Return the numbers of a footprint's pads; holes without a number are none."""
    return {str(pad[1]) for pad in find(footprint, "pad") if str(pad[1])}


def turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    """Return an offset after KiCad's turn: counter-clockwise, with y pointing down."""
    angle = math.radians(degrees)
    return (
        round(x * math.cos(angle) + y * math.sin(angle), 6),
        round(-x * math.sin(angle) + y * math.cos(angle), 6),
    )


def pads(part: Part, footprint: list[Any], nets: dict[str, str]) -> list[Pad]:
    """Return a part's pads on the board; `nets` is pad number -> net."""
    found = []
    for pad in find(footprint, "pad"):
        at, size = one(pad, "at"), one(pad, "size")
        dx, dy = turned(float(at[1]), float(at[2]), part.at[2])
        turn = (part.at[2] + (float(at[3]) if len(at) > 3 else 0)) % 180
        half_x, half_y = float(size[1]) / 2, float(size[2]) / 2
        if turn == 90:
            half_x, half_y = half_y, half_x
        drilled = pad[2] in ("thru_hole", "np_thru_hole")
        layers = (FRONT, BACK) if drilled else (FRONT,)
        rect = Rect(part.at[0] + dx, part.at[1] + dy, half_x, half_y, layers)
        found.append(Pad(part.ref, str(pad[1]), nets.get(str(pad[1]), ""), rect, drilled))
    return found


def instance(part: Part, footprint: list[Any], origin: tuple[float, float], nets: dict[str, str]) -> list[Any]:
    """Return the footprint as it stands in a board file, without its texts (labels.py places those)."""
    x, y, turn = origin[0] + part.at[0], origin[1] + part.at[1], part.at[2]
    tree = read(f'(footprint (layer "F.Cu") (uuid "{ids.of("footprint", part.ref)}") (at {x} {y} {turn}))')
    tree.insert(1, part.footprint)
    counts: dict[str, int] = {}
    for item in footprint[2:]:
        if not isinstance(item, list) or item[0] in _DROPPED:
            continue
        name = str(item[0])
        number = counts[name] = counts.get(name, 0) + 1
        tree.append(_copy(item, part, f"{name}{number}", turn, nets))
    models = [_plain(item) for item in find(footprint, "model")]
    path = f'(path "/{ids.of("part", part.ref)}")' if part.block else ""
    tree += read(f'({path} (sheetname "/") (sheetfile "{ids.PROJECT}.kicad_sch"))') if path else []
    return [*tree, Word("(embedded_fonts no)"), *models]


def _copy(item: list[Any], part: Part, key: str, turn: float, nets: dict[str, str]) -> list[Any]:
    """Return one graphic or pad with its own identity, net, and the angle that a turned footprint gives it."""
    copied = [_plain(word) if isinstance(word, list) else word for word in item if not _is(word, "uuid")]
    if item[0] == "attr":
        return copied
    if item[0] == "fp_text":
        copied = [_turn(word, turn) if _is(word, "at") else word for word in copied]
    if item[0] == "pad":
        copied = [_turn(word, turn) if _is(word, "at") else word for word in copied]
        net = nets.get(str(item[1]))
        if net:
            copied.append([Word("net"), Word("@"), net])
    if item[0] == "pad" or str(item[0]).startswith("fp_"):
        copied.append([Word("uuid"), ids.of("footprint", part.ref, key)])
    return copied


def _turn(at: list[Any], turn: float) -> list[Any]:
    angle = (float(at[3]) if len(at) > 3 else 0.0) + turn
    angle = angle % 360
    return [*at[:3], angle] if angle else list(at[:3])


def _plain(item: list[Any]) -> list[Any]:
    return [_plain(word) if isinstance(word, list) else word for word in item]


def _is(word: Any, name: str) -> bool:
    return isinstance(word, list) and bool(word) and word[0] == name
