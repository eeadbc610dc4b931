"""What is done when nothing else waits: to judge again what was judged too early, and to compute rosters."""

import asyncio
from functools import partial

import structlog

from gateway.boards.roster import RosterKeeper
from gateway.intake.learning import Learning
from gateway.keys import KeyStore
from gateway.parts import Parts
from gateway.store.database import StoreFailure
from gateway.store.store import Mark, Store
from gateway.worker import IDLE

SETTLE_S = 0.1  # rosters wait this long after a change, so that a queue of taps is computed once
AFTER_FAILURE_S = 1.0  # a full disk is tried again this often


async def keep_rosters(parts: Parts) -> None:
    """Do it for ever, a little at a time; a store that nobody wrote to is asked for its mark alone."""
    log = structlog.get_logger("checkpost.gateway")
    done: tuple[Mark, KeyStore] | None = None  # the store and the keys with which nothing was left
    while True:
        now_s, keys = parts.now_s(), parts.keys
        done_at = done[0] if done and done[1] == keys else None
        try:
            mark, settled = await parts.writer.run(IDLE, partial(_settle, now_s=now_s, done=done_at))
            if mark == done_at:
                await parts.unsettled()
                await asyncio.sleep(SETTLE_S)
                continue
            refresh = partial(_refresh, keys=keys, now_s=now_s, settled=None if settled else mark)
            computed, quiet = await parts.writer.run(IDLE, refresh)
        except StoreFailure as error:
            log.error("rosters not computed", why=str(error))
            await asyncio.sleep(AFTER_FAILURE_S)
            continue
        if settled or computed:
            parts.wake()
        if quiet is not None:
            parts.rosters_of = keys
            done = quiet, keys


def _settle(store: Store, now_s: int, done: Mark | None) -> tuple[Mark, int]:
    """Judge again what was judged too early, unless the store is at `done`; return its mark before, and how many."""
    mark = store.mark()
    return mark, 0 if mark == done else Learning(store).settle_provisional(now_s)


def _refresh(store: Store, keys: KeyStore, now_s: int, settled: Mark | None) -> tuple[int, Mark | None]:
    """Compute entries of rosters; return how many, and the store's mark if nothing is left to do there.

    `settled`: the mark at which nothing was to be judged again, None if something may be.
    """
    unchanged = store.mark() == settled
    computed = RosterKeeper(store, keys).refresh(now_s)
    mark = store.mark()
    # Of what another process wrote meanwhile nobody knows yet if it leaves something to do.
    alone = settled is not None and mark[0] == settled[0]
    return computed, mark if unchanged and alone and not store.rosters.due(1) else None
