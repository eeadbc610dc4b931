"""Prometheus metrics of one process: what is asked of it, how long that takes, and how the log stands."""

import time
from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.central.backup import last_drill
from gateway.central.proof.leaf import SEAL_WRONG
from gateway.central.store import Store


class Metrics:
    """A registry of its own, so that two centres in one process do not mix."""

    def __init__(self, store: Store, data: Path):
        self._store = store
        self._data = data
        self._registry = CollectorRegistry()
        names = ("method", "route", "status")
        self.requests = Counter("checkpost_requests", "Requests by route and status.", names, registry=self._registry)
        self.seconds = Histogram(
            "checkpost_request_seconds", "Time to the first byte of an answer.", ("route",), registry=self._registry
        )
        self._gauges = {
            name: Gauge(f"checkpost_{name}", words, registry=self._registry)
            for name, words in (
                ("feed_position", "Newest position of the feed."),
                ("log_leaves", "Leaves of the proven log."),
                ("crossings", "Crossings held."),
                ("seals_wrong", "Board seals that did not fit: each is evidence."),
                ("drill_timestamp_seconds", "When the restore of a backup was tried last; 0: never."),
                ("drill_good", "1 if that went well."),
            )
        }

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text form."""
        with self._store.read() as transaction:
            values = {
                "feed_position": transaction.log.position(),
                "log_leaves": transaction.tree.size(),
                "crossings": transaction.tally.crossings(),
                "seals_wrong": transaction.seals.count(SEAL_WRONG),
            }
        tried_s, good = last_drill(self._data)
        values |= {"drill_timestamp_seconds": tried_s, "drill_good": int(good)}
        for name, value in values.items():
            self._gauges[name].set(value)
        return generate_latest(self._registry)


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
