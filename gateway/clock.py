"""Where time comes from: the system's clock, or a file of 16 bytes that a demo or a test drives.

The file holds two little-endian 64-bit integers: UTC in milliseconds since 1970, and the milliseconds by which
steady time is ahead of the machine's own monotonic clock. Whoever drives it writes all 16 bytes in one write.
"""

import os
import struct
import time
from pathlib import Path
from typing import Protocol

from gateway.timesync import uncertainty_ms

_LAYOUT = struct.Struct("<qq")


class ClockError(Exception):
    """The clock cannot be read; the message says which and what to do."""


class Clock(Protocol):
    """Both scales move together, so that a jump in UTC is never seen as a time-out."""

    def utc_ms(self) -> int:
        """Return UTC in milliseconds since 1970-01-01."""

    def steady_ms(self) -> int:
        """Return milliseconds that never go back; their zero means nothing."""

    def uncertainty_ms(self) -> int | None:
        """Return how far UTC may be off, in milliseconds; None when nobody can tell."""


class SystemClock:
    """The machine's own clock. `error_ms`: how far it may be off where no network time keeps it; None: nobody knows."""

    def __init__(self, error_ms: int | None = None):
        self._error_ms = error_ms

    def utc_ms(self) -> int:
        """Return UTC in milliseconds since 1970-01-01."""
        return time.time_ns() // 1_000_000

    def steady_ms(self) -> int:
        """Return the machine's monotonic milliseconds."""
        return time.monotonic_ns() // 1_000_000

    def uncertainty_ms(self) -> int | None:
        """Return what the kernel says of network time, else what whoever keeps the clock vouches for."""
        kept_ms = uncertainty_ms()
        return self._error_ms if kept_ms is None else kept_ms


class FileClock:
    """A clock that another process drives through a file; UTC stands still between two writes."""

    def __init__(self, path: Path | str):
        """Open the file; ClockError when it cannot be read."""
        self._path = Path(path)
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ClockError(f"The clock file {path} cannot be opened ({error.strerror}); check clock_file.") from error
        try:
            self._read()
        except ClockError:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def utc_ms(self) -> int:
        """Return the file's UTC in milliseconds since 1970-01-01."""
        return self._read()[0]

    def steady_ms(self) -> int:
        """Return the machine's monotonic milliseconds, moved ahead by what the file says."""
        return time.monotonic_ns() // 1_000_000 + self._read()[1]

    def uncertainty_ms(self) -> int | None:
        """Return 0: in a demo or test this file is the time."""
        return 0

    def _read(self) -> tuple[int, int]:
        raw = os.pread(self._file, _LAYOUT.size, 0)
        if len(raw) != _LAYOUT.size:
            raise ClockError(f"The clock file {self._path} holds {len(raw)} bytes instead of {_LAYOUT.size}.")
        utc_ms, skip_ms = _LAYOUT.unpack(raw)
        return utc_ms, skip_ms


def write_clock(path: Path | str, utc_ms: int, skip_ms: int) -> None:
    """Set a clock file's two numbers in one write, creating it if needed."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.pwrite(file, _LAYOUT.pack(utc_ms, skip_ms), 0)
    finally:
        os.close(file)


def open_clock(path: Path | str | None, error_ms: int | None = None) -> SystemClock | FileClock:
    """Return the clock of a file, or the system's (`error_ms` as there) when no file is given."""
    return FileClock(path) if path else SystemClock(error_ms)
