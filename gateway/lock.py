"""One gateway for one data folder: a lock that ends with its process, however that ends."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from gateway.errors import OperatorError

FILE_NAME = "gateway.lock"
PATIENCE_S = 2.0  # a killed gateway's lock is gone within milliseconds; `status` holds it for less


class Lock:
    """Held from `with` to its end."""

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S):
        """OperatorError when another process holds it for longer than `patience_s`."""
        self._file = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        until = time.monotonic() + patience_s
        while not _take(self._file):
            if time.monotonic() > until:
                os.close(self._file)
                raise OperatorError(
                    f"Another gateway runs on the data in {folder}; end it, or give this one its own data."
                )
            time.sleep(0.05)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def is_held(folder: Path) -> bool:
    """Return True while a gateway runs on a data folder."""
    try:
        file = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _take(file)
    finally:
        os.close(file)


def _take(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
