"""The live page's stream: the store is read once for all who watch, and each is told in its language what changed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import structlog

from gateway.console.render import Fragments
from gateway.console.shown import Crossing, Picture, picture
from gateway.store.arrivals import Cursor, parse_cursor
from gateway.store.database import StoreFailure
from gateway.store.store import Store
from gateway.worker import IDLE, Worker

SHOWN = 40  # crossings in the list; who missed more gets the newest ones
PAUSE_S = 0.2  # between two readings: the eye follows no faster, and a burst costs five a second
LOOK_S = 1.0  # what other processes bring, such as an import, and ages that grow, are looked for this often
BEAT_S = 4.0  # a sign of life; the page calls the connection lost after three that did not come
MAX_WATCHERS = 100  # open streams; each keeps a connection
MAX_BEHIND = 64  # messages a slow reader may be behind; then its stream ends, and it comes back with its last id
AFTER_FAILURE_S = 1.0
BEAT = "event: beat\ndata: {}\n\n"


class TooManyWatchers(Exception):
    """No more streams are opened."""


class Watcher:
    """One open stream."""

    def __init__(self, language: str):
        self.language = language
        self.messages: asyncio.Queue[str | None] = asyncio.Queue(MAX_BEHIND + 1)
        self.told: dict[str, str] = {}  # fragments by name, as they were sent last

    def put(self, message: str | None) -> None:
        """Queue a message; None ends the stream, and so does falling behind."""
        if self.messages.qsize() < MAX_BEHIND:
            self.messages.put_nowait(message)
        elif self.messages.qsize() == MAX_BEHIND:
            self.messages.put_nowait(None)


class Feed:
    """Lives in the console's event loop. `live` returns what the running gateway says of its links."""

    def __init__(
        self,
        reader: Worker[Store],
        live: Callable[[], dict[str, Any]],
        now_s: Callable[[], int],
        fragments: Fragments,
    ):
        self._reader = reader
        self._live = live
        self._now_s = now_s
        self._fragments = fragments
        self._watchers: set[Watcher] = set()
        self._news = asyncio.Event()
        self._log = structlog.get_logger("checkpost.console")
        self._picture: Picture | None = None
        self._store_failed = False
        self._ended = False

    def wake(self) -> None:
        """Say that something in the store changed. Called in the console's loop."""
        self._news.set()

    async def run(self) -> None:
        """Read and tell until cancelled."""
        while True:
            self._news.clear()
            await self._look()
            await asyncio.sleep(PAUSE_S)
            try:
                await asyncio.wait_for(self._news.wait(), LOOK_S)
            except TimeoutError:
                continue  # nothing was said: look all the same

    def end(self) -> None:
        """End every stream: the console stops, and the pages come back when it runs again."""
        self._ended = True
        for watcher in self._watchers:
            watcher.put(None)

    def watch(self, language: str, last_id: str, may_see: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
        """Return the stream after an event's id (empty: from the newest crossings); TooManyWatchers when it is full.

        `may_see` is asked once in BEAT_S: a page that is left open shows nothing after its guard's shift.
        """
        if self._ended or len(self._watchers) >= MAX_WATCHERS:
            raise TooManyWatchers
        return self._stream(Watcher(language), parse_cursor(last_id), may_see)

    async def _stream(
        self, watcher: Watcher, seen: Cursor | None, may_see: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        self._watchers.add(watcher)
        try:
            yield "retry: 1000\n\n" + BEAT
            await self._catch_up(watcher, seen)
            while True:
                try:
                    message = await asyncio.wait_for(watcher.messages.get(), BEAT_S)
                except TimeoutError:
                    message = BEAT
                if loop.time() - asked_s >= BEAT_S:
                    asked_s = loop.time()
                    if not await may_see():
                        return
                if message is None:
                    return
                yield message
        finally:
            self._watchers.discard(watcher)

    async def _catch_up(self, watcher: Watcher, seen: Cursor | None) -> None:
        """Tell a new watcher all it missed. What is told to everyone meanwhile comes twice: the page lays it over."""
        try:
            now = await self._read(seen)
        except StoreFailure as error:
            self._fail(error)
            return
        self._tell([watcher], now)

    async def _look(self) -> None:
        """Read what changed and tell everyone; without anyone who watches nothing is read."""
        if not self._watchers:
            self._picture = None
            return
        seen = self._picture.cursor if self._picture else None
        try:
            now = await self._read(seen)
        except StoreFailure as error:
            self._fail(error)
            await asyncio.sleep(AFTER_FAILURE_S)
            return
        self._store_failed = False
        self._picture = now
        self._tell(self._watchers, now)

    async def _read(self, seen: Cursor | None) -> Picture:
        job = partial(picture, live=self._live(), seen=seen, limit=SHOWN, now_s=self._now_s())
        return await self._reader.run(IDLE, job)

    def _fail(self, error: Exception) -> None:
        if not self._store_failed:
            self._log.error("the store cannot be read", why=str(error))
        self._store_failed = True
        for watcher in self._watchers:
            watcher.put("event: trouble\ndata: {}\n\n")

    def _tell(self, watchers: Iterable[Watcher], now: Picture) -> None:
        live = self._live()
        made: dict[str, tuple[dict[str, str], list[str]]] = {}
        for watcher in watchers:
            if watcher.language not in made:
                parts = self._fragments.state(watcher.language, now, live)
                made[watcher.language] = (parts, [self._crossing(watcher.language, one, now) for one in now.fresh])
            parts, crossings = made[watcher.language]
            for message in crossings:
                watcher.put(message)
            changed = {name: html for name, html in parts.items() if watcher.told.get(name) != html}
            if changed:
                watcher.told = parts
                watcher.put(_event("state", changed, now.cursor.text()))

    def _crossing(self, language: str, crossing: Crossing, now: Picture) -> str:
        age_s = self._now_s() - crossing.at_s
        html, spoken = self._fragments.crossing(language, crossing, now.lanes)
        return _event("crossing", {"key": crossing.key, "at": crossing.at_s, "age": age_s, "html": html, "say": spoken})


def _event(name: str, data: dict[str, Any], number: str = "") -> str:
    """Return one server-sent event. Only the last of what was read together has an id: a break before it tells all
    of it again."""
    identity = f"id: {number}\n" if number else ""
    return f"event: {name}\n{identity}data: {json.dumps(data, ensure_ascii=False)}\n\n"
