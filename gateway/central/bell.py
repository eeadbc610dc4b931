"""Wakes those who wait for a change: long polls and the page's stream. Rung by any thread, heard in the event loop."""

import asyncio
from contextlib import suppress


class Bell:
    """Note `rings`, look at the store, then wait: a ring after the look is never missed."""

    def __init__(self) -> None:
        self.rings = 0
        self.closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()

    def hang(self) -> None:
        """Bind to the event loop that runs now."""
        self._loop = asyncio.get_running_loop()

    def ring(self) -> None:
        """Wake everyone who waits; without a loop nobody does."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._sound)

    def close(self) -> None:
        """Wake everyone for the last time: the centre stops. Called in the event loop."""
        self.closed = True
        self._sound()

    async def wait(self, rings: int, timeout_s: float) -> None:
        """Return when the bell rang after `rings` was noted, when it closed, or when the time is over."""
        if self.closed or self.rings != rings:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()

    def _sound(self) -> None:
        self.rings += 1
        self._event.set()
        self._event = asyncio.Event()
