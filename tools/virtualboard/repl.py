"""The technician's USB port: a terminal for mpremote whose board end is MicroPython's own terminal.

MicroPython's Unix port has the raw REPL, but no soft reset, a terminal that forgets input when it changes mode, and
in the raw REPL no Ctrl-C. This stands between: it keeps what is typed after a Ctrl-C until that has worked, makes a
signal of one that nobody reads, and covers the restart.
"""

import fcntl
import os
import select
import struct
import termios
import tty
from collections.abc import Callable

CTRL_A, CTRL_C = b"\x01", b"\x03"
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n"
# A program that ignores Ctrl-C this long gets the rest of the input anyway. MicroPython's Unix port hangs when a second
# one comes before it looked at the first, which on a loaded machine may be long after.
HOLD_LIMIT_S = 10.0
UNREAD_S = 0.02  # a REPL reads a Ctrl-C within this; otherwise a program runs
TYPED_LIMIT = 1 << 20  # bytes that a client may be ahead of the board
_PROMPT = b"\r\n>>> "
_LFLAG = 3


class Terminal:
    """A pseudo-terminal in raw mode: `master` for this process, `slave` for the other, its path in `path`."""

    def __init__(self, with_signals: bool = False) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        mode = termios.tcgetattr(self.slave)
        mode[_LFLAG] |= (termios.ISIG | termios.NOFLSH) if with_signals else 0
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self.slave, termios.TCSANOW, mode)
        self._fresh = mode
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

    def unread(self) -> int:
        """Return how many bytes wait for the process at the slave."""
        count: int = struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4))[0]
        return count

    def renew(self) -> None:
        """Make it as it was at first: one process leaves its mode to the next, and nothing that was typed."""
        termios.tcflush(self.slave, termios.TCIOFLUSH)
        termios.tcsetattr(self.slave, termios.TCSANOW, self._fresh)

    def close(self) -> None:
        """Close both ends."""
        os.close(self.master)
        os.close(self.slave)


class Repl:
    """Carries bytes between the outer terminal (mpremote) and the inner one (MicroPython)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.outer = Terminal()
        self.inner = Terminal(with_signals=True)
        self.on_output: Callable[[bytes], None] | None = None
        self.on_raw: Callable[[], None] | None = None  # a client took the board to its raw REPL
        self._now = now
        self._typed = bytearray()
        self.interrupt: Callable[[], None] | None = None
        # A board that starts hears nothing yet. What is typed waits: MicroPython's Unix port hangs when it is
        # interrupted twice before it runs its first line.
        self.listening: Callable[[], bool] = lambda: True
        self._held_until = 0.0
        self._unread_at = 0.0
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
        """Pass on what may be passed now; whatever follows a Ctrl-C waits until that has worked."""
        while self.listening() and not self._held() and self._typed:
            count = self._typed.find(CTRL_C) + 1
            executing = self._executing()
            if not self._pass_on(count or len(self._typed)):
                return
            if count:
                self._held_until = self._now() + (HOLD_LIMIT_S if executing else 0.0)
                self._unread_at = 0.0 if executing else self._now() + UNREAD_S

    def waiting(self) -> bool:
        """Return True while input is held back, so that `pump` is to be called again soon."""
        return bool(self._typed or self._unread_at)

    def _held(self) -> bool:
        """Return True while a Ctrl-C that was passed on has not worked yet."""
        if self._unread_at:
            if not self.inner.unread():
                self._unread_at = 0.0
            elif self._now() < self._unread_at:
                return True
            else:
                # The raw REPL runs programs without turning Ctrl-C into a signal: nobody read it.
                self._unread_at = 0.0
                termios.tcflush(self.inner.slave, termios.TCIFLUSH)
                if self.interrupt is not None:
                    self.interrupt()
        # The prompt throws away what was typed before it set the terminal's mode.
        return self._now() < self._held_until and self._executing()

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
        self.inner.renew()
        self._held_until = self._unread_at = 0.0
        self.send(b"MPY: soft reboot\r\n")
        self._hidden = bytearray() if self._raw else None

    def reset(self) -> None:
        """A power cut: the client finds a fresh board."""
        self.inner.renew()
        self._typed.clear()
        self._held_until = self._unread_at = 0.0
        self._hidden = None
        self._raw = False

    def send(self, data: bytes) -> None:
        """Give bytes to the client; what it does not take within a moment is lost."""
        while data:
            taken = self.outer.write(data)
            data = data[taken:]
            if data and not select.select([], [self.outer.master], [], 0.05)[1]:
                return

    def _executing(self) -> bool:
        """Return True while a program runs: only then does the terminal turn Ctrl-C into a signal."""
        return bool(termios.tcgetattr(self.inner.slave)[_LFLAG] & termios.ISIG)

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
