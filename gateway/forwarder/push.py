"""Brings the centre what it lacks: new boards, imported rows, then records, and what was done in reviews."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from gateway.contract import Application, Batch, Card, Import, RecordRun
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.batches import Key, next_batch, take_reply
from gateway.forwarder.client import Centre, CentreAway, CentreRefuses
from gateway.forwarder.enrolments import deliver
from gateway.forwarder.settling import forget, set_aside
from gateway.forwarder.steps import Steps
from gateway.store.database import StoreFailure
from gateway.store.store import Mark, Store
from gateway.worker import SOON, Worker

LOOK_S = 10.0  # without a word that something was written
SET_ASIDE_S = 60.0  # a board whose records the centre refuses is tried again after this

Held = Callable[[int, int, int], None]


class Push:
    """Delivers for ever. `on_held(board, epoch, seq)` is told what the centre holds."""

    def __init__(self, writer: Worker[Store], centre: Centre, backoff: Backoff, on_held: Held):
        self._writer = writer
        self._centre = centre
        self._backoff = backoff
        self._on_held = on_held
        self._steps = Steps(writer, centre)
        self._wake = asyncio.Event()
        self._set_aside: dict[Key, float] = {}
        self._nothing_at: tuple[Mark, float] | None = None  # the store's mark at which nothing waited, and when
        self.trouble = ""  # why nothing goes out, for people; empty while it does
        self.refusals: dict[Key, str] = {}  # why the centre does not take a board's records
        self._log = structlog.get_logger("checkpost.forwarder")

    def wake(self) -> None:
        """Say that there is something new to deliver."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._wake.clear()
            try:
                busy = await self._once_if_new()
            except (CentreAway, CentreRefuses, StoreFailure) as error:
                self._say(_why(error))
                await asyncio.sleep(self._backoff.failed())
                continue
            self._backoff.succeeded()
            self._say("")
            if not busy:
                await self._idle()

    async def _once_if_new(self) -> bool:
        """Do as `once`, unless nobody wrote since nothing waited: a quiet store is asked one thing, not three."""
        mark, now = await self._writer.run(SOON, Store.mark), asyncio.get_running_loop().time()
        if self._nothing_at is not None and self._nothing_at[0] == mark:
            if not any(self._nothing_at[1] < until <= now for until in self._set_aside.values()):
                return False
        busy = await self.once()
        self._nothing_at = None if busy else (mark, now)
        return busy

    async def once(self) -> bool:
        """Deliver one board, a load of rows, of records, of steps in reviews; return True if the centre took something.

        CentreAway when it cannot be reached, CentreRefuses when it does not know this gateway.
        """
        others = await self._writer.run(SOON, lambda store: store.outbox.waits())  # mostly nothing does but records
        boards = others and await deliver(self._writer, self._centre)
        rows = others and await self._send_rows()
        records = await self._send_records()
        steps = others and await self._steps.send()  # behind the records that the questions are about
        return boards or rows or records or steps

    async def _idle(self) -> None:
        with suppress(TimeoutError):  # looks by itself
            async with asyncio.timeout(LOOK_S):
                await self._wake.wait()

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            if trouble:
                self._log.warning("nothing goes to the centre", why=trouble)
            else:
                self._log.info("the centre takes again")

    async def _send_rows(self) -> bool:
        ids, rows = await self._writer.run(SOON, lambda store: store.outbox.next_import())
        if not ids:
            return False
        try:
            await self._centre.send_import(rows)
        except CentreRefuses as refusal:
            if refusal.unknown_here:
                raise
            await self._send_rows_singly()
            return True
        await self._writer.run(SOON, lambda store: forget(store, ids))
        return True

    async def _send_rows_singly(self) -> None:
        """Find the rows that the centre refuses: set them aside with its reason, deliver the others."""
        ids, _ = await self._writer.run(SOON, lambda store: store.outbox.next_import())
        for _ in ids:
            one, row = await self._writer.run(SOON, lambda store: store.outbox.next_import(1))
            try:
                await self._centre.send_import(row)
            except CentreRefuses as refusal:
                if refusal.unknown_here:
                    raise
                detail = str(refusal)
                self._log.warning("the centre refuses an imported row", row=_name(row), why=detail)
                await self._writer.run(SOON, partial(set_aside, number=one[0], detail=detail))
                continue
            await self._writer.run(SOON, partial(forget, ids=one))

    async def _send_records(self) -> bool:
        now = asyncio.get_running_loop().time()
        waiting = {key for key, until in self._set_aside.items() if until > now}
        batch = await self._writer.run(SOON, lambda store: next_batch(store, waiting))
        if batch is None:
            return False
        try:
            return await self._send_batch(batch)
        except CentreRefuses as refusal:
            if refusal.unknown_here:
                raise
        # One board's records must not hold up the others': each run alone shows whose they are.
        return any([await self._send_alone(_alone(batch, run)) for run in batch.runs])

    async def _send_alone(self, batch: Batch) -> bool:
        key = (batch.runs[0].board, batch.runs[0].epoch)
        try:
            moved = await self._send_batch(batch)
        except CentreRefuses as refusal:
            if refusal.unknown_here:
                raise
            self._put_aside(key, str(refusal))
            return False
        return moved

    async def _send_batch(self, batch: Batch) -> bool:
        reply = await self._centre.send_batch(batch)
        moved = await self._writer.run(SOON, lambda store: take_reply(store, batch, reply))
        for held in reply.held:
            self.refusals.pop((held.board, held.epoch), None)
            self._on_held(held.board, held.epoch, held.seq)
        if not moved:
            for run in batch.runs:
                self._put_aside((run.board, run.epoch), f"the centre did not take records from {run.first_seq} on")
        return moved

    def _put_aside(self, key: Key, why: str) -> None:
        self._set_aside[key] = asyncio.get_running_loop().time() + SET_ASIDE_S
        self.refusals[key] = why
        self._log.warning("the centre does not take a board's records", board=key[0], epoch=key[1], why=why)


def _alone(batch: Batch, run: RecordRun) -> Batch:
    seals = [one for one in batch.seals if (one.board, one.epoch) == (run.board, run.epoch)]
    gaps = [one for one in batch.gaps if (one.board, one.epoch) == (run.board, run.epoch)]
    return Batch(runs=[run], seals=seals, gaps=gaps)


def _why(error: Exception) -> str:
    return f"the store cannot be used: {error}" if isinstance(error, StoreFailure) else str(error)


def _name(rows: Import) -> str:
    row: Application | Card = (rows.applications or rows.cards)[0]
    return row.application_id if isinstance(row, Application) else row.card_uid
