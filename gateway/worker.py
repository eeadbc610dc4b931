"""One thread that owns one database connection: the event loop hands it work and never waits in SQLite itself."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Job = tuple[int, int, Callable[[], None] | None]

URGENT = 0  # a board waits for it
SOON = 1  # the centre's replies and changes
IDLE = 2  # rosters: whenever nothing else is waiting
_STOP = 3


class Closable(Protocol):
    """What a worker can own."""

    def close(self) -> None:
        """Let go of it."""


C = TypeVar("C", bound=Closable)


class Worker(Generic[C]):
    """Runs jobs one after the other on what `make` made in its thread, the more urgent first, equals in their order."""

    def __init__(self, name: str, make: Callable[[], C]):
        self._make = make
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._made: C | None = None
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    async def start(self) -> None:
        """Start the thread and make what it owns; raises what `make` raises."""
        self._thread.start()
        await self._submit(URGENT, self._own)

    async def run(self, urgency: int, job: Callable[[C], R]) -> R:
        """Run `job` on what the thread owns and return its result, or raise its error, here."""
        return await self._submit(urgency, lambda: job(self._owned()))

    async def stop(self) -> None:
        """Finish the jobs that wait, let go of what the thread owns, end the thread."""
        if self._made is not None:
            await self._submit(_STOP, self._owned().close)
        self._jobs.put((_STOP, next(self._numbers), None))
        await asyncio.to_thread(self._thread.join)

    def _owned(self) -> C:
        assert self._made is not None  # `start` made it
        return self._made

    def _own(self) -> None:
        self._made = self._make()

    async def _submit(self, urgency: int, job: Callable[[], R]) -> R:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()

        def work() -> None:
            try:
                result = job()
            except BaseException as error:  # whatever it is belongs to the caller: it is raised where it is awaited
                _settle(loop, done, error=error)
            else:
                _settle(loop, done, result=result)

        self._jobs.put((urgency, next(self._numbers), work))
        return await done

    def _serve(self) -> None:
        while True:
            _, _, work = self._jobs.get()
            if work is None:
                return
            work()


def _settle(
    loop: asyncio.AbstractEventLoop,
    done: "asyncio.Future[R]",
    result: R | None = None,
    error: BaseException | None = None,
) -> None:
    def settle() -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)
