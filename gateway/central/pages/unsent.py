"""Which forms of the office are kept when they could not be taken, how they are read, and where they came from."""

import re

from fastapi import Request
from fastapi.routing import APIRoute

from gateway.central.pages.gate import posted
from gateway.central.pages.visit import Fields
from gateway.central.problems import Problem
from gateway.ui.unsent import Unsent, kept, unpacked

MAX_KEPT = 1 << 18  # bytes of a form that nobody signed in for: far beyond what a person types, and a page still loads


class Forms:
    """The forms of the areas, by their routes."""

    def __init__(self) -> None:
        self._shown: set[str] = set()
        self._taken: dict[str, re.Pattern[str]] = {}  # by the path as the route has it

    def learn(self, route: APIRoute) -> None:
        """Take in a route of an area."""
        if "GET" in (route.methods or ()):
            self._shown.add(route.path)
        if "POST" in (route.methods or ()):
            self._taken[route.path] = route.path_regex

    def takes(self, path: str) -> bool:
        """Return True if an area has a form that goes to a path."""
        return any(one.match(path) for one in self._taken.values())

    def page_of(self, path: str) -> str:
        """Return the page that has the form which goes to a path: the nearest above it, by their routes."""
        taken = next((route.split("/") for route, one in self._taken.items() if one.match(path)), [])
        depths = (at for at in range(len(taken), 1, -1) if "/".join(taken[:at]) in self._shown)
        return "/".join(path.split("/")[: next(depths, 1)]) or "/"

    async def unsent(self, request: Request) -> Unsent | None:
        """Return what a request brought that was not taken; None where nobody typed it into a form of ours."""
        if request.method != "POST" or not self.takes(request.url.path):
            return None
        read: Fields | None = getattr(request.state, "typed", None)
        if read is None:
            try:
                read = await posted(request) if _is_small(request) else None
            except Problem:  # of another place's form nothing is kept
                return None
        return kept(request.url.path, read.pairs()) if read else None

    def given_back(self, fields: Fields) -> Unsent | None:
        """Return the unsent form that another form of ours carries; None for none."""
        return unpacked(fields["kept_path"], fields["kept"], self.takes)


def _is_small(request: Request) -> bool:
    size = request.headers.get("content-length", "")
    return size.isdecimal() and int(size) <= MAX_KEPT
