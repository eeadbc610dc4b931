"""A form that could not be taken: what was typed comes back with the page that says so, and can be sent from there.

It lies in that page alone: neither the server nor the browser keeps what was never sent.
"""

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

MARK = "csrf"  # the field of a form that its session marks


class Unsent(NamedTuple):
    """What was typed, as pairs of a field's name and value, and where it goes. `mark`: of the session that sent it."""

    path: str
    fields: tuple[tuple[str, str], ...]
    mark: str

    @property
    def packed(self) -> str:
        """Return the fields as one value of another form."""
        return json.dumps(self.fields, ensure_ascii=False)


def kept(path: str, fields: Iterable[tuple[str, str]]) -> Unsent | None:
    """Return what a form brought to a path, without its mark and what is empty; None when that is nothing."""
    given = tuple(fields)
    typed = tuple((name, value) for name, value in given if name != MARK and value)
    mark = next((value for name, value in given if name == MARK), "")
    return Unsent(path, typed, mark) if typed else None


def unpacked(path: str, text: str, takes: Callable[[str], object]) -> Unsent | None:
    """Return what a page gave back of an unsent form; None for what no page of ours gave. `takes`: paths of forms."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    good = isinstance(fields, list) and all(_is_pair(one) for one in fields)
    return kept(path, ((name, value) for name, value in fields)) if good and takes(path) else None


def _is_pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
