"""Reckons what a compact batch's bits begin with, from the scenario's traffic: python -m benches.priors (in tools).

The table goes into firmware/lib/checkpost/priors.py and SPEC.md; a change of it is a change of the protocol.
"""

import sys

from benches.traffic import Crossed, Point, journal, points
from checkpost.model import Model
from checkpost.priors import COUNT, PRIORS
from checkpost.rangecoder import Encoder

A_FRAME = 10  # crossings
DOUBT = 4.0  # how many times each bit is taken to have been seen beside the traffic, half of them set
A_LINE = 32


class Counter(Encoder):
    """Counts bits instead of writing them."""

    def __init__(self) -> None:
        super().__init__(PRIORS)
        self.seen = [[0, 0] for _ in range(COUNT)]

    def bit(self, context: int, value: int) -> int:
        self.seen[context][bool(value)] += 1
        return value


def count(counter: Counter, crossed: list[Crossed], slots: dict[bytes, int]) -> None:
    """Count the bits of some crossings in one frame."""
    raw = list(journal(crossed))
    seconds = crossed[0].crossing.seconds
    model = Model(counter, 1, seconds, max(slots.values(), default=0).bit_length(), lambda uid: slots.get(uid, 0))
    for one in raw:
        model.record(one)


def table(boards: list[Point]) -> bytes:
    """Return the priors that the traffic of some boards gives: the probability of a zero, of 256."""
    counter = Counter()
    for point in boards:
        for known in (point.slots, {}):
            for at in range(0, len(point.crossed), A_FRAME):
                count(counter, point.crossed[at : at + A_FRAME], known)
    return bytes(
        max(2, min(254, round(256 * (zeros + DOUBT / 2) / (zeros + ones + DOUBT)))) for zeros, ones in counter.seen
    )


def main() -> int:
    """Print the table."""
    found = table(points()).hex()
    for at in range(0, len(found), 2 * A_LINE):
        print(found[at : at + 2 * A_LINE])
    return 0


if __name__ == "__main__":
    sys.exit(main())
