"""Prometheus metrics: what is asked, how long that takes, and how the log stands; of all processes of one address."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.central.backup import last_drill
from gateway.central.crew import COUNTS_IN
from gateway.central.proof.leaf import SEAL_WRONG
from gateway.central.store import Store


class Metrics:
    """A registry of its own, so that two centres in one process do not mix."""

    def __init__(self, store: Store, data: Path):
        own = CollectorRegistry()
        names = ("method", "route", "status")
        self.requests = Counter("checkpost_requests", "Requests by route and status.", names, registry=own)
        self.seconds = Histogram(
            "checkpost_request_seconds", "Time to the first byte of an answer.", ("route",), registry=own
        )
        self._counted = own
        if COUNTS_IN in os.environ:  # one scrape meets one process of several: it is told what all of them counted
            self._counted = CollectorRegistry()
            MultiProcessCollector(self._counted)  # type: ignore[no-untyped-call]
        self._standing = CollectorRegistry()
        self._standing.register(_Standing(store, data))

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text form."""
        return generate_latest(self._counted) + generate_latest(self._standing)


class _Standing(Collector):
    """How the log stands, read from the store when it is asked for: every process says the same."""

    def __init__(self, store: Store, data: Path):
        self._store = store
        self._data = data

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._store.read() as transaction:
            position, leaves = transaction.log.position(), transaction.tree.size()
            crossings, wrong = transaction.tally.crossings(), transaction.seals.count(SEAL_WRONG)
        tried_s, good = last_drill(self._data)
        for name, words, value in (
            ("feed_position", "Newest position of the feed.", position),
            ("log_leaves", "Leaves of the proven log.", leaves),
            ("crossings", "Crossings held.", crossings),
            ("seals_wrong", "Board seals that did not fit: each is evidence.", wrong),
            ("drill_timestamp_seconds", "When the restore of a backup was tried last; 0: never.", tried_s),
            ("drill_good", "1 if that went well.", int(good)),
        ):
            yield GaugeMetricFamily(f"checkpost_{name}", words, value)


class Measured:
    """ASGI middleware: counts and times each request by its route, never by its address: that may name a person."""

    def __init__(self, app: ASGIApp, metrics: Metrics, now_s: Callable[[], float] = time.perf_counter):
        self._app = app
        self._metrics = metrics
        self._now_s = now_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = self._now_s()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.requests.labels(scope["method"], route, message["status"]).inc()
                self._metrics.seconds.labels(route).observe(self._now_s() - started_s)
            await send(message)

        await self._app(scope, receive, noted)
