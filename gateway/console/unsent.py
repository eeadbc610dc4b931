"""A form that could not be taken: what was typed comes back with the page that says so, and can be sent from there.

It lies in that page alone: neither the gateway nor the browser keeps what was never sent.
"""

import json
import re
from typing import NamedTuple

from fastapi import Request

from gateway.console.parts import posted

_FORMS = re.compile(r"/hand-entry|/search|/reviews/\d{1,15}/(take|statement|decide|appeal)")


class Unsent(NamedTuple):
    """What was typed, by the names of the form's fields, and where it goes. `mark`: of the session that sent it."""

    path: str
    fields: dict[str, str]
    mark: str

    @property
    def back(self) -> str:
        """Return the page that has the form."""
        return "/".join(self.path.split("/")[:3])

    @property
    def packed(self) -> str:
        """Return the fields as one value of another form."""
        return json.dumps(self.fields, ensure_ascii=False)


async def unsent(request: Request) -> Unsent | None:
    """Return what a request brought that was not taken, None if that is no guard's form; Mistake for a foreign one."""
    if request.method != "POST" or not _FORMS.fullmatch(request.url.path):
        return None
    typed: dict[str, str] | None = getattr(request.state, "typed", None)
    return _kept(request.url.path, await posted(request) if typed is None else typed)


def unpacked(path: str, text: str) -> Unsent | None:
    """Return what a page gave back of an unsent form; None for what no page of ours gave."""
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    good = isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
    return _kept(path, fields) if good and _FORMS.fullmatch(path) else None


def read_before(request: Request) -> Unsent | None:
    """Return what was read of a request's form before it failed."""
    typed: dict[str, str] | None = getattr(request.state, "typed", None)
    return _kept(request.url.path, typed) if typed and _FORMS.fullmatch(request.url.path) else None


def _kept(path: str, fields: dict[str, str]) -> Unsent | None:
    kept = {name: value for name, value in fields.items() if name != "csrf" and value}
    return Unsent(path, kept, fields.get("csrf", "")) if kept else None
