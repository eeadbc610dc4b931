"""What no request may hold, wherever in it: a NUL. Nobody sees one, and PostgreSQL keeps no text that has one."""

import json
from typing import Any

from fastapi import Request

from gateway.central.problems import Problem, not_valid, pointer

NUL = "\0"
ESCAPED = b"\\u0000"  # the one way in which JSON can spell it
WHY = "a text has no NUL character"


async def without_nul(request: Request) -> None:
    """A dependency of every call: a NUL in a text is a mistake, and its place is named."""
    for name, value in request.query_params.multi_items():
        if NUL in name + value:
            raise _found(("query", name.replace(NUL, "")[:64]))
    for name, value in request.path_params.items():
        if NUL in str(value):
            raise _found(("path", name))
    body = await request.body() if "json" in request.headers.get("content-type", "") else b""
    place = _place(body) if ESCAPED in body else None
    if place is not None:
        raise _found(("body", *place))


def _place(body: bytes) -> tuple[int | str, ...] | None:
    """Return where in a body a NUL stands, None where what looked like one is none, or the body is no JSON."""
    try:
        left: list[tuple[tuple[int | str, ...], Any]] = [((), json.loads(body))]
    except ValueError:
        return None  # said by whoever reads it
    while left:
        at, value = left.pop()
        if isinstance(value, str) and NUL in value:
            return at
        if isinstance(value, dict):
            if any(NUL in key for key in value):
                return at
            left += [((*at, key), member) for key, member in value.items()]
        elif isinstance(value, list):
            left += [((*at, place), member) for place, member in enumerate(value)]
    return None


def _found(location: tuple[int | str, ...]) -> Problem:
    return not_valid(pointer(location), WHY)
