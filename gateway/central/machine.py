"""What the centre takes of its machine: the time that credentials live in, a steady clock, and chance for keys."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """`now_s`: Unix UTC s. `steady_s`: s that no setting of the clock moves. `chance(n)`: n bytes that none can guess.

    Where runs are to repeat, as in the simulator, all three come from the run.
    """

    now_s: Callable[[], float] = time.time
    steady_s: Callable[[], float] = time.monotonic
    chance: Callable[[int], bytes] = secrets.token_bytes


THIS = Machine()
