"""A board's end of a real pty: the core's own link over a journal in memory, driven by a thread."""

import os
import pty
import threading
import time
import tty
from pathlib import Path

from checkpost.messages import Acked, Answer, BoardPolicy, RosterPiece, Status, Time
from checkpost.sync import UP, BoardLink
from tests.gateway.support import Journal


class Source:
    """A journal in memory as the link wants it."""

    def __init__(self, journal: Journal):
        self._journal = journal
        self.epoch = journal.epoch
        self.oldest_seq = 1

    @property
    def next_seq(self) -> int:
        return len(self._journal.records) + 1

    def read_into(self, first_seq: int, buf: bytearray) -> int:
        records = self._journal.records[first_seq - 1 : first_seq - 1 + len(buf) // 32]
        joined = b"".join(records)
        buf[: len(joined)] = joined
        return len(records)

    def section(self) -> tuple[int, bytes]:
        return 0, b""

    def seal_of(self, seq: int, head: bytes) -> tuple[int, bytes]:
        return seq // 125, head[:8]

    def head_at(self, seq: int) -> bytes:
        return self._journal.heads[seq]


class BoardEnd:
    """One board that keeps its link up over a pty whose slave `path` points to."""

    def __init__(self, path: Path, journal: Journal, link_key: bytes):
        self.path = path
        self.journal = journal
        self.link = BoardLink(journal.board, link_key, Source(journal), os.urandom)
        self.acked = (0, 0)
        self.answers: dict[int, Answer] = {}
        self.time: Time | None = None
        self.policy: BoardPolicy | None = None
        self.roster: dict[bytes, bytes] = {}
        self.status = Status()
        self.roster_last = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._master = -1
        self.plug()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        """Make a new pty and point the path to it, as a board that was started again does."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        new = self.path.with_suffix(".new")
        new.symlink_to(os.ttyname(slave))
        os.replace(new, self.path)
        with self._lock:
            old, self._master = self._master, master
        os.close(slave)
        if old >= 0:
            os.close(old)

    def ask(self, record: bytes) -> int:
        with self._lock:
            return self.link.ask(record, _now_ms())

    def wake(self) -> None:
        with self._lock:
            self.link.wake(_now_ms())

    def up(self) -> bool:
        return bool(self.link.state == UP)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        os.close(self._master)

    def _run(self) -> None:
        out = b""
        while not self._stop.is_set():
            with self._lock:
                master = self._master
                out = out or self.link.step(_now_ms())
                try:
                    if out:
                        out = out[os.write(master, out) :]
                    data = os.read(master, 65536)
                except BlockingIOError:
                    data = b""
                except OSError:  # nobody has the other end open
                    data, out = b"", b""
                for event in self.link.receive(data, _now_ms()) if data else []:
                    self._take(event)
            if not data and not out:
                time.sleep(0.0005)

    def _take(self, event: object) -> None:
        if isinstance(event, Acked):
            self.acked = (event.gateway_seq, event.centre_seq)
        elif isinstance(event, Answer):
            self.answers[event.query_id] = event
        elif isinstance(event, Time):
            self.time = event
        elif isinstance(event, BoardPolicy):
            self.policy = event
            self.status.policy_version = event.version
            self.link.set_status(self.status)
        elif isinstance(event, RosterPiece):
            self._learn(event)

    def _learn(self, piece: RosterPiece) -> None:
        if piece.reset:
            self.roster.clear()
        elif (piece.id, piece.from_rev) != (self.status.roster_id, self.status.roster_revision):
            return
        self.roster.update((entry[1 : 1 + entry[0]], entry) for entry in piece.entries)
        self.roster_last = piece.last
        status = Status()
        status.roster_id, status.roster_revision = piece.id, piece.to_rev
        status.policy_version = self.status.policy_version
        self.status = status
        self.link.set_status(status)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
