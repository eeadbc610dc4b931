"""An event loop in virtual time: when nothing is ready, time moves to the next timer. No thread, no socket, no wait."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any

import anyio.to_thread

EPSILON_S = 1e-6


class Stuck(Exception):
    """Nothing is ready and no timer is set: whoever waits now would wait for ever."""


class _Leaping(selectors.DefaultSelector):
    """Instead of waiting it moves the loop's time; the loop's own wake-up socket is still looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Stuck("nothing is ready and no timer is set")
        # A little beyond the timer: whoever compares the time with it finds it over, whatever floats round to.
        self.now = round(self.now + timeout + EPSILON_S, 6)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual seconds from 0; what would run in a thread runs at once, in its place."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        """Return virtual seconds."""
        return self._leaping.now

    def run_in_executor(self, _executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]
        """Run `func` now."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # it belongs to whoever awaits this
            done.set_exception(error)
        return done


async def run_inline(func: Callable[..., Any], *args: Any, **_how: Any) -> Any:
    """Stand in for `anyio.to_thread.run_sync`: a thread would come back at an hour that no seed decides."""
    return func(*args)


def without_threads() -> None:
    """Let the centre's endpoints run in the loop; for a process that does nothing but simulate."""
    anyio.to_thread.run_sync = run_inline  # type: ignore[assignment]
