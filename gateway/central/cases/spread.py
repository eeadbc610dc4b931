"""Medians and extremes of days, from counts by day: the same however many rows they come from."""

from collections.abc import Mapping
from typing import NamedTuple


class Spread(NamedTuple):
    """How many there are, and their days: the middle one, the one that nine tenths do not exceed, the longest."""

    number: int
    median: int | None
    slowest_tenth: int | None
    longest: int | None


def spread(counts: Mapping[int, int]) -> Spread:
    """Return the spread of days, given how often each number of days occurs."""
    number = sum(counts.values())
    if not number:
        return Spread(0, None, None, None)
    return Spread(number, _rank(counts, (number + 1) // 2), _rank(counts, -(-number * 9 // 10)), max(counts))


def _rank(counts: Mapping[int, int], rank: int) -> int:
    """Return the days of the one at a rank, counted from 1, shortest first."""
    seen = 0
    for days in sorted(counts):
        seen += counts[days]
        if seen >= rank:
            return days
    raise AssertionError("a rank is never above the number")
