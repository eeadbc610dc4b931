"""Everything that is generated, by who can make it: plain Python, KiCad, or the packages of requirements.lock."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from hardware import bom, budget, harness, packages
from hardware.box import panel, template
from hardware.kicad import cli, footprints, ids, layout, project, schematic
from hardware.kicad.sexpr import parse
from hardware.model import MADE, SOURCE, Board
from hardware.sheets import assembly, pins, wiring

TOOLS = "tools.txt"
PROJECT = f"kicad/{ids.PROJECT}"


def plain(board: Board) -> dict[str, bytes]:
    """Return path below made/ -> bytes of what needs nothing but Python: the same on every machine."""
    texts = {
        "bom.csv": bom.table(board),
        "power.csv": budget.table(board),
        "harness.yml": harness.description(board),
        "pins.svg": pins.draw(board),
        "wiring.svg": wiring.draw(board),
        "panel.svg": template.draw(board.raw),
        "panel.dxf": panel.dxf(board.raw),
        f"{PROJECT}.kicad_sch": schematic.text(board),
        f"{PROJECT}.kicad_pro": project.settings(),
        "kicad/checkpost.kicad_sym": schematic.library(board),
        "kicad/sym-lib-table": project.symbol_table(),
        "kicad/fp-lib-table": project.footprint_table(board),
    }
    return {name: text.encode() for name, text in texts.items()}


def with_kicad(board: Board, folder: Path, views: bool = True) -> dict[str, bytes]:
    """Return what KiCad's libraries and programs make; `folder` holds the plain files, `views` are ray-traced."""
    place = folder / "kicad"
    own = place / "checkpost.pretty"
    own.mkdir(exist_ok=True)
    found = {f"kicad/checkpost.pretty/{name}": text.encode() for name, text in project.own_footprints().items()}
    parts = [(part, footprints.load(part.footprint)) for part in board.parts]
    found["assembly.svg"] = assembly.draw(board, parts).encode()
    tree = layout.tree(board)
    found[f"{PROJECT}.kicad_pcb"] = layout.text(tree).encode()
    write(folder, found)
    found[f"{PROJECT}.kicad_pcb"] = layout.text(layout.with_planes(tree, parse(cli.filled(place)))).encode()
    write(folder, found)
    nets = cli.netlist(place)
    found["netlist.txt"] = "".join(
        f"{net}: {' '.join('.'.join(pin) for pin in nets[net])}\n" for net in sorted(nets)
    ).encode()
    with tempfile.TemporaryDirectory() as scratch:
        there = Path(scratch)
        gerbers = cli.gerbers(place, there / "gerbers")
        found |= {f"gerbers/{name}": data for name, data in gerbers.items()}
        found["schematic.pdf"] = cli.schematic_pdf(place, there / "schematic.pdf")
        if shutil.which("pdftoppm"):
            found["schematic.png"] = cli.schematic_png(there / "schematic.pdf", there / "schematic.png")
        for side in ("top", "bottom") if views else ():
            found[f"board-{side}.png"] = cli.board_png(place, there / f"{side}.png", side)
    return found


def with_packages(board: Board) -> dict[str, bytes]:
    """Return what the packages of requirements.lock draw: the harness and the tray."""
    packages.use()
    from hardware.box import picture, tray

    faces = tray.triangles(board.raw)
    found = {"tray.stl": tray.stl(faces), "tray.png": picture.png(faces)}
    if shutil.which("dot"):
        found |= _harness(board)
    return found


def _harness(board: Board) -> dict[str, bytes]:
    from wireviz import wireviz

    with tempfile.TemporaryDirectory() as scratch:
        wireviz.parse(
            harness.description(board),
            output_formats=("svg",),
            output_dir=scratch,
            output_name="harness",
            image_paths=[],
        )
        return {"harness.svg": (Path(scratch) / "harness.svg").read_bytes()}


def tools() -> dict[str, str]:
    """Return which versions draw here: pictures are compared only where they are those that drew the committed ones."""
    found = {"kicad-cli": cli.version() or "none", "zlib": zlib.ZLIB_RUNTIME_VERSION, "packages": _lock()}
    found["python"] = ".".join(map(str, sys.version_info[:2]))
    for name, command in (
        ("graphviz", ["dot", "-V"]),
        ("font", ["fc-match", "arial"]),
        ("pdftoppm", ["pdftoppm", "-v"]),
    ):
        found[name] = _said(command)
    return found


def source_sum() -> str:
    """Return what stands for the whole of board.toml."""
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]


def _lock() -> str:
    return hashlib.sha256(packages.LOCK.read_bytes()).hexdigest()[:12]


def _said(command: list[str]) -> str:
    if not shutil.which(command[0]):
        return "none"
    ended = subprocess.run(command, capture_output=True, text=True)
    return re.sub(r"\s+", " ", (ended.stdout or ended.stderr).splitlines()[0]).strip()


def committed_tools() -> dict[str, str]:
    """Return the versions that drew what is committed."""
    path = MADE / TOOLS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split(": ", 1) for line in lines)


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
