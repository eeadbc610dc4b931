"""The clock that drives a replay: one small file that boards, gateways and centre read."""

import os
import struct
from pathlib import Path

_LAYOUT = "<qq"  # UTC in ms, and the ms that were skipped so far, which every tick counter adds
# Ticks of 30 bits tell a moment ahead from one behind within 6.2 days. A board looks at them all the time; one that is
# made to leap over more takes what is due for what is to come. Two days leave room for two leaps between two looks.
LEAP_MAX_MS = 2 * 86_400_000


class ReplayClock:
    """Time of day stands still between `move_to` calls; one write moves it and all tick counters together."""

    def __init__(self, path: Path, utc_s: int):
        self.path = path
        self.utc_ms = utc_s * 1000
        self.skip_ms = 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._write()

    def move_to(self, utc_s: int, at_least_ms: int = 0) -> None:
        """Go to a moment, never back; ticks advance by the same time (two days at most), and by `at_least_ms`."""
        step_ms = max(0, utc_s * 1000 - self.utc_ms)
        self.utc_ms += step_ms
        self.skip_ms += max(min(step_ms, LEAP_MAX_MS), at_least_ms)
        self._write()

    def skip(self, ms: int) -> None:
        """Let ticks pass without moving the time of day: a button held, a screen that times out."""
        self.skip_ms += ms
        self._write()

    def close(self) -> None:
        """Close the file; readers keep the last moment."""
        os.close(self._file)

    def _write(self) -> None:
        os.pwrite(self._file, struct.pack(_LAYOUT, self.utc_ms, self.skip_ms), 0)
