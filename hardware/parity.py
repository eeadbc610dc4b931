"""Whether what KiCad read is what the source says: the netlist, and the board's footprints pad by pad."""

from collections.abc import Mapping
from typing import Any

from hardware.kicad import footprints
from hardware.kicad.sexpr import find, one, parse
from hardware.model import Board

# KiCad's names of pins that data sheets and we call otherwise.
_ALIAS = {"IN": "VIN", "OUT": "VOUT", "A1": "IO1", "A2": "IO2", "COMMON": "GND", "RO": "R", "DI": "D"}
_ALIAS |= {f"GPIO{gp}": f"GP{gp}" for gp in range(29)} | {f"GPIO{gp}_ADC{gp - 26}": f"GP{gp}" for gp in range(26, 29)}


def netlist_faults(board: Board, nets: Mapping[str, list[tuple[str, str]]]) -> list[str]:
    """Return how a netlist differs from the source, one sentence a net."""
    wanted = board.nets()
    # A test point and a two-pad holder keep their one pin; KiCad names each pin once, as the source does.
    found = [f"net {name} is only in the source" for name in wanted if name not in nets]
    found += [f"net {name} is only in KiCad's netlist" for name in nets if name not in wanted]
    for name in wanted:
        if name in nets and sorted(nets[name]) != wanted[name]:
            differing = sorted(set(nets[name]) ^ set(wanted[name]))
            found.append(f"net {name} differs at {', '.join('.'.join(pin) for pin in differing)}")
    return found


def board_faults(board: Board, text: str) -> list[str]:
    """Return how the footprints on a board file differ from the parts: missing, other, or other pads and nets."""
    placed = {}
    for item in find(parse(text), "footprint"):
        fields = {str(entry[1]): str(entry[2]) for entry in find(item, "property")}
        placed[fields.get("Reference", "?")] = item
    found = [
        f"{ref} is on the board and not in the source" for ref in placed if ref[0] != "H" and not _known(board, ref)
    ]
    for part in board.parts:
        if part.ref not in placed:
            found.append(f"{part.ref} is not on the board")
            continue
        item = placed[part.ref]
        if str(item[1]) != part.footprint:
            found.append(f"{part.ref} stands as {item[1]}, the source says {part.footprint}")
        pads = footprints.pad_numbers(item)
        pins = {pin.number for pin in part.pins}
        if pads != pins:
            found.append(f"{part.ref}: pads and pins differ at {', '.join(sorted(pads ^ pins))}")
        nets = {pin.number: pin.net for pin in part.pins}
        for pad in find(item, "pad"):
            net = str(one(pad, "net")[-1]) if one(pad, "net") else ""
            if nets.get(str(pad[1])) and net != nets[str(pad[1])]:
                found.append(f"{part.ref} pad {pad[1]} is on {net or 'nothing'}, the source says {nets[str(pad[1])]}")
    return found


def library_faults(board: Board) -> list[str]:
    """Return which footprints KiCad's libraries do not have, or have with other pads; needs the libraries."""
    found = []
    for part in board.parts:
        try:
            pads = footprints.pad_numbers(footprints.load(part.footprint))
        except footprints.FootprintMissing as error:
            found.append(f"{part.ref}: {error}")
            continue
        pins = {pin.number for pin in part.pins}
        if pads != pins:
            found.append(f"{part.ref}: pads of {part.footprint} and pins differ at {', '.join(sorted(pads ^ pins))}")
    return found


def symbol_faults(board: Board) -> list[str]:
    """Return where a part's pins are not those of the symbol that KiCad has for it; needs the libraries."""
    found = []
    for part in (part for part in board.parts if part.like):
        theirs = _symbol_pins(part.like)
        if not theirs:
            found.append(f"{part.ref}: KiCad has no symbol {part.like}")
        for pin in part.pins:
            name = theirs.get(pin.number, "")
            if theirs and not _same(pin.name, name) and pin.net != name:
                found.append(f"{part.ref} pin {pin.number} is {pin.name}, in KiCad's {part.like} {name or 'missing'}")
    return found


def _symbol_pins(like: str) -> dict[str, str]:
    library, _, name = like.partition(":")
    path = footprints.folder().parent / "symbols" / f"{library}.kicad_sym"
    text = path.read_text(encoding="utf-8")
    symbol = _symbol(text, name)
    while one(symbol, "extends"):
        symbol = _symbol(text, str(one(symbol, "extends")[1]))
    units = find(symbol, "symbol")
    return {str(one(pin, "number")[1]): str(one(pin, "name")[1]) for unit in units for pin in find(unit, "pin")}


def _symbol(text: str, name: str) -> list[Any]:
    """Return one symbol of a library, or nothing; the rest, megabytes, is not parsed."""
    start = text.find(f'\n\t(symbol "{name}"')
    end = text.find('\n\t(symbol "', start + 1)
    return parse(text[start : end if end > 0 else text.rstrip().rfind(")")]) if start >= 0 else []


def _same(ours: str, theirs: str) -> bool:
    first = theirs.replace("~{", "").replace("}", "").partition("/")[0].upper()
    return ours.upper().removesuffix("_N").partition("_SQW")[0] in (first, _ALIAS.get(first))


def _known(board: Board, ref: str) -> bool:
    return any(part.ref == ref for part in board.parts)
