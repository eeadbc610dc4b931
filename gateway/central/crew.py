"""Several processes that serve one address: the first one starts them, says when all are ready, and ends with them."""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

MAX_PROCESSES = 64  # more cores than the one writer at a time can feed
COUNTS_IN = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for where processes count together


class CrewError(Exception):
    """A process ended by itself; the message says what to do."""


@contextmanager
def counting_together() -> Iterator[None]:
    """Have the processes of a crew count what is asked of them in one place, which goes with the first of them.

    To be entered before the metrics are loaded: their library looks at the environment once.
    """
    first, folder = os.getpid(), tempfile.mkdtemp(prefix="checkpost-counts-")
    os.environ[COUNTS_IN] = folder
    try:
        yield
    finally:
        if os.getpid() == first:  # the others leave by the same way, while the rest still count
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Worker:
    """What a process has of the first one: `until` ends when the first one does, or when it calls the work off."""

    until: BinaryIO
    _readiness: int

    def ready(self, _url: str) -> None:
        """Tell the first process that this one serves."""
        os.write(self._readiness, b".")
        os.close(self._readiness)


class Crew:
    """The first process. It serves nothing itself, so that nothing which a request does can end it."""

    def __init__(self, count: int, url: str):
        """`count`: of the processes that serve `url`."""
        self._count = count
        self._url = url
        self._pids: set[int] = set()
        self._until = -1  # open while the others are to work
        self._ending = False

    def hire(self) -> Worker | None:
        """Start the processes: each returns from here as a worker, and the first one with None."""
        until, self._until = os.pipe()
        self._ready, readiness = os.pipe()
        for _ in range(self._count):
            pid = os.fork()
            if pid == 0:
                os.close(self._until)
                os.close(self._ready)
                return Worker(os.fdopen(until, "rb"), readiness)
            self._pids.add(pid)
        os.close(until)
        os.close(readiness)
        return None

    def wait(self, follow_stdin: bool) -> None:
        """Return when all were called off and have ended; CrewError when one ended by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.end())
        if follow_stdin:
            threading.Thread(target=self._follow_stdin, daemon=True).start()
        if self._all_ready():
            print(json.dumps({"ready": True, "url": self._url}), flush=True)
        while self._pids:
            pid, _ = os.wait()
            self._pids.discard(pid)
            fell = not self._ending
            self.end()
            if fell:
                self._wait_for_the_rest()
                raise CrewError("One of the centre's processes ended, so all did; start the centre again.")

    def end(self) -> None:
        """Call the work off."""
        if not self._ending:
            self._ending = True
            os.close(self._until)

    def _all_ready(self) -> bool:
        """Return True when every process serves, False when one ended before."""
        told = 0
        while some := os.read(self._ready, self._count):
            told += len(some)
        return told == self._count

    def _wait_for_the_rest(self) -> None:
        while self._pids:
            self._pids.discard(os.wait()[0])

    def _follow_stdin(self) -> None:
        sys.stdin.buffer.read()
        self.end()
