"""One request to the pages: who sends it, what it brings, why it reads personal data, how it wants its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, unquote

from fastapi import Request
from pydantic import ValidationError

from gateway.central.access import Caller
from gateway.central.api.parts import Parts
from gateway.central.problems import Problem
from gateway.central.reads import MAX_PURPOSE

THEMES = ("auto", "light", "dark")
MISSING = "This is needed."
PURPOSE_COOKIE = "checkpost-purpose"


class NotSignedIn(Exception):
    """The request is from nobody who is signed in; `back` is where it wanted to go."""

    def __init__(self, back: str):
        super().__init__(back)
        self.back = back


class Preferences(NamedTuple):
    """How a browser wants its pages."""

    theme: str
    keys: bool  # single-key shortcuts, which speech input and some hands need to switch off


class Fields(dict[str, str]):
    """A form: its first value by name, "" for none; `every` value of a name; `files`: uploads as bytes."""

    def __init__(self, values: dict[str, list[str]], files: dict[str, bytes]):
        super().__init__({name: found[0] for name, found in values.items()})
        self._values = values
        self.files = files

    def __missing__(self, name: str) -> str:
        return ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return all that was typed, each name with each of its values."""
        return [(name, value) for name, found in self._values.items() for value in found]

    def every(self, name: str) -> list[str]:
        """Return every value of a name: the boxes that were ticked."""
        return self._values.get(name, [])


@dataclass(frozen=True)
class Visit:
    """What a page is given. `csrf` stands in each form; `signed_in`: False in development without a session."""

    request: Request
    the: Parts
    caller: Caller
    signed_in: bool
    csrf: str
    purpose: str
    wants: Preferences
    form: Fields = field(default_factory=lambda: Fields({}, {}))

    def note(self, what: str, rows: int, about: str = "") -> None:
        """Write down that personal data are read, before they are shown; `about`: whose, if one person's."""
        self.the.reads.note(self.caller, self.purpose, what, rows, about)


class PurposeMissing(Exception):
    """Personal data are asked for in a visit and nobody said why; `back` is where they are."""

    def __init__(self, back: str, visit: Visit):
        super().__init__(back)
        self.back = back
        self.visit = visit


class StaleForm(Exception):
    """A visit brought a form of a session that is over."""

    def __init__(self, visit: Visit):
        super().__init__(visit.caller.name)
        self.visit = visit


def preferences(request: Request) -> Preferences:
    """Return how a browser wants its pages."""
    theme = request.cookies.get("theme", "")
    return Preferences(theme if theme in THEMES else "auto", request.cookies.get("keys") != "off")


def purpose_of(request: Request) -> str:
    """Return why this browser reads personal data at the moment, "" when nobody said."""
    return unquote(request.cookies.get(PURPOSE_COOKIE, ""), errors="replace")[:MAX_PURPOSE].strip()


def local_path(text: str) -> str:
    """Return a path of these pages, and the first for anything else: a form may not lead elsewhere."""
    good = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return quote(text, safe="/?=&.-%") if good else "/"


def beside(problem: Problem) -> dict[str, str]:
    """Return what is wrong by the name of the field, for the words beside it; "": what no field is named for."""
    found = {}
    for error in problem.more.get("errors", []):
        found[str(error["pointer"]).rsplit("/", 1)[-1]] = str(error["detail"])
    return found or {"": problem.detail}


def misread(error: ValidationError, names: Mapping[str, str]) -> Problem:
    """Return what the contract finds wrong with a form, by its fields; `names`: those that the form calls otherwise."""
    errors = []
    for one in error.errors():
        field = str(one["loc"][0]) if one["loc"] else ""
        missing = one["type"] in ("string_too_short", "missing", "literal_error", "bool_type")
        errors.append({"pointer": f"#/{names.get(field, field)}", "detail": MISSING if missing else f"{one['msg']}."})
    return Problem(422, "not-valid", "Something in the form is missing or cannot be read.", errors=errors)
