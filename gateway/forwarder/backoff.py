"""How long to wait before the next try: doubled each time, with jitter, in real time."""

from collections.abc import Callable

FIRST_S = 0.2  # a restarted centre is back within a second
LONGEST_S = 60.0  # a link that was down for a day is found within a minute
MAX_DOUBLINGS = 9  # 0.2 s * 2**9 is beyond the longest


class Backoff:
    """Counts failures in a row. `jitter`: a function that returns a number from 0 to 1."""

    def __init__(self, jitter: Callable[[], float]):
        self._jitter = jitter
        self.failures = 0

    def succeeded(self) -> None:
        """Start over."""
        self.failures = 0

    def failed(self) -> float:
        """Return the seconds to wait now: between a half and the whole of the doubled wait."""
        whole = min(LONGEST_S, FIRST_S * 2.0 ** min(self.failures, MAX_DOUBLINGS))
        self.failures += 1
        return whole * (0.5 + 0.5 * self._jitter())
