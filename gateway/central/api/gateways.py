"""What gateways do: hand in batches, and hear what changed."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from gateway.central.access import GATEWAY, Caller
from gateway.central.api.parts import AsGateway, AsHolder, AsReader, Parts, Purpose, ThePart
from gateway.central.problems import Problem
from gateway.contract import MAX_BATCH, Batch, BatchReply, Changes, Held, Model

MAX_WAIT_S = 20  # shorter than the idle limit of common proxies
ROUTER = APIRouter(prefix="/v1", tags=["gateways"])


class AllHeld(Model):
    """Up to where the centre holds each board's epoch."""

    held: list[Held]


@ROUTER.post("/batches")
def take_batch(batch: Batch, the: ThePart, caller: AsGateway) -> BatchReply:
    """Take records; sent again, the same batch changes nothing. The reply says what is held, durably."""
    if sum(len(run.records) for run in batch.runs) > MAX_BATCH:
        raise Problem(413, "batch-too-large", f"A batch may hold at most {MAX_BATCH} records over all its runs.")
    return the.ledger.take(batch, caller.name)


@ROUTER.get("/held")
def held(the: ThePart, _: AsHolder) -> AllHeld:
    """Return up to where the centre holds every board's epoch, durably and without a gap."""
    return AllHeld(held=the.ledger.held())


@ROUTER.get("/changes", response_model_exclude_none=True)
async def changes(
    the: ThePart,
    caller: AsReader,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT_S)] = 0,
    position: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    vouched: Annotated[int | None, Query(ge=0, le=2**32)] = None,
    holes: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$")] = None,
    purpose: Purpose = "",
) -> Changes:
    """Return what changed since a revision; with `wait` (seconds) the answer may wait until something did.

    With a `position`, also border crossings that changed since that one, wherever they were. `vouched`: up to then
    (Unix UTC) the centre holds all that the asking gateway's boards wrote. `holes`: the mark of the unreadable records
    that the gateway knows of; where it is another, the answer names all.
    """
    gateway = caller.name if caller.role == GATEWAY else None
    if gateway is not None and vouched is not None:
        await run_in_threadpool(the.settling.vouched, gateway, vouched)
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        rings = the.bell.rings
        left_s = until - loop.time()
        if left_s <= 0 or the.bell.closed or await run_in_threadpool(the.telling.news, rings, after, position):
            found = await run_in_threadpool(the.telling.changes, after, gateway, position, holes)
            await run_in_threadpool(_told, the, caller, found, purpose)
            return found
        await the.bell.wait(rings, left_s)


def _told(the: Parts, caller: Caller, found: Changes, purpose: str) -> None:
    """Write down that somebody is told of travellers: a gateway as its work, anybody else as a read."""
    rows = sum(bool(one.application or one.card) for one in found.changes) + len(found.crossings)
    if caller.role == GATEWAY:
        the.reads.delivered(caller, "changes", rows)
    else:
        the.reads.note(caller, purpose, "changes", rows)
