"""How often a caller may ask: a bucket of requests for each, refilled at a steady rate."""

from collections.abc import Callable

PER_S = 100.0  # ten times what a gateway with a full backlog sends
BURST = 400.0  # a page that loads, a pull that begins
MAX_CALLERS = 10_000  # buckets kept; then the full ones are forgotten


class Pace:
    """Counts in this process only: the limit is against one caller that takes all, not an exact quota."""

    def __init__(self, now_s: Callable[[], float], per_s: float = PER_S, burst: float = BURST):
        self._now_s = now_s
        self._per_s = per_s
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}  # requests left, when that was

    def wait_s(self, caller: str) -> float:
        """Take one request of a caller; return 0, or in how many seconds there is one again."""
        now = self._now_s()
        left, then = self._buckets.get(caller, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_s)
        if left < 1:
            self._buckets[caller] = left, now
            return (1 - left) / self._per_s
        if len(self._buckets) >= MAX_CALLERS:
            self._forget(now)
        self._buckets[caller] = left - 1, now
        return 0.0

    def _forget(self, now: float) -> None:
        self._buckets = {
            name: (left, then)
            for name, (left, then) in self._buckets.items()
            if left + (now - then) * self._per_s < self._burst
        }
        if len(self._buckets) >= MAX_CALLERS:
            self._buckets.clear()  # more callers at once than there are gateways in a country: none is shut out
