"""The first page: counts by crossing point, and crossings as they arrive. It says nothing of who crossed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from gateway.central.access import PAGE_ROLES
from gateway.central.api.parts import ThePart
from gateway.central.pages.area import Area
from gateway.central.pages.frame import HEADERS, Frame
from gateway.central.pages.gate import COOKIE, Gate, opened
from gateway.central.pages.stream import Watchers, events
from gateway.central.pages.visit import Visit
from gateway.central.problems import Problem

After = Annotated[int, Query(ge=0, le=2**53)]
Anyone = Annotated[Visit, Depends(Gate(*PAGE_ROLES))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the overview and its stream."""
    router = frame.router()
    streams = APIRouter(include_in_schema=False)  # read by scripts: its errors are problem documents
    watchers = Watchers()

    @router.get("/")
    def overview(visit: Anyone) -> Response:
        return frame.page(visit, "overview/overview.html", board=visit.the.office.board())

    @streams.get("/v1/events")
    async def stream(request: Request, the: ThePart, after: After = 0) -> Response:
        session = request.cookies.get(COOKIE, "")
        if not opened(request, the) and not await run_in_threadpool(the.access.visitor, session):
            raise Problem(401, "no-access", "Sign in to see the crossings.")
        headers = HEADERS | {"X-Accel-Buffering": "no"}
        return StreamingResponse(
            events(the, watchers, _last_seen(request, after)), headers=headers, media_type="text/event-stream"
        )

    router.include_router(streams)
    return router


def _last_seen(request: Request, after: int) -> int:
    """Return the position after which to go on: the browser's own word when it comes back."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else after


AREA = Area("", "Live", "l", PAGE_ROLES, build)
