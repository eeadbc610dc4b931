"""Lists in parts: each part begins after a key, so that the last is as quick as the first."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

Row = TypeVar("Row")


class Part(NamedTuple, Generic[Row]):
    """Rows of a list, and the key after which the next part begins; "": this is the last."""

    rows: Sequence[Row]
    next: str


def cut(rows: Sequence[Row], size: int, key: Callable[[Row], str]) -> Part[Row]:
    """Return the first `size` of rows of which one more than that was asked for."""
    shown = rows[:size]
    return Part(shown, key(shown[-1]) if len(rows) > size else "")
