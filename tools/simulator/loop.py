"""An event loop in virtual time: when nothing is ready, time moves to the next timer. No thread, no socket, no wait.

It is made for speed: a run turns it a hundred thousand times, and a real loop's machinery would cost a fifth of that.
"""

import asyncio
import heapq
import itertools
import sys
from asyncio.log import logger
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextvars import copy_context
from typing import Any

import anyio.to_thread

EPSILON_S = 1e-6


class Stuck(Exception):
    """Nothing is ready and no timer is set: whoever waits now would wait for ever."""


class Call(list[Any]):
    """A callback that waits for its turn: [time, callback, arguments, context], with the face of asyncio.TimerHandle.

    A list, since one is made with a single call of C; one that was cancelled has no callback.
    """

    __slots__ = ()

    def cancel(self) -> None:
        """Do not call."""
        self[1] = None

    def cancelled(self) -> bool:
        """Return True if it will not be called."""
        return self[1] is None

    def when(self) -> float:
        """Return the time of the call."""
        when: float = self[0]
        return when


class VirtualLoop(asyncio.AbstractEventLoop):
    """`time()` is virtual seconds from 0; what would run in a thread runs at once, in its place.

    What a callback raises ends the run: it is a fault of the product or of the simulator.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[Call] = deque()
        self._timers: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()
        self._running = self._closed = False

    def time(self) -> float:
        """Return virtual seconds."""
        return self._now

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """Call with the next turn."""
        call = Call((self._now, callback, args, context or copy_context()))
        self._ready.append(call)
        return call

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there is one thread

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """Call at a time, those of one time in their order."""
        call = Call((when, callback, args, context or copy_context()))
        heapq.heappush(self._timers, (when, next(self._numbers), call))
        return call

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """Call after some seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def create_future(self) -> "asyncio.Future[Any]":
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], **how: Any) -> "asyncio.Task[Any]":  # type: ignore[override]
        """Run a coroutine."""
        return asyncio.Task(coro, loop=self, **how)

    def run_in_executor(self, _executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]
        """Run `func` now."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # it belongs to whoever awaits this
            done.set_exception(error)
        return done

    def run_until_complete(self, future: Any) -> Any:
        """Turn until a coroutine or future is done; return its result. Stuck when it never will be."""
        task = asyncio.ensure_future(future, loop=self)
        hooks = sys.get_asyncgen_hooks()
        self._running = True
        asyncio._set_running_loop(self)
        sys.set_asyncgen_hooks(firstiter=None, finalizer=self._end_generator)
        try:
            self._turn(task)
        finally:
            sys.set_asyncgen_hooks(*hooks)
            asyncio._set_running_loop(None)
            self._running = False
        return task.result()

    def _turn(self, task: "asyncio.Future[Any]") -> None:
        ready, timers, take = self._ready, self._timers, self._ready.popleft
        while not task.done():
            if not ready:
                self._leap()
            while timers and timers[0][0] <= self._now:
                ready.append(heapq.heappop(timers)[2])
            for _ in range(len(ready)):  # what these add waits for the next turn
                _, callback, args, context = take()
                if callback is not None:
                    context.run(callback, *args)

    def _leap(self) -> None:
        """Move time to the next timer that is still wanted."""
        timers = self._timers
        while timers and timers[0][2][1] is None:
            heapq.heappop(timers)
        if not timers:
            raise Stuck("nothing is ready and no timer is set")
        # A little beyond the timer: whoever compares the time with it finds it over, whatever floats round to.
        self._now = max(self._now, round(timers[0][0] + EPSILON_S, 6))

    def _end_generator(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Run what is left of a generator that nobody iterates any more."""
        if not self._closed:
            self.create_task(generator.aclose())

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Say what a task raised and nobody awaited; a process that was killed leaves such tasks."""
        if isinstance(context.get("exception"), Exception):
            logger.error(context["message"], exc_info=context["exception"])

    def get_debug(self) -> bool:
        """Return False."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """Stay as it is."""

    def is_running(self) -> bool:
        """Return True while it turns."""
        return self._running

    def is_closed(self) -> bool:
        """Return True after `close`."""
        return self._closed

    def close(self) -> None:
        """Forget all that waits."""
        self._closed = True
        self._ready.clear()
        self._timers.clear()

    async def shutdown_asyncgens(self) -> None:
        """Nothing is left over: see `_end_generator`."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""


async def run_inline(func: Callable[..., Any], *args: Any, **_how: Any) -> Any:
    """Stand in for `anyio.to_thread.run_sync`: a thread would come back at an hour that no seed decides."""
    return func(*args)


def without_threads() -> None:
    """Let the centre's endpoints run in the loop; for a process that does nothing but simulate."""
    anyio.to_thread.run_sync = run_inline  # type: ignore[assignment]
