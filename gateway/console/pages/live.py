"""The live page, the lane screen, and the stream that both listen to."""

from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from gateway.console.feed import SHOWN, TooManyWatchers
from gateway.console.parts import HEADERS, Console, Guard, TheConsole, is_signed_in, page, preferences
from gateway.console.shown import Picture, picture
from gateway.store.database import StoreFailure
from gateway.worker import SOON

ROUTER = APIRouter()


@ROUTER.get("/")
async def overview(request: Request, the: TheConsole, guard: Guard) -> Response:
    """Show lanes, crossings and boards."""
    now = await _picture(the)
    live = the.live()
    names = {lane.board: lane for lane in now.lanes}
    newest = now.fresh[::-1]
    return page(request, "live.html", guard, now=now, live=live, names=names, newest=newest, open_reviews=now.open)


@ROUTER.get("/lanes")
async def screen(request: Request, the: TheConsole, guard: Guard, board: int = 0) -> Response:
    """Show lanes in the largest type, all or one."""
    now = await _picture(the)
    lanes = [lane for lane in now.lanes if board in (0, lane.board)]
    return page(request, "lanes.html", guard, now=now, lanes=lanes, open_reviews=now.open)


@ROUTER.get("/alive")
async def alive(guard: Guard) -> Response:
    """Say that the gateway runs and the session stands."""
    return Response(status_code=204, headers=HEADERS)


@ROUTER.get("/events")
async def stream(request: Request, the: TheConsole, guard: Guard, after: str = "") -> Response:
    """Stream what changes while the session stands; the browser's own Last-Event-ID counts more than `after`."""
    last_id = request.headers.get("last-event-id") or after

    async def may_see() -> bool:
        try:
            return await is_signed_in(request, the)
        except StoreFailure:  # the page says that the store cannot be read; nothing new comes from it either
            return True

    try:
        events = the.feed.watch(preferences(request).language, last_id, may_see)
    except TooManyWatchers:
        return PlainTextResponse("Too many pages listen already; close one.", 503, HEADERS)
    headers = HEADERS | {"X-Accel-Buffering": "no"}
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


async def _picture(the: Console) -> Picture:
    job = partial(picture, live=the.live(), seen=None, limit=SHOWN, now_s=the.now_s())
    return await the.reader.run(SOON, job)
