"""tools/hardware: checks the source, makes everything that is generated, and lets KiCad check the result."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from hardware import agreement, checks, drawn, packages
from hardware.box import panel
from hardware.kicad import cli
from hardware.kicad.footprints import FootprintMissing
from hardware.model import HERE, MADE, Board, SourceBroken, load
from hardware.parity import board_faults, library_faults, netlist_faults, symbol_faults
from hardware.route.router import Unroutable

_KICAD_ABSENT = "kicad-cli is not installed: schematic, board and gerbers are left as they are and not checked"
# Ray-traced: to be looked at, not to be compared dot by dot between processors.
_PICTURES = ("board-top.png", "board-bottom.png")
_SAME_TOOLS = ("kicad-cli", "pdftoppm", "zlib")
_SAME_PACKAGES = ("packages", "graphviz", "font", "zlib", "python")


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def source_faults(board: Board) -> list[str]:
    """Return what is wrong with the source, the panel, or the firmware's and the virtual board's pins."""
    root = HERE.parent
    pins = agreement.constants((root / "firmware" / "pins.py").read_text(encoding="utf-8"))
    sys.path.append(str(root / "tools"))
    from virtualboard import wiring

    found = checks.faults(board) + panel.faults(board.raw)
    found += agreement.differences(board, pins, "firmware/pins.py")
    return found + agreement.differences(board, wiring.SIGNALS, "tools/virtualboard/wiring.py")


def generate(board: Board, folder: Path, views: bool = True) -> tuple[dict[str, bytes], list[str]]:
    """Make all files that this machine can make; return them and what KiCad finds wrong."""
    files = drawn.plain(board)
    drawn.write(folder, files)
    faults: list[str] = []
    if cli.version() is None:
        say(_KICAD_ABSENT)
    else:
        made = drawn.with_kicad(board, folder, views)
        drawn.write(folder, made)
        files |= made
        faults = _kicad_faults(board, folder)
    packages.install()
    made = drawn.with_packages(board)
    if "harness.svg" not in made:
        say("graphviz's dot is not installed: the harness is not drawn")
    drawn.write(folder, made)
    return files | made, faults


def _kicad_faults(board: Board, folder: Path) -> list[str]:
    place = folder / "kicad"
    found = {"ERC": cli.rule_check(place), **cli.design_check(place)}
    found["netlist"] = netlist_faults(board, cli.netlist(place))
    found["footprints"] = library_faults(board) + symbol_faults(board)
    found["board"] = board_faults(board, (folder / f"{drawn.PROJECT}.kicad_pcb").read_text(encoding="utf-8"))
    say("KiCad: " + ", ".join(f"{name} {len(faults)}" for name, faults in found.items()))
    return [f"{name}: {fault}" for name, faults in found.items() for fault in faults]


def differences(files: dict[str, bytes], made: Path = MADE) -> list[str]:
    """Return which files differ from what is committed; pictures only where the same programs draw them."""
    here, there = drawn.tools(), drawn.committed_tools()
    found = []
    for name, data in sorted(files.items()):
        if name in _PICTURES or any(here[tool] != there.get(tool) for tool in _needed(name)):
            continue
        path = made / name
        if not path.exists() or path.read_bytes() != data:
            found.append(f"made/{name} is not what board.toml gives: run tools/hardware")
    return found


def _needed(name: str) -> tuple[str, ...]:
    """Return the programs whose version decides the bytes of a file."""
    if name.startswith(("harness.svg", "tray")):
        return _SAME_PACKAGES
    kicad = name.startswith(("assembly", "gerbers", "schematic", "netlist")) or name.endswith(
        (".kicad_pcb", ".kicad_mod")
    )
    return _SAME_TOOLS if kicad else ()


def main(arguments: list[str]) -> int:
    """Run the command; 0 where all is well."""
    parser = argparse.ArgumentParser(prog="tools/hardware", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing: compare with what is committed")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        board = load()
        faults = source_faults(board)
        say(f"source: {len(checks.CHECKS)} checks, {len(faults)} faults")
        if not faults:
            faults = _compared(board) if options.check else _made(board)
    except (SourceBroken, FootprintMissing, Unroutable, cli.KicadFailed, packages.PackagesMissing) as error:
        faults = [str(error)]
    for fault in faults:
        say(f"  {fault}")
    say(f"{'not in order' if faults else 'all in order'}, {time.monotonic() - started:.0f} s")
    return 1 if faults else 0


def _compared(board: Board) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        files, faults = generate(board, Path(scratch), views=False)
    here, there = drawn.tools(), drawn.committed_tools()
    other = [f"{tool} {here[tool]} instead of {there.get(tool)}" for tool in here if here[tool] != there.get(tool)]
    if other:
        say(f"not compared, since other versions draw it: what comes from {', '.join(other)}")
    return faults + differences(files)


def _made(board: Board) -> list[str]:
    """Make everything aside and put it in place when it is complete."""
    with tempfile.TemporaryDirectory() as scratch:
        files, faults = generate(board, Path(scratch))
    if cli.version() and "harness.svg" in files and MADE.exists():
        shutil.rmtree(MADE)  # what is no longer generated goes; a machine that makes only a part keeps the rest
    drawn.write(MADE, files)
    if cli.version() and "harness.svg" in files:
        told = drawn.tools() | {"source": drawn.source_sum()}
        text = "".join(f"{name}: {version}\n" for name, version in sorted(told.items()))
        (MADE / drawn.TOOLS).write_text(text, encoding="utf-8")
    say(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB in hardware/made")
    return faults
