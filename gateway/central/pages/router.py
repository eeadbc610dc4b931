"""The overview, its stream of crossings, and the sign-in."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.central.access import SESSION_S
from gateway.central.api.parts import ThePart
from gateway.central.pages.gate import COOKIE, form_field, may_look
from gateway.central.pages.stream import Watchers, events
from gateway.central.problems import Problem

HERE = Path(__file__).resolve().parent
FILES = {"page.css": "text/css", "page.js": "text/javascript"}
# Nothing from outside, no inline script: what a record says can never run here.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def build_pages() -> APIRouter:
    """Return the router of the pages."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())
    watchers = Watchers()

    def page(name: str, status: int = 200, **values: Any) -> Response:
        return Response(templates.get_template(name).render(values), status, HEADERS, "text/html")

    @router.get("/")
    def overview(request: Request, the: ThePart) -> Response:
        if not may_look(request, the):
            return RedirectResponse("/sign-in", 303)
        return page("overview.html", board=the.office.board(), signed_in=COOKIE in request.cookies)

    @router.get("/sign-in")
    def ask() -> Response:
        return page("sign_in.html", failed=False)

    @router.post("/sign-in")
    async def sign_in(request: Request, the: ThePart) -> Response:
        session = await run_in_threadpool(the.access.sign_in, await form_field(request, "token"))
        if session is None:
            return page("sign_in.html", 403, failed=True)
        return _with_cookie(request, session)

    @router.post("/sign-out")
    def sign_out(request: Request, the: ThePart) -> Response:
        the.access.sign_out(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @router.get("/v1/events")
    async def stream(request: Request, the: ThePart, after: int = 0) -> Response:
        if not await run_in_threadpool(may_look, request, the):
            raise Problem(401, "no-access", "Sign in to see the crossings.")
        headers = HEADERS | {"X-Accel-Buffering": "no"}
        return StreamingResponse(
            events(the, watchers, _last_seen(request, after)), headers=headers, media_type="text/event-stream"
        )

    @router.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in FILES:
            raise Problem(404, "not-found", f"There is no file {name}.")
        return FileResponse(HERE / "static" / name, headers=HEADERS, media_type=FILES[name])

    return router


def _with_cookie(request: Request, session: str) -> Response:
    answer = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, session, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    return answer


def _last_seen(request: Request, after: int) -> int:
    """Return the position after which to go on: the browser's own word when it comes back."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else max(0, after)
