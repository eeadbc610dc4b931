"""Asks the centre for what is new, for ever, and takes it in piece by piece."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from gateway.clock import Clock
from gateway.contract import Change, Changes, Elsewhere, Hole, hole_mark
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import WAIT_S, Centre, CentreAway, CentreRefuses
from gateway.intake.freshness import Freshness
from gateway.intake.learning import CHUNK, POSITION, REVISION, Learning
from gateway.store.database import StoreFailure
from gateway.store.store import Store
from gateway.worker import SOON, Worker

PAUSE_S = 1.0  # between two requests, also when the centre does not hold them open: a busy hour is not one a tap
REMEMBER_S = 60.0  # how often the age of knowledge is written down: what a restart may forget of it


class Pull:
    """Takes changes until cancelled. `on_change()` is called when something new is in the store, `on_knowledge()` when
    it is of permits, cards, places or the policy.

    `vouch()`: up to when (Unix UTC) the centre holds all that this gateway's boards wrote; None: nobody can say.
    """

    def __init__(
        self,
        writer: Worker[Store],
        centre: Centre,
        backoff: Backoff,
        clock: Clock,
        freshness: Freshness,
        on_change: Callable[[], None],
        vouch: Callable[[], int | None],
        on_knowledge: Callable[[], None] = lambda: None,
    ):
        self._writer = writer
        self._centre = centre
        self._backoff = backoff
        self._clock = clock
        self._freshness = freshness
        self._on_change = on_change
        self._vouch = vouch
        self._on_knowledge = on_knowledge
        self._complete_to: dict[str, int] = {}
        self._remembered: float | None = None
        self.trouble = ""  # why nothing comes in, for people; empty while it does
        self._log = structlog.get_logger("checkpost.forwarder")

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            try:
                more = await self.once()
            except (CentreAway, CentreRefuses, StoreFailure) as error:
                self._freshness.lost()
                if str(error) != self.trouble:
                    self._log.warning("nothing comes from the centre", why=str(error))
                self.trouble = str(error)
                await asyncio.sleep(self._backoff.failed())
                continue
            self._backoff.succeeded()
            if self.trouble:
                self._log.info("the centre answers again")
            self.trouble = ""
            if not more:
                await asyncio.sleep(PAUSE_S)

    async def once(self) -> bool:
        """Ask once and take in the answer; return True if there is more to ask for."""
        after, position, mark = await self._writer.run(SOON, _stand)
        # At first, and after a failure, nothing is waited for: the answer says that all is known.
        wait_s = WAIT_S if self._freshness.connected else 0
        page = await self._centre.changes(after, position, wait_s, self._vouch(), mark)
        await self._take(page)
        await self._take_elsewhere(page, position)
        if not page.more:
            await self._caught_up()
        return page.more

    async def _take(self, page: Changes) -> None:
        for at in range(0, len(page.changes), CHUNK):
            chunk = page.changes[at : at + CHUNK]
            revision = page.revision if chunk[-1] is page.changes[-1] else chunk[-1].revision
            now_s = self._clock.utc_ms() // 1000
            await self._writer.run(
                SOON,
                partial(_take_changes, changes=chunk, revision=revision, now_s=now_s),
            )
            self._on_change()
            self._on_knowledge()

    async def _take_elsewhere(self, page: Changes, position: int) -> None:
        """Take crossings elsewhere; only behind the last of them is what the centre says of completeness true here."""
        for at in range(0, len(page.crossings), CHUNK):
            chunk = page.crossings[at : at + CHUNK]
            to = page.position if chunk[-1] is page.crossings[-1] else position
            now_s = self._clock.utc_ms() // 1000
            await self._writer.run(SOON, partial(_take_elsewhere, crossings=chunk, position=to, now_s=now_s))
            self._on_change()
        holes = page.holes
        if holes is not None:
            await self._writer.run(SOON, lambda store: Learning(store).take_holes(holes))
            self._on_change()
        if not page.more and page.complete_to != self._complete_to:
            await self._writer.run(SOON, lambda store: Learning(store).complete_to(page.complete_to))
            self._complete_to = page.complete_to
            self._on_change()

    async def _caught_up(self) -> None:
        now_s = self._clock.utc_ms() // 1000
        self._freshness.caught_up(now_s)
        real_s = asyncio.get_running_loop().time()
        if self._remembered is None or real_s - self._remembered > REMEMBER_S:
            self._remembered = real_s
            await self._writer.run(SOON, lambda store: Learning(store).caught_up(now_s))
            self._on_change()


def _take_changes(store: Store, changes: list[Change], revision: int, now_s: int) -> None:
    Learning(store).take_changes(changes, revision, now_s)


def _take_elsewhere(store: Store, crossings: list[Elsewhere], position: int, now_s: int) -> None:
    Learning(store).take_elsewhere(crossings, position, now_s)


def _stand(store: Store) -> tuple[int, int, str]:
    mark = hole_mark(Hole(**row._asdict()) for row in store.holes.told())
    values = store.knowledge.values(REVISION, POSITION)
    return int(values.get(REVISION, 0)), int(values.get(POSITION, 0)), mark
