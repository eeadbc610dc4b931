"""The technician's USB port: a terminal for mpremote, and MicroPython's standard input and output.

MicroPython's Unix port has the raw REPL, but no soft reset, and no Ctrl-C that stops a program as a board's does. This
stands between: it lets a Ctrl-C interrupt the program that runs, hands it to a prompt as the letter it is there, keeps
what is typed after it until it was heard, and covers the restart.
"""

import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
import tty
from collections.abc import Callable

CTRL_A, CTRL_C = b"\x01", b"\x03"
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n"
TYPED_LIMIT = 1 << 20  # bytes that a client may be ahead of the board
_PROMPT = b"\r\n>>> "


class Terminal:
    """A pseudo-terminal in raw mode: `master` for this process, `slave` for the other, its path in `path`."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self.slave)

    def read(self) -> bytes:
        """Return what waits; empty if nothing does."""
        try:
            return os.read(self.master, 65536)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Write what fits; return how much. Bytes for a reader that is not there are lost, as on USB."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Close both ends."""
        os.close(self.master)
        os.close(self.slave)


class Console:
    """What a process has for its terminal: `far` is its end. No pseudo-terminal, which passes on what is written to it
    a while later, so that nobody knows what the process has read."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.setblocking(False)

    def read(self) -> bytes:
        """Return what the process wrote; empty if nothing waits."""
        try:
            return self.near.recv(65536)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Write what fits; return how much."""
        try:
            return self.near.send(data)
        except BlockingIOError:
            return 0

    def unread(self) -> int:
        """Return how many bytes wait for the process."""
        count: int = struct.unpack("i", fcntl.ioctl(self.far, termios.FIONREAD, b"\0" * 4))[0]
        return count

    def take_back(self) -> None:
        """Take away what waits for the process, if it has not read it meanwhile."""
        with contextlib.suppress(BlockingIOError):
            self.far.recv(self.unread(), socket.MSG_DONTWAIT)

    def close(self) -> None:
        """Close both ends."""
        self.near.close()
        self.far.close()


class Repl:
    """Carries bytes between the outer terminal (mpremote) and the inner one (MicroPython)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.outer = Terminal()
        self.inner = Console()
        self.on_output: Callable[[bytes], None] | None = None
        self.on_raw: Callable[[], None] | None = None  # a client took the board to its raw REPL
        self._now = now
        self._typed = bytearray()
        # Interrupts a program, given how many seconds a Ctrl-C has waited; False if a prompt is there to read it.
        self.interrupt: Callable[[float], bool] = lambda _: False
        self.listening: Callable[[], bool] = lambda: True  # a board that starts hears nothing yet: what is typed waits
        self._asked_at: float | None = None  # when a Ctrl-C was handed to a prompt that has not read it yet
        self._hidden: bytearray | None = None  # a restarted board's output up to the raw REPL's banner
        self._seen = bytearray()
        self._raw = False

    @property
    def raw(self) -> bool:
        """True if the client is in the raw REPL."""
        return self._raw

    def typed(self) -> None:
        """The client wrote: pass it on, or keep it while the board is not reading."""
        self._typed += self.outer.read()
        del self._typed[TYPED_LIMIT:]
        self.pump()

    def pump(self) -> None:
        """Pass on what may be passed now; whatever follows a Ctrl-C waits until that was heard."""
        while self.listening() and self._heard() and self._typed:
            before = self._typed.find(CTRL_C)
            if before:
                if not self._pass_on(before if before > 0 else len(self._typed)):
                    return
            elif self.interrupt(0.0):
                self._typed[:] = self._typed.lstrip(CTRL_C)  # a board's terminal sets a flag: twice is the same
            elif self.inner.unread() or not self._pass_on(1):
                return  # what was typed before comes first
            else:
                self._asked_at = self._now()

    def waiting(self) -> bool:
        """Return True while input is held back, so that `pump` is to be called again soon."""
        return bool(self._typed) or self._asked_at is not None

    def _heard(self) -> bool:
        """Return True unless a Ctrl-C lies in the terminal for a prompt; a program that began meanwhile ends of it."""
        if self._asked_at is not None and self.inner.unread():
            if not self.interrupt(self._now() - self._asked_at):
                return False
            self.inner.take_back()
        self._asked_at = None
        return True

    def printed(self) -> None:
        """The board wrote: pass it to the client."""
        data = self.inner.read()
        if data:
            if self.on_output is not None:
                self.on_output(data)
            if self._hidden is not None:
                data = self._after_banner(data)
            self._note_mode(data)
            self.send(data)
        self.pump()

    def restarted(self) -> None:
        """A soft reset: tell the client as a board does, and bring the new process to the client's REPL mode."""
        self._forget()
        self.send(b"MPY: soft reboot\r\n")
        self._hidden = bytearray() if self._raw else None

    def reset(self) -> None:
        """A power cut: the client finds a fresh board."""
        self._forget()
        self._typed.clear()
        self._hidden = None
        self._raw = False

    def send(self, data: bytes) -> None:
        """Give bytes to the client; what it does not take within a moment is lost."""
        while data:
            taken = self.outer.write(data)
            data = data[taken:]
            if data and not select.select([], [self.outer.master], [], 0.05)[1]:
                return

    def _forget(self) -> None:
        """Leave nothing of one process to the next."""
        self.inner.close()
        self.inner = Console()
        self._asked_at = None

    def _pass_on(self, count: int) -> bool:
        taken = self.inner.write(bytes(self._typed[:count]))
        del self._typed[:taken]
        return taken == count

    def _note_mode(self, data: bytes) -> None:
        """Follow the client's mode by what the board prints."""
        tail = bytes(self._seen[-64:]) + data
        raw, friendly = tail.rfind(RAW_BANNER[:8]), tail.rfind(_PROMPT)
        if raw >= 0 or friendly >= 0:
            self._raw = raw > friendly
            if self._raw and self.on_raw is not None:
                self.on_raw()
        self._seen += data
        del self._seen[:-64]

    def _after_banner(self, data: bytes) -> bytes:
        """Hide a restarted board's output until the raw REPL's banner; ask for that REPL at the first prompt."""
        hidden = self._hidden if self._hidden is not None else bytearray()
        had_prompt = _PROMPT in hidden
        hidden += data
        if _PROMPT in hidden and not had_prompt:
            self.inner.write(CTRL_A)
        at = hidden.find(RAW_BANNER)
        if at < 0:
            return b""
        self._hidden = None
        return bytes(hidden[at:])
