"""The console as an application: its routes, and a page for each thing that can go wrong."""

from pathlib import Path
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from gateway.console.mistake import Mistake
from gateway.console.pages import entry, live, reviews, search, sign_in
from gateway.console.parts import HEADERS, Console, NotSignedIn, StaleForm, form_page, page
from gateway.console.unsent import read_before, unsent
from gateway.errors import OperatorError
from gateway.store.database import StoreFailure
from gateway.ui import served

STATIC = Path(__file__).resolve().parent / "static"


def build(console: Console) -> FastAPI:
    """Return the application over a gateway's console parts."""
    app = FastAPI(title="Checkpost console", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = console
    for router in (sign_in.ROUTER, live.ROUTER, reviews.ROUTER, entry.ROUTER, search.ROUTER):
        app.include_router(router)
    _say_what_is_wrong(app, console)

    files = served(STATIC)

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        path, kind = files[name]
        return FileResponse(path, headers=HEADERS, media_type=kind)

    return app


def _say_what_is_wrong(app: FastAPI, console: Console) -> None:
    log = structlog.get_logger("checkpost.console")

    @app.exception_handler(NotSignedIn)
    async def sign_in_first(request: Request, error: NotSignedIn) -> Response:
        # Without TLS a browser does not say what a request is for: the script's are known by their path.
        script = request.url.path in ("/alive", "/events")
        if script or request.headers.get("sec-fetch-dest", "document") != "document":
            return PlainTextResponse("Sign in first.", 401, HEADERS)
        try:
            kept = await unsent(request)
        except Mistake as foreign:
            return page(request, "trouble.html", None, 422, kind="mistake", wrong=foreign, kept=None)
        if kept:
            return await sign_in.form(request, console, form_page(request), kept=kept, status=401)
        return RedirectResponse(f"/sign-in?back={quote(error.back)}", 303, HEADERS)

    @app.exception_handler(StaleForm)
    async def send_anew(request: Request, error: StaleForm) -> Response:
        kept = read_before(request)
        return page(request, "unsent.html", error.guard, 422, kept=kept, back=form_page(request))

    @app.exception_handler(OperatorError)
    async def mistake(request: Request, error: OperatorError) -> Response:
        return page(request, "trouble.html", None, 422, kind="mistake", wrong=error, kept=None)

    @app.exception_handler(StoreFailure)
    async def store(request: Request, error: Exception) -> Response:
        log.error("the store failed a page", path=request.url.path, why=str(error))
        return page(request, "trouble.html", None, 503, kind="store", wrong=error, kept=read_before(request))

    @app.exception_handler(RequestValidationError)
    async def no_number(request: Request, error: RequestValidationError) -> Response:
        return page(request, "trouble.html", None, 404, kind="address", wrong=None, kept=None)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        return page(request, "trouble.html", None, error.status_code, kind="address", wrong=None, kept=None)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        log.error("a page failed", path=request.url.path, exc_info=error)
        return page(request, "trouble.html", None, 500, kind="program", wrong=None, kept=read_before(request))
