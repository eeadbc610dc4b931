"""Who may see a page: everyone on this machine in development, else who signed in, by role. Forms carry a mark."""

import hashlib
import hmac
from dataclasses import replace

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from gateway.central.access import ADMIN, Caller
from gateway.central.api.parts import Parts, ThePart, slowed
from gateway.central.pages.visit import Fields, NotSignedIn, PurposeMissing, StaleForm, Visit, preferences, purpose_of
from gateway.central.problems import Problem
from gateway.ui.origin import foreign

COOKIE = "checkpost"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEVELOPMENT = Caller(ADMIN, "development")
MAX_FIELDS = 400  # of one form: a list of a hundred rows with a few fields each
MAX_FILES = 4
MAX_TEXT = 1 << 20  # bytes of one field: a pasted table


class Gate:
    """A dependency: returns the Visit of somebody with one of these roles; else the request ends in words."""

    def __init__(self, *roles: str, reads: bool = False):
        """`reads`: personal data are shown, so a purpose is asked for first."""
        self._roles = roles
        self._reads = reads

    async def __call__(self, request: Request, the: ThePart) -> Visit:
        """Return who comes and what they bring; NotSignedIn, PurposeMissing, StaleForm, Problem."""
        session = request.cookies.get(COOKIE, "")
        caller = await run_in_threadpool(the.access.visitor, session) if session else None
        signed_in = caller is not None
        if caller is None and opened(request, the):
            caller = DEVELOPMENT
        slowed(request, the, caller)
        if caller is None:
            raise NotSignedIn(_back(request))
        if caller.role not in self._roles:
            allowed = " or ".join(self._roles)
            raise Problem(
                403, "wrong-role", f"This is for the role {allowed}; {caller.name} has the role {caller.role}."
            )
        mark = mark_of(session if signed_in else the.office.log_id)
        visit = Visit(request, the, caller, signed_in, mark, purpose_of(request), preferences(request))
        if request.method == "POST":
            visit = await with_form(visit)
        if self._reads and not visit.purpose:
            raise PurposeMissing(_back(request), visit)
        return visit


def opened(request: Request, the: Parts) -> bool:
    """Return True if no sign-in is asked for. A foreign host name that points here is not this machine."""
    return the.open_page and request.url.hostname in LOOPBACK


def mark_of(session: str) -> str:
    """Return what a session's forms carry; the session's token cannot be had from it."""
    return hashlib.sha256(b"checkpost form " + session.encode()).hexdigest()[:32]


async def with_form(visit: Visit) -> Visit:
    """Return a visit with the form that it brings, which carries the session's mark; StaleForm without it, Problem."""
    fields = await posted(visit.request)
    if not hmac.compare_digest(fields["csrf"].encode(), visit.csrf.encode()):
        raise StaleForm(visit)
    return replace(visit, form=fields)


async def posted(request: Request) -> Fields:
    """Return the fields of a form from these pages; Problem for one that another place sent."""
    if foreign(request.headers):
        raise Problem(403, "foreign-form", "This form was sent from another page; use the office's own.")
    values: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_TEXT) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = await value.read()
            else:
                values.setdefault(name, []).append(value.replace("\0", "").replace("\r\n", "\n").strip())
    request.state.typed = Fields(values, files)  # for the page that says that it was not taken
    return Fields(values, files)


def _back(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
