"""Which forms of the console are kept when they could not be taken, and how they are read."""

import re

from fastapi import Request

from gateway.console.parts import posted
from gateway.ui.unsent import Unsent, kept, unpacked

_FORMS = re.compile(r"/hand-entry|/search|/reviews/\d{1,15}/(take|statement|decide|appeal)")


async def unsent(request: Request) -> Unsent | None:
    """Return what a request brought that was not taken, None if that is no guard's form; Mistake for a foreign one."""
    if request.method != "POST" or not _FORMS.fullmatch(request.url.path):
        return None
    typed: dict[str, str] | None = getattr(request.state, "typed", None)
    return kept(request.url.path, (await posted(request) if typed is None else typed).items())


def given_back(fields: dict[str, str]) -> Unsent | None:
    """Return the unsent form that another form of ours carries; None for none."""
    return unpacked(fields.get("kept_path", ""), fields.get("kept", ""), _FORMS.fullmatch)


def read_before(request: Request) -> Unsent | None:
    """Return what was read of a request's form before it failed."""
    typed: dict[str, str] | None = getattr(request.state, "typed", None)
    return kept(request.url.path, typed.items()) if typed and _FORMS.fullmatch(request.url.path) else None
