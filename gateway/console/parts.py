"""What the console's pages share, and what is known of a request: whose it is, in which language, what it may send."""

import hmac
from collections.abc import Callable
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs, quote

from fastapi import Depends, Request, Response

from gateway.console.access import Access, Visitor
from gateway.console.catalogs import LANGUAGES
from gateway.console.feed import Feed
from gateway.console.mistake import Mistake
from gateway.console.render import Fragments
from gateway.intake.records import Taken
from gateway.store.looks import Look
from gateway.store.store import Store
from gateway.ui.origin import foreign
from gateway.worker import SOON, Worker

COOKIE = "checkpost-console"
MAX_FORM = 81_920  # bytes of a form: two statements of the longest kind, of Korean letters: each is sent as nine bytes
MAX_PURPOSE = 200  # letters of why somebody looks
THEMES = ("auto", "light", "dark")
# Nothing from outside, no inline script or style: what a record or a guard's words say can never run here.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class NotSignedIn(Exception):
    """The request is from nobody who is signed in; `back` is where it wanted to go."""

    def __init__(self, back: str):
        super().__init__(back)
        self.back = back


class StaleForm(Exception):
    """A form of a session that is over, sent by somebody who is signed in again."""

    def __init__(self, guard: Visitor):
        super().__init__(guard.name)
        self.guard = guard


class Console(NamedTuple):
    """The console's parts. `now_s`: Unix UTC of the gateway's clock; credentials live in the machine's own.

    `live` returns what the running gateway says of its links; `taken` tells it what a hand entry brought.
    """

    name: str
    writer: Worker[Store]
    reader: Worker[Store]
    access: Access
    feed: Feed
    fragments: Fragments
    live: Callable[[], dict[str, object]]
    now_s: Callable[[], int]
    taken: Callable[[Taken], object]

    async def note_look(self, guard: Visitor, what: str, why: str) -> None:
        """Keep that somebody looks at personal data, before they see it; raises what the store raises."""
        look = Look(self.now_s(), guard.name, what, why)

        def write(store: Store) -> None:
            with store.transaction():
                store.looks.note(look)

        await self.writer.run(SOON, write)


class Preferences(NamedTuple):
    """How a browser wants its pages."""

    language: str
    theme: str
    keys: bool  # single-key shortcuts, which speech input and some hands need to switch off


def the_console(request: Request) -> Console:
    """Return the console that serves a request."""
    console = request.app.state.console
    assert isinstance(console, Console)
    return console


TheConsole = Annotated[Console, Depends(the_console)]


async def is_signed_in(request: Request, the: Console) -> bool:
    """Return True while the session of a request stands."""
    return await the.access.visitor(request.cookies.get(COOKIE, "")) is not None


async def signed_in(request: Request, the: TheConsole) -> Visitor:
    """Return who sends a request; NotSignedIn for nobody."""
    visitor = await the.access.visitor(request.cookies.get(COOKIE, ""))
    if visitor is None:
        raise NotSignedIn(request.url.path if request.method == "GET" else "/")
    return visitor


Guard = Annotated[Visitor, Depends(signed_in)]


async def posted(request: Request) -> dict[str, str]:
    """Return the fields of a small form from this console's own pages; Mistake for any other."""
    if foreign(request.headers):
        raise Mistake("This form was sent from another page; use the console's own.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise Mistake("This form is too long; write less at once.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    found = {name: values[0].replace("\0", "").strip() for name, values in fields.items()}
    request.state.typed = found  # for the page that says that it was not taken
    return found


Fields = Annotated[dict[str, str], Depends(posted)]


async def sent(guard: Guard, fields: Fields) -> dict[str, str]:
    """Return the fields of a form that carries the session's own mark; StaleForm without it."""
    if not hmac.compare_digest(fields.get("csrf", "").encode(), guard.csrf.encode()):
        raise StaleForm(guard)
    return fields


Form = Annotated[dict[str, str], Depends(sent)]


def preferences(request: Request) -> Preferences:
    """Return how a browser wants its pages: what it chose, or what it says of itself."""
    language = request.cookies.get("language", "")
    if language not in LANGUAGES:
        accepted = [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
        language = next((wanted for wanted in accepted if wanted in LANGUAGES), "en")
    theme = request.cookies.get("theme", "")
    return Preferences(language, theme if theme in THEMES else "auto", request.cookies.get("keys") != "off")


def page(request: Request, template: str, guard: Visitor | None, status: int = 200, **values: object) -> Response:
    """Return a page for a guard, or for nobody who is signed in yet."""
    the = the_console(request)
    wants = preferences(request)
    path = request.url.path
    frame = {"wants": wants, "guard": guard, "path": path, "again": _again(request), "gateway": the.name}
    text = the.fragments.page(wants.language, template, **(frame | values))
    return Response(text, status, HEADERS | {"Content-Language": wants.language}, "text/html")


def form_page(request: Request) -> str:
    """Return the page of a request; of one that a form made, the page that has the form."""
    return request.url.path if request.method == "GET" else "/".join(request.url.path.split("/")[:3])


def _again(request: Request) -> str:
    """Return where a page is found again after a choice of language or colours."""
    return form_page(request) + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")


def local_path(text: str) -> str:
    """Return a path of this console, and its first page for anything else: a form may not lead elsewhere."""
    good = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return quote(text, safe="/?=&.-") if good else "/"
