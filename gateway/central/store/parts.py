"""What the row classes share."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

MAX_VALUES = 500  # in one IN list: far below SQLite's 32,766 parameters, and one compiled form serves all


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield the values in runs that fit in one statement."""
    for at in range(0, len(values), MAX_VALUES):
        yield values[at : at + MAX_VALUES]
