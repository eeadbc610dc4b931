"""Runs the console in a thread with an event loop of its own: however busy its pages are, the boards' loop goes on."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from gateway.console.access import Access
from gateway.console.app import build
from gateway.console.catalogs import catalogs
from gateway.console.feed import Feed
from gateway.console.parts import Console
from gateway.console.people import Pins
from gateway.console.render import Fragments
from gateway.errors import OperatorError
from gateway.intake.records import Taken
from gateway.store.store import Store, open_reader
from gateway.worker import Worker

BACKLOG = 128
END_S = 3  # given to open requests when the gateway stops
AGAIN_S = 2.0  # after a failure of the console's own; the boards are served meanwhile
MAX_CONNECTIONS = 256  # streams and pages; more is refused at once


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket (port 0: any free one); OperatorError when the address cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms for each answer.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"The console cannot listen on {host} port {port} ({error.strerror}); change http_host or http_port."
        ) from error
    return bound


def address(bound: socket.socket) -> str:
    """Return the URL of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Service:
    """The console of one gateway, from `start` to `stop`, both called in the gateway's loop."""

    def __init__(self, name: str, data: Path, writer: Worker[Store], now_s: Callable[[], int], bound: socket.socket):
        self._name = name
        self._data = data
        self._writer = writer
        self._now_s = now_s
        self._bound = bound
        self.url = address(bound)
        self._live: dict[str, Any] = {}
        self._taken: Callable[[Taken], object] = lambda _one: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._feed: Feed | None = None
        self._server: uvicorn.Server | None = None
        self._stopping = threading.Event()
        self._log = structlog.get_logger("checkpost.console")
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def start(self, taken: Callable[[Taken], None]) -> None:
        """Start to serve; `taken` is told, in the loop that runs now, what a hand entry brought."""
        loop = asyncio.get_running_loop()
        self._taken = lambda one: None if loop.is_closed() else loop.call_soon_threadsafe(taken, one)
        self._thread.start()

    async def stop(self) -> None:
        """End the streams, then the pages, then the thread."""
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join, 2 * END_S)
        self._bound.close()

    def tell(self, live: dict[str, Any]) -> None:
        """Hand over what the gateway says of its links; it is never changed afterwards. Called in its loop."""
        self._live = live
        self.wake()

    def _said(self) -> dict[str, Any]:
        return self._live

    def wake(self) -> None:
        """Say that something in the store changed. Called in the gateway's loop."""
        loop, feed = self._loop, self._feed
        if loop is not None and feed is not None and not loop.is_closed():
            loop.call_soon_threadsafe(feed.wake)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._serve())
            except Exception:  # whatever it is, the boards are served, and the guard's page comes back
                self._log.exception("the console ended, and starts again")
            self._stopping.wait(AGAIN_S)

    async def _serve(self) -> None:
        async with self._parts() as console:
            self._loop, self._feed = asyncio.get_running_loop(), console.feed
            config = uvicorn.Config(
                build(console),
                access_log=False,
                log_config=None,
                server_header=False,
                lifespan="off",
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=END_S,
            )
            self._server = _Server(config, console.feed)
            if self._stopping.is_set():
                return
            telling = asyncio.create_task(console.feed.run())
            try:
                await self._server.serve(sockets=[self._bound.dup()])
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
                self._feed = None

    @asynccontextmanager
    async def _parts(self) -> AsyncIterator[Console]:
        reader = Worker("console-reader", lambda: open_reader(self._data))
        await reader.start()
        try:
            pins = await asyncio.to_thread(lambda: Pins(PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)))
            fragments = Fragments(catalogs())
            feed = Feed(reader, self._said, self._now_s, fragments)
            access = Access(self._writer, reader, pins, time.time)
            stores = (self._writer, reader)
            yield Console(self._name, *stores, access, feed, fragments, self._said, self._now_s, self._taken)
        finally:
            await reader.stop()


class _Server(uvicorn.Server):
    """Lets go of the streams before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, feed: Feed):
        super().__init__(config)
        self._feed = feed

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.end()
        await super().shutdown(sockets)
