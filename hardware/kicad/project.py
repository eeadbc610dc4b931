"""The files around schematic and board: project rules and the tables that say where symbols and footprints are."""

import json

from hardware.kicad import footprints, ids
from hardware.kicad.sexpr import dump
from hardware.model import Board
from hardware.route.field import CLEARANCE_MM, EDGE_MM, HOLE_MM, VIA_DRILL_MM, VIA_MM

# What common board makers offer without extra cost; the router keeps to the same numbers.
_RULES = {
    "min_clearance": CLEARANCE_MM,
    "min_copper_edge_clearance": EDGE_MM,
    "min_hole_clearance": HOLE_MM,
    "min_hole_to_hole": 0.25,
    # A through-hole pad has its spokes on the other plane too; one on the crowded side is enough.
    "min_resolved_spokes": 1,
    "min_through_hole_diameter": VIA_DRILL_MM,
    "min_track_width": 0.2,
    "min_via_annular_width": 0.13,
    "min_via_diameter": VIA_MM,
}


def settings() -> str:
    """Return the .kicad_pro file."""
    default = {"name": "Default", "clearance": CLEARANCE_MM, "track_width": 0.25, "priority": 2147483647}
    default |= {"via_diameter": VIA_MM, "via_drill": VIA_DRILL_MM}
    found = {
        "board": {"design_settings": {"rules": _RULES, "meta": {"version": 2}}},
        "meta": {"filename": f"{ids.PROJECT}.kicad_pro", "version": 3},
        "net_settings": {"classes": [default], "meta": {"version": 4}},
    }
    return json.dumps(found, indent=2) + "\n"


def symbol_table() -> str:
    """Return the sym-lib-table file."""
    return "(sym_lib_table\n\t(version 7)\n\t" + _entry("checkpost", "${KIPRJMOD}/checkpost.kicad_sym") + "\n)\n"


def footprint_table(board: Board) -> str:
    """Return the fp-lib-table file: KiCad's libraries in use, and ours beside the project."""
    names = {part.footprint.partition(":")[0] for part in board.parts} | {"MountingHole"}
    names.discard(footprints.OWN_LIBRARY)
    entries = [_entry(name, f"${{KICAD9_FOOTPRINT_DIR}}/{name}.pretty") for name in sorted(names)]
    entries.append(_entry(footprints.OWN_LIBRARY, f"${{KIPRJMOD}}/{footprints.OWN_LIBRARY}.pretty"))
    return "(fp_lib_table\n\t(version 7)\n\t" + "\n\t".join(entries) + "\n)\n"


def _entry(name: str, place: str) -> str:
    return f'(lib (name "{name}") (type "KiCad") (uri "{place}") (options "") (descr ""))'


def own_footprints() -> dict[str, str]:
    """Return file name -> text of the footprints of ours; needs KiCad's libraries."""
    return {
        f"{name}.kicad_mod": dump(footprints.load(f"{footprints.OWN_LIBRARY}:{name}")) + "\n" for name in footprints.OWN
    }
