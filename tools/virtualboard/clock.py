"""Time for the virtual board: real time, or the clock file that a demo moves."""

import os
import struct
import time
from pathlib import Path

_LAYOUT = struct.Struct("<qq")  # utc_ms, skip_ms


class ClockFile:
    """16 bytes, utc_ms and skip_ms (int64, little-endian), written at once so that every reader agrees."""

    def __init__(self, path: str) -> None:
        try:
            self._handle = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise FileNotFoundError(f"the clock file {path} cannot be read ({error.strerror})") from error
        if os.fstat(self._handle).st_size < _LAYOUT.size:
            raise ValueError(f"the clock file {path} is shorter than {_LAYOUT.size} bytes: it is not a clock file")

    def utc_s(self) -> float:
        """Return Unix seconds; they stand still between two writes."""
        utc_ms: int = _LAYOUT.unpack(os.pread(self._handle, _LAYOUT.size, 0))[0]
        return utc_ms / 1000


def write_clock(path: str, utc_ms: int, skip_ms: int) -> None:
    """Move the clock; creates the file when it is missing."""
    words = _LAYOUT.pack(utc_ms, skip_ms)
    if not Path(path).exists():
        Path(path).write_bytes(words)
        return
    handle = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(handle, words, 0)
    finally:
        os.close(handle)


def real_utc_s() -> float:
    """Return Unix seconds of this computer."""
    return time.time()
