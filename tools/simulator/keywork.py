"""The boards' key work in slices that are longer than a chip's, and last as long: a run has forty handshakes.

Slices of two rounds would be nine of ten turns of the boards' loops. The arithmetic is the library's, as at the
gateway's end; that of the board is held against it by the core's tests.
"""

import contextlib
from collections.abc import Iterator

from checkpost import joining, sync, x25519
from checkpost.limits import LADDER_ROUNDS

ROUND_S = 0.001  # of a board's chip, or somewhat more
SLICE_ROUNDS = 51
SLICE_S = SLICE_ROUNDS * ROUND_S


class Ladder:
    """A multiplication with the face of checkpost.x25519.Ladder: it takes as many rounds."""

    def __init__(self, scalar: bytes, point: bytes = x25519.BASE_POINT):
        self._scalar = scalar
        self._point = point
        self._left = x25519.ROUNDS

    def step(self, rounds: int) -> bool:
        """Let some rounds pass; return True when the result is ready."""
        self._left -= rounds
        return self._left <= 0

    def result(self) -> bytes:
        """Return the 32-byte product."""
        return x25519.multiply(self._scalar, self._point)


@contextlib.contextmanager
def in_long_slices() -> Iterator[None]:
    """Let boards do SLICE_ROUNDS in a step."""
    real = joining._new_ladder
    sync.LADDER_ROUNDS = SLICE_ROUNDS  # type: ignore[attr-defined]
    joining._new_ladder = Ladder  # type: ignore[assignment]
    try:
        yield
    finally:
        sync.LADDER_ROUNDS = LADDER_ROUNDS  # type: ignore[attr-defined]
        joining._new_ladder = real
