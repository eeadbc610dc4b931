"""The host process of one virtual board: one loop over the socket, the terminals, the line and the control channel."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from .actions import Actions
from .child import HARD, PWRON, SOFT, WDT, Child
from .chips.deck import Deck
from .circuit import Circuit
from .clock import ClockFile, real_utc_s
from .control import ControlServer
from .ether_line import FarAntenna
from .folder import Options, hold_folder, point_at
from .link import BoardGone, BoardLink
from .repl import Repl, Terminal

RESTART_S = 0.1  # from a power cut to the next start
RETRY_S = 1.0  # from an interpreter that ended before it ran the board's files to the next try
LOOP_S = 1.0  # the longest sleep, for what sends no signal
REAP_S = 5.0  # a process that closed its socket ends within this, or is killed


class Host:
    """Runs MicroPython over a circuit until `stop`."""

    def __init__(self, options: Options, now: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._now = now
        folder = options.directory
        self._lock = hold_folder(folder)
        utc = ClockFile(options.clock).utc_s if options.clock else real_utc_s
        self._antenna = FarAntenna(options.ether, options.radio or folder.name) if options.ether else None
        self.circuit = Circuit(
            now, utc, str(folder / "journal.bin"), str(folder / "rtc.json"), options.oled, options.baud, options.pace,
            antenna=self._antenna,
        )  # fmt: skip
        if options.clock:
            # A clock that leaps ends the firmware's wait for a contact to settle while it still bounces in real time.
            for button in self.circuit.buttons.values():
                button.bounces = False
        self.circuit.on_event = self._event
        self.circuit.array.on_cut = self._flash_cut
        self._ready = False
        self.repl = Repl(now)
        self.repl.on_output = self._output
        self.repl.on_raw = self._interrupted
        self.repl.interrupt = self._interrupt
        self.repl.listening = lambda: self._ready
        self.line = Terminal()
        self.circuit.uart.to_line = self._to_line
        deck = Deck(options.cards) if options.cards else None
        self.control = ControlServer(str(folder / "control.sock"), Actions(self.circuit, self, deck).do)
        self.powered = False
        self.boots = 0
        self.crashes = 0
        self._child: Child | None = None
        self._link: BoardLink | None = None
        self._reset_kind: int | None = None
        self._start_at: tuple[float, int] | None = None
        self._watchdog: tuple[float, float] | None = None  # time-out, deadline
        self._running = True
        self._cut_now = False
        for name, terminal in (("uart0", self.line), ("repl", self.repl.outer)):
            point_at(folder / name, terminal.path)

    def power(self, on: bool) -> None:
        """Switch the supply; off is a power cut."""
        if on and not self.powered:
            self._start_at = (self._now(), PWRON)
            self._event("power", {"on": True})
        elif not on and self.powered:
            self._end_child(cut=True)
            self.repl.reset()
            self._start_at = None
            self._event("power", {"on": False})
        self.powered = on

    def facts(self) -> dict[str, object]:
        """Return the process's state for `state`."""
        return {
            "pid": self._child.pid if self._child else None,
            "boots": self.boots,
            "crashes": self.crashes,
            "round_trips": self._link.round_trips if self._link else 0,
            "turning": self._link is not None and self._link.turning,
            "unseen": self._link.unseen if self._link else 0,
        }

    def stop(self) -> None:
        """End the loop."""
        self._running = False

    def run(self) -> None:
        """Serve until `stop` or, if asked, until standard input closes."""
        try:
            while self._running:
                self._step()
        finally:
            self._end_child(cut=True)
            self.control.close()
            self.circuit.array.close()
            os.close(self._lock)
            for name in ("uart0", "repl"):
                (self._options.directory / name).unlink(missing_ok=True)

    def _step(self) -> None:
        ready = self._wait()
        if self._link is not None and self._link.sock.fileno() in ready:
            self._serve_board()
        self.circuit.poll()
        for number in ready:
            self._serve(number)
        self._check_timers()
        self._flush()

    def _wait(self) -> list[int]:
        """Sleep until something can be read or is due; return the file descriptors that can be read."""
        readers = [self.repl.inner.near.fileno(), self.repl.outer.master, self.line.master]
        readers += [self.control.listener.fileno(), *self.control.clients]
        if self._link is not None:
            readers.append(self._link.sock.fileno())
        if self._antenna is not None:
            readers.append(self._antenna.sock.fileno())
        if self._options.follow_stdin:
            readers.append(sys.stdin.fileno())
        return select.select(readers, [], [], self._timeout())[0]

    def _timeout(self) -> float:
        times = [self.circuit.due(), self._start_at[0] if self._start_at else None]
        times.append(self._watchdog[1] if self._watchdog else None)
        known = [due for due in times if due is not None]
        wait = min(known) - self._now() if known else LOOP_S
        if self.repl.waiting() or any(client.waiting for client in self.control.clients.values()):
            wait = min(wait, 0.002)
        return max(0.0, min(wait, LOOP_S))

    def _serve(self, number: int) -> None:
        if number == self.repl.inner.near.fileno():
            self.repl.printed()
        elif number == self.repl.outer.master:
            self.repl.typed()
        elif number == self.line.master:
            self.circuit.uart.line_in(self.line.read())
        elif number == self.control.listener.fileno():
            self.control.accept()
        elif number in self.control.clients:
            self.control.serve(number)
        elif self._antenna is not None and number == self._antenna.sock.fileno():
            if not self._antenna.serve():
                self._event("crash", {"what": "the ether is gone"})
                self.stop()
        elif self._options.follow_stdin and number == sys.stdin.fileno():
            if not os.read(number, 4096):
                self.stop()

    def _serve_board(self) -> None:
        if self._link is None:
            return
        try:
            self._link.serve()
        except BoardGone:
            self._board_ended()
        if self._cut_now:
            self._cut_now = False
            self._power_lost(0)

    def _check_timers(self) -> None:
        now = self._now()
        if self._reset_kind is not None:
            self._restart(self._reset_kind)
        if self._watchdog is not None and now >= self._watchdog[1]:
            self._event("crash", {"what": "the watchdog was not fed"})
            self._restart(WDT)
        if self._start_at is not None and now >= self._start_at[0]:
            cause = self._start_at[1]
            self._start_at = None
            self._start(cause)
        if self.repl.waiting():
            self.repl.pump()

    def _flush(self) -> None:
        if self._link is not None:
            try:
                self._link.flush()
            except BoardGone:
                self._board_ended()
        self.control.flush()

    def _start(self, cause: int, bare: bool = False) -> None:
        options = self._options
        settings = {"CHECKPOST_BOARD_ID": options.board_id, **options.extra}
        if options.clock:
            settings["CHECKPOST_CLOCK"] = options.clock
        self._child = Child(
            self.repl.inner.far.fileno(), options.directory / "fs.img", options.heap, cause, bare, settings
        )
        self._link = BoardLink(self._child.sock, self.circuit)
        self._link.on_reset = self._reset
        self._link.on_crash = self._crash
        self._link.on_ready = lambda: self._booted(cause)
        self._link.on_watchdog = self._feed
        self.boots += 1

    def _interrupt(self, unread_s: float) -> bool:
        return self._child is not None and self._child.interrupt(unread_s)

    def _interrupted(self) -> None:
        """Whatever ran was stopped for a client: its loop turns again only after a restart."""
        if self._link is not None:
            self._link.turning = False

    def _booted(self, cause: int) -> None:
        self._ready = True
        self._event("boot", {"cause": cause, "pid": self._child.pid if self._child else None})

    def _board_ended(self) -> None:
        """The process is gone: a soft reset, a kill from outside (a power cut), or a crash of the interpreter."""
        child = self._child
        if child is None:
            return
        try:
            code = child.process.wait(REAP_S)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self.repl.printed()
        if code >= 0 and not self._ready:
            self._crash(f"MicroPython ended with exit code {code} before it ran the board's files")
            self._end_child(cut=True)
            self._start_at = (self._now() + RETRY_S, PWRON)
        elif code >= 0 and self._reset_kind is None:
            # Ctrl-D at a prompt, or sys.exit in main.py: a soft reset, on a board.
            self._restart(SOFT)
        else:
            self._power_lost(-code)

    def _power_lost(self, signal_number: int) -> None:
        """Power failed: by a signal to the process, or by a planned cut in a flash operation (0)."""
        self._end_child(cut=True)
        self.repl.reset()
        self.powered = self._options.restart
        if self.powered:
            self._start_at = (self._now() + RESTART_S, PWRON)
        self._event("power", {"on": False, "signal": signal_number})

    def _restart(self, kind: int) -> None:
        self._reset_kind = None
        self._end_child(cut=False)
        if kind == SOFT:
            self.repl.restarted()
            self._start(SOFT, bare=self.repl.raw)
        else:
            self.repl.reset()
            self._start(kind)

    def _end_child(self, cut: bool) -> None:
        if self._child is not None:
            self._child.kill()
        if self._link is not None:
            self._link.close()
        self._child = self._link = self._watchdog = None
        self._ready = False
        if cut:
            self.circuit.power_cut()
            self.circuit.power_on()
        else:
            self.circuit.restart()

    def _reset(self, kind: int) -> None:
        self._reset_kind = kind if kind in (HARD, SOFT) else HARD

    def _crash(self, what: str) -> None:
        self.crashes += 1
        self._event("crash", {"what": what})

    def _feed(self, timeout_ms: int | None) -> None:
        if timeout_ms is not None:
            self._watchdog = (timeout_ms / 1000, 0.0)
        if self._watchdog is not None:
            self._watchdog = (self._watchdog[0], self._now() + self._watchdog[0])

    def _flash_cut(self) -> None:
        self._cut_now = True

    def _to_line(self, data: bytes) -> None:
        self.line.write(data)

    def _output(self, data: bytes) -> None:
        if self._options.log:
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()

    def _event(self, name: str, fields: dict[str, object]) -> None:
        self.control.event(name, fields)
