"""What KiCad's own programs make and say: checks, netlist, planes, gerbers, pictures."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hardware.kicad import ids
from hardware.kicad.sexpr import find, one, parse

_FILL = Path(__file__).resolve().parent / "fill_planes.py"
_LAYERS = "F.Cu,B.Cu,F.Mask,B.Mask,F.Paste,F.SilkS,B.SilkS,Edge.Cuts"
# Lines by which KiCad says when a file was made: without them the same board gives the same bytes.
_DATED = re.compile(rb"^(%TF\.CreationDate|G04 Created by KiCad|; DRILL file|; #@! TF\.CreationDate).*\n", re.MULTILINE)
_PDF_DATE = re.compile(rb"/CreationDate \(D:[^)]*\)")
_LIMIT_S = 300


class KicadFailed(Exception):
    """KiCad ended badly; the message is what it said."""


def version() -> str | None:
    """Return kicad-cli's version, or None where it is not installed."""
    if not shutil.which("kicad-cli"):
        return None
    return _run(["kicad-cli", "version"]).strip()


def _run(command: list[str], allowed: tuple[int, ...] = (0,)) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
    if ended.returncode not in allowed:
        raise KicadFailed(f"{' '.join(command[:4])}: {(ended.stderr or ended.stdout).strip()[-600:]}")
    return ended.stdout


def rule_check(folder: Path) -> list[str]:
    """Return what ERC finds on the schematic, warnings included."""
    report = folder / "erc.json"
    command = ["kicad-cli", "sch", "erc", "--severity-all", "--exit-code-violations", "--format", "json"]
    _run([*command, "-o", str(report), str(folder / f"{ids.PROJECT}.kicad_sch")], (0, 5))
    return _findings([entry for sheet in _read(report)["sheets"] for entry in sheet["violations"]])


def design_check(folder: Path) -> dict[str, list[str]]:
    """Return what DRC finds on the board, by name: violations, open connections, differences from the schematic."""
    report = folder / "drc.json"
    command = ["kicad-cli", "pcb", "drc", "--schematic-parity", "--severity-all", "--exit-code-violations"]
    command += ["--format", "json"]
    _run([*command, "-o", str(report), str(folder / f"{ids.PROJECT}.kicad_pcb")], (0, 5))
    told = _read(report)
    names = {"DRC": "violations", "unconnected": "unconnected_items", "schematic parity": "schematic_parity"}
    return {name: _findings(told[key]) for name, key in names.items()}


def _read(report: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    return told


def _findings(entries: list[dict[str, Any]]) -> list[str]:
    found = []
    for entry in entries:
        where = "; ".join(item["description"] for item in entry.get("items", []))
        found.append(f"{entry['type']}: {entry['description']} ({where})")
    return found


def netlist(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return net -> [(ref, pad), ...] as KiCad reads the schematic; nets of one open pin are left out."""
    target = folder / "netlist.net"
    _run(["kicad-cli", "sch", "export", "netlist", "-o", str(target), str(folder / f"{ids.PROJECT}.kicad_sch")])
    tree = parse(target.read_text(encoding="utf-8"))
    target.unlink()
    found = {}
    for net in find(one(tree, "nets"), "net"):
        name = str(one(net, "name")[1])
        if not name.startswith("unconnected-"):
            found[name] = sorted((str(one(node, "ref")[1]), str(one(node, "pin")[1])) for node in find(net, "node"))
    return found


def filled(folder: Path) -> str:
    """Return the board file of a folder with its planes filled by KiCad."""
    source, target = folder / f"{ids.PROJECT}.kicad_pcb", folder / "filled.kicad_pcb"
    last = ""
    for python in ("/usr/bin/python3", "python3"):
        if shutil.which(python):
            ended = subprocess.run(
                [python, str(_FILL), str(source), str(target)], capture_output=True, text=True, timeout=_LIMIT_S
            )
            last = ended.stderr.strip()
            if ended.returncode == 0:
                text = target.read_text(encoding="utf-8")
                target.unlink()
                return text
    raise KicadFailed(f"no Python here has KiCad's pcbnew: {last[-300:]}")


def gerbers(folder: Path, target: Path) -> dict[str, bytes]:
    """Return file name -> bytes of what a board maker needs: copper, masks, paste, print, edge, drills, places."""
    board = str(folder / f"{ids.PROJECT}.kicad_pcb")
    target.mkdir(exist_ok=True)
    _run(["kicad-cli", "pcb", "export", "gerbers", "--layers", _LAYERS, "-o", f"{target}/", board])
    _run(["kicad-cli", "pcb", "export", "drill", "--excellon-separate-th", "-o", f"{target}/", board])
    places = ["--format", "csv", "--units", "mm", "-o", str(target / f"{ids.PROJECT}-places.csv")]
    _run(["kicad-cli", "pcb", "export", "pos", *places, board])
    files = [path for path in sorted(target.iterdir()) if path.suffix != ".gbrjob"]
    return {path.name: _DATED.sub(b"", path.read_bytes()) for path in files}


def schematic_pdf(folder: Path, target: Path) -> bytes:
    """Return the schematic for printing."""
    _run(["kicad-cli", "sch", "export", "pdf", "-o", str(target), str(folder / f"{ids.PROJECT}.kicad_sch")])
    return _PDF_DATE.sub(b"/CreationDate (D:20000101000000)", target.read_bytes())


def schematic_png(pdf: Path, target: Path) -> bytes:
    """Return the schematic as a picture."""
    _run(["pdftoppm", "-r", "130", "-png", "-singlefile", str(pdf), str(target.with_suffix(""))])
    return target.read_bytes()


def board_png(folder: Path, target: Path, side: str) -> bytes:
    """Return the bare board as a picture, seen from `side`."""
    command = ["kicad-cli", "pcb", "render", "--side", side, "--width", "1300", "--height", "1080", "--zoom", "1.15"]
    _run([*command, "--background", "opaque", "-o", str(target), str(folder / f"{ids.PROJECT}.kicad_pcb")])
    return target.read_bytes()
