"""The bytes of a crossing where the table of its bits was reckoned from other days: what a new place would see.

The table that boards carry was reckoned from the whole scenario. Here it is reckoned from every other day and measured
on the days between, both ways round.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar
from unittest import mock

from benches.priors import table
from benches.traffic import Crossed, Point

Measured = TypeVar("Measured")
DAY_S = 86_400
UTC_OFFSET_S = 9 * 3600  # of the scenario


def halves(boards: list[Point]) -> Iterator[tuple[list[Point], list[Point]]]:
    """Yield (points to reckon from, points to measure on): even and odd days, then the other way round."""
    for measured in (0, 1):
        yield _of_days(boards, 1 - measured), _of_days(boards, measured)


def _of_days(boards: list[Point], parity: int) -> list[Point]:
    return [replace(point, crossed=[one for one in point.crossed if _day(one) % 2 == parity]) for point in boards]


def _day(one: Crossed) -> int:
    return (one.crossing.seconds + UTC_OFFSET_S) // DAY_S


@contextmanager
def carrying(priors: bytes) -> Iterator[None]:
    """Let both ends code with another table while the block runs; boards and gateways have one, in their code."""
    with mock.patch("checkpost.compact.PRIORS", priors):
        yield


def each(boards: list[Point], measure: Callable[[list[Point]], Measured]) -> list[Measured]:
    """Return what a measure says of either half, with the table of the other."""
    found = []
    for known, unseen in halves(boards):
        with carrying(table(known)):
            found.append(measure(unseen))
    return found
