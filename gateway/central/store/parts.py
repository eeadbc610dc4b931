"""What the row classes share."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement

Value = TypeVar("Value")

MAX_VALUES = 2000  # in one IN list: a whole batch's, and far below SQLite's 32,766 parameters


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield the values in runs that fit in one statement."""
    for at in range(0, len(values), MAX_VALUES):
        yield values[at : at + MAX_VALUES]


def within(column: ColumnElement[str], first: str, last: str) -> ColumnElement[bool]:
    """Return what holds of words from the first to the last; PostgreSQL takes no collation inside BETWEEN."""
    return (column >= first) & (column <= last)
