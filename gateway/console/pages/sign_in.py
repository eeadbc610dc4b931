"""Sign-in, sign-out, and how a browser wants its pages."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.console.access import SESSION_S, Refused
from gateway.console.catalogs import LANGUAGES
from gateway.console.parts import COOKIE, HEADERS, THEMES, Console, Fields, Form, TheConsole, local_path, page
from gateway.console.unsent import given_back
from gateway.ui.unsent import Unsent
from gateway.worker import SOON

ROUTER = APIRouter()
YEAR_S = 365 * 86_400
CHOICES = {"language": tuple(LANGUAGES), "theme": THEMES, "keys": ("on", "off")}


@ROUTER.get("/sign-in")
async def ask(request: Request, the: TheConsole, back: str = "/") -> Response:
    """Show the form."""
    return await form(request, the, back)


@ROUTER.post("/sign-in")
async def sign_in(request: Request, the: TheConsole, fields: Fields) -> Response:
    """Open a session, or say why there is none."""
    back = local_path(fields.get("back", ""))
    kept = given_back(fields)
    found = await the.access.sign_in(fields.get("name", ""), fields.get("pin", ""))
    if isinstance(found, Refused):
        return await form(request, the, back, found, fields.get("name", ""), kept)
    visitor = await the.access.visitor(found) if kept else None
    answer: Response = RedirectResponse(back, 303, HEADERS)
    if visitor:  # who signed in may be somebody else than who typed: it is shown, and goes out by a person's hand
        answer = page(request, "unsent.html", visitor, kept=kept, back=back)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, found, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    return answer


@ROUTER.post("/sign-out")
async def sign_out(request: Request, the: TheConsole, _form: Form) -> Response:
    """End the session."""
    await the.access.sign_out(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303, HEADERS)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@ROUTER.post("/preferences")
async def prefer(request: Request, fields: Fields) -> Response:
    """Keep a choice of language, theme or shortcuts in the browser, where it belongs."""
    answer = RedirectResponse(local_path(fields.get("back", "")), 303, HEADERS)
    for name, allowed in CHOICES.items():
        if fields.get(name) in allowed:
            answer.set_cookie(name, fields[name], max_age=YEAR_S, httponly=True, samesite="strict")
    return answer


async def form(
    request: Request,
    the: Console,
    back: str,
    refused: Refused | None = None,
    name: str = "",
    kept: Unsent | None = None,
    status: int = 200,
) -> Response:
    """Show the sign-in, with why the last one was refused and what was typed before it was needed."""
    nobody = not await the.reader.run(SOON, lambda store: store.people.everyone())
    if refused is not None:
        status = 429 if refused.wait_s or refused.busy else 403
    values = {"back": local_path(back), "refused": refused, "name": name[:200], "nobody": nobody, "kept": kept}
    return page(request, "sign_in.html", None, status, **values)
