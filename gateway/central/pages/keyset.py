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


def numbers(after: str, count: int) -> tuple[int, ...]:
    """Return the numbers of a key as `joined` wrote it; nought for each where it is none: the list's beginning."""
    parts = after.split(".")
    good = len(parts) == count and all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts)
    return tuple(map(int, parts)) if good else (0,) * count


def joined(*values: int) -> str:
    """Return a key of numbers as it stands in an address."""
    return ".".join(map(str, values))
