"""The intake as the event loop sees it: what waits while one transaction is written goes together into the next."""

import asyncio
from collections.abc import Callable
from functools import partial

from gateway.clock import Clock
from gateway.intake.records import Intake, Run, Taken
from gateway.store.store import Store
from gateway.worker import URGENT, Worker

MAX_RUNS = 24  # runs a transaction, of up to 16 records each: some 50 ms, so that a question waits no longer


class IntakeDesk:
    """Takes the runs of all boards; several at once cost one disk flush. `on_taken(taken)` is told what is new."""

    def __init__(self, writer: Worker[Store], clock: Clock, on_taken: Callable[[Taken], None]):
        self._writer = writer
        self._clock = clock
        self._on_taken = on_taken
        self._waiting: list[tuple[Run, asyncio.Future[Taken]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def take(self, run: Run) -> Taken:
        """Return what is durable after a run; raises what the store raises, and then nothing of it is held."""
        done: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((run, done))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await done

    async def _serve(self) -> None:
        while self._waiting:
            load, self._waiting = self._waiting[:MAX_RUNS], self._waiting[MAX_RUNS:]
            runs = [run for run, _ in load]
            now_s = self._clock.utc_ms() // 1000
            try:
                taken = await self._writer.run(URGENT, partial(_take, runs=runs, now_s=now_s))
            except Exception as error:  # raised where the runs came from: each board gets no ack and asks again
                for _, done in load:
                    if not done.done():
                        done.set_exception(error)
                continue
            for result, (_, done) in zip(taken, load, strict=True):
                if result.new:
                    self._on_taken(result)
                if not done.done():
                    done.set_result(result)


def _take(store: Store, runs: list[Run], now_s: int) -> list[Taken]:
    return Intake(store).take(runs, now_s)
