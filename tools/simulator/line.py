"""A line between a board and a gateway that loses, doubles, swaps, delays and spoils what it carries."""

import asyncio
from collections.abc import Callable
from random import Random

from simulator.faults import Faults

DELAY_S = 0.004  # a frame at 921,600 baud, and the machines at both ends
LATE_S = 0.5


class Way:
    """One direction. `deliver(data)` is the far end."""

    def __init__(self, faults: Faults, rng: Random, deliver: Callable[[bytes], None]):
        self._faults = faults
        self._rng = rng
        self._deliver = deliver
        self._clear_s = 0.0
        self.cut = False

    def send(self, data: bytes) -> None:
        """Carry a frame, or do to it what the line does now."""
        if self.cut or self._faults.strikes("loss"):
            return
        if self._faults.strikes("flip"):
            spoilt = bytearray(data)
            spoilt[self._rng.randrange(len(spoilt))] ^= 1 << self._rng.randrange(8)
            data = bytes(spoilt)
        self._later(data)
        if self._faults.strikes("double"):
            self._later(data)

    def _later(self, data: bytes) -> None:
        """Deliver after the line's delay, in order, unless this frame is overtaken."""
        loop = asyncio.get_running_loop()
        at_s = max(loop.time() + DELAY_S, self._clear_s)
        if self._faults.strikes("reorder"):
            at_s += self._rng.uniform(0, LATE_S)
        else:
            self._clear_s = at_s
        loop.call_at(at_s, self._deliver, data)
