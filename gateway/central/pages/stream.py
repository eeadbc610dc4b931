"""The page's stream: crossings as they arrive, without a word of who crossed, and the table above them, as SSE."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool

from gateway.central.api.parts import Parts
from gateway.central.problems import Problem

SHOWN = 50  # crossings in the list; who missed more gets the newest ones
PUSH_S = 0.25  # the eye follows no faster, and a burst costs four reads a second
QUIET_S = 15  # a sign of life, so that a dead connection is noticed by both ends
# What the list says of a crossing. Card and permit are personal data: a story is opened for a purpose.
PLACE = ("position", "board", "epoch", "seq", "crossing_point")
SAID = (*PLACE, "direction", "local_time", "party", "verdict", "reasons", "notes", "outcome")
MAX_WATCHERS = 100  # open streams: each keeps a connection


class Watchers:
    """Counts the open streams."""

    def __init__(self) -> None:
        self.count = 0


def events(the: Parts, watchers: Watchers, after: int) -> AsyncIterator[str]:
    """Return the stream after a feed position; Problem when too many are open."""
    if watchers.count >= MAX_WATCHERS:
        raise Problem(503, "too-many-watchers", f"{MAX_WATCHERS} pages watch already; close one and reload.")
    return _events(the, watchers, after)


async def _events(the: Parts, watchers: Watchers, after: int) -> AsyncIterator[str]:
    watchers.count += 1
    try:
        yield "retry: 1000\n\n"
        shown = -1
        while not the.bell.closed:
            rings = the.bell.rings
            board = await run_in_threadpool(the.office.board)
            if board["position"] != shown:
                shown = board["position"]
                for position, text in await run_in_threadpool(the.office.latest, min(after, shown), SHOWN):
                    after = position
                    yield f"event: crossing\nid: {position}\ndata: {_said(text)}\n\n"
                yield f"event: board\ndata: {json.dumps(board)}\n\n"
                await asyncio.sleep(PUSH_S)
            await the.bell.wait(rings, QUIET_S)
            if the.bell.rings == rings:
                yield ": quiet\n\n"
    finally:
        watchers.count -= 1


def _said(text: str) -> str:
    crossing = json.loads(text)
    return json.dumps({name: crossing[name] for name in SAID}, ensure_ascii=False)
