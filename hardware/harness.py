"""The cables: what hangs on which connector, as a WireViz description, and the check that no wire ends in the air."""

import json
from typing import Any

from hardware.model import Board

_KIND = "ribbon or loose wires, 0.22 mm2"


def ends(board: Board) -> dict[str, list[str]]:
    """Return connector or module -> its pins, for everything that a cable can end on."""
    plugs = [part for part in board.parts if part.ref.startswith("J") and not part.ref.startswith("JP")]
    found = {part.ref: [pin.number for pin in part.pins] for part in plugs}
    for module in board.raw["module"]:
        found[module["ref"]] = list(module["pins"])
    return found


def wires(board: Board) -> list[tuple[str, str, str, str]]:
    """Return (cable, from "J1.1", to "M1.VCC", colour) for every wire."""
    found = []
    for cable in board.raw["cable"]:
        for pin, to, colour in cable["wires"]:
            found.append((cable["ref"], f"{cable['from']}.{pin}", to, colour))
    return found


def wires_end_somewhere(board: Board) -> list[str]:
    """Each wire ends on pins that exist, and each pin has a wire or a reason in `open`."""
    known = {f"{ref}.{pin}" for ref, pins in ends(board).items() for pin in pins}
    used: set[str] = set()
    faults = []
    for cable, one, other, _ in wires(board):
        for end in (one, other):
            used.add(end)
            if end not in known:
                faults.append(f"{cable}: no pin {end}")
    excused = {entry["pin"] for entry in board.raw.get("open", []) if entry.get("why")}
    return faults + [f"{end}: no wire ends here" for end in sorted(known - used - excused)]


def description(board: Board) -> str:
    """Return the harness as WireViz reads it (JSON is YAML, and quotes what YAML would misread)."""
    connectors: dict[str, Any] = {}
    for part in board.parts:
        if part.ref in ends(board):
            connectors[part.ref] = {
                "type": f"{part.mfr} {part.mpn}",
                "subtype": part.value,
                "pins": [int(pin.number) for pin in part.pins],
                "pinlabels": [pin.name for pin in part.pins],
            }
    for module in board.raw["module"]:
        connectors[module["ref"]] = {
            "type": module["name"],
            "subtype": f"{module['mfr']} {module['mpn']}",
            "pins": [_pin(pin) for pin in module["pins"]],
            **({"notes": module["note"]} if "note" in module else {}),
        }
    cables: dict[str, Any] = {}
    connections = []
    for cable in board.raw["cable"]:
        cables[cable["ref"]] = _cable(cable)
        connections += _connections(board, cable)
    return json.dumps({"connectors": connectors, "cables": cables, "connections": connections}, indent=1) + "\n"


def _cable(cable: dict[str, Any]) -> dict[str, Any]:
    colours = [colour for _, _, colour in cable["wires"]]
    return {
        "type": cable.get("kind", _KIND),
        "length": cable["length_mm"] / 1000,
        "wirecount": len(colours),
        "colors": colours,
    }


def _pin(pin: str) -> str | int:
    """Return a pin as WireViz looks it up: what reads as a number is one."""
    return int(pin) if pin.isdigit() else pin


def _connections(board: Board, cable: dict[str, Any]) -> list[Any]:
    """Return the cable's connection sets, one wire each: WireViz joins sets that share connectors."""
    sets = []
    lines = [(one, other) for ref, one, other, _ in wires(board) if ref == cable["ref"]]
    for number, (one, other) in enumerate(lines, 1):
        ends_ = [{ref: _pin(pin)} for ref, _, pin in (one.partition("."), other.partition("."))]
        sets.append([ends_[0], {cable["ref"]: number}, ends_[1]])
    return sets
