"""The centre: the product's own application over its own store, asked through a network that fails."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Self

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, event

from checkpost import chain
from gateway.central.access import ADMIN, OFFICE, Access
from gateway.central.app import build
from gateway.central.ledger import Ledger
from gateway.central.machine import Machine
from gateway.central.settling import Settling
from gateway.central.signing import lay_key
from gateway.central.store import STORE_NAME, Store
from gateway.contract import MAX_BATCH, Batch, RecordRun
from gateway.forwarder.client import REPLY_S
from simulator.asgi import ask
from simulator.faults import Faults
from simulator.gateway import MAX_STATEMENTS, Killed

FAR_S = 2**31  # Unix UTC s: behind every clock
TRIPS_S = (0.03, 0.03, 0.3, 1.2)  # a request and its reply: on a good line, and by radio from a valley
SETTING = tuple(f"PRAGMA {name}=" for name in ("journal_mode", "synchronous", "busy_timeout", "secure_delete"))


class Centre(httpx.AsyncBaseTransport):
    """It lives in `folder`; gateways reach it as an httpx transport, the office through `office`."""

    def __init__(self, folder: Path, utc_ms: Callable[[], int], faults: Faults, rng: Random):
        self.folder, self._utc_ms, self._faults, self._rng = folder, utc_ms, faults, rng
        (folder / STORE_NAME).write_bytes(_blank_store())
        store = Store(folder / STORE_NAME)
        lay_key(folder)
        access = Access(store, lambda: 0.0)
        self.tokens = {role: access.issue(role, role) for role in (ADMIN, OFFICE)}
        store.close()
        # Keys are of one size whatever they hold, but on a line their bytes decide a frame's length, and so its time.
        self._machine = Machine(lambda: utc_ms() / 1000, lambda: utc_ms() / 1000, rng.randbytes)
        self.kills = 0
        self._trip_s = rng.choice(TRIPS_S)
        self._kill_in = 0
        self._app: FastAPI | None = None
        self._up = asyncio.Event()
        self._died = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled, and again a moment after each death."""
        event.listen(Engine, "do_connect", self._connect)
        try:
            while True:
                try:
                    await self._live()
                except* Killed:
                    self._died.clear()  # it was only starting
                self.kills += 1
                await asyncio.sleep(self._rng.uniform(0.2, 3.0))
        finally:
            event.remove(Engine, "do_connect", self._connect)

    async def ready(self) -> None:
        """Return when requests are served."""
        await self._up.wait()

    def kill(self) -> None:
        """Let the process die between two of its next statements."""
        self._kill_in = self._rng.randrange(1, MAX_STATEMENTS)

    def spare(self) -> None:
        """Take back a death that has not struck yet: what is read from now on, the oracle reads."""
        self._kill_in = 0

    async def office(self, method: str, path: str, role: str = OFFICE, **more: Any) -> Any:
        """Ask on a good line, again after each death; return the reply's JSON."""
        headers = {"authorization": f"Bearer {self.tokens[role]}"}
        while True:
            await self.ready()
            assert self._app is not None
            request = httpx.Request(method, f"http://centre{path}", headers=headers, **more)
            try:
                reply = await ask(self._app, request)
            except Killed:
                self._die()
                continue
            reply.raise_for_status()
            return reply.json()

    async def hear_all(self, gateways: Iterable[str]) -> None:
        """Take each gateway's word that all is here, also what clocks that were wrong put on days to come."""
        await self.ready()
        assert self._app is not None
        settling = Settling(self._app.state.parts.ledger._store, lambda: FAR_S)
        for gateway in gateways:
            settling.vouched(gateway, FAR_S)

    async def take(self, held: dict[tuple[int, int, int], bytes]) -> None:
        """Take records that another centre holds, board by board, each as its own gateway would bring it."""
        await self.ready()
        assert self._app is not None
        ledger: Ledger = self._app.state.parts.ledger
        for board, epoch in sorted({key[:2] for key in held}):
            raws = [raw for key, raw in sorted(held.items()) if key[:2] == (board, epoch)]
            with self._app.state.parts.ledger._store.read() as transaction:
                gateway = transaction.knowledge.get("board", [str(board)])[str(board)]["gateway"]
            head = chain.start(board, epoch)
            for at in range(0, len(raws), MAX_BATCH):
                part = raws[at : at + MAX_BATCH]
                head = chain.extend(head, b"".join(part))
                run = RecordRun(
                    board=board, epoch=epoch, first_seq=at + 1, records=[raw.hex() for raw in part], head=head.hex()
                )
                ledger.take(Batch(runs=[run]), gateway)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a gateway's request there and back, or do to it what the network does now."""
        await asyncio.sleep(self._trip_s)
        if self._faults.strikes("half-open"):
            await asyncio.sleep(REPLY_S)
            raise httpx.ReadTimeout("nobody answers", request=request)
        if self._app is None or self._faults.strikes("lost-request"):
            raise httpx.ConnectError("no way to the centre", request=request)
        if self._faults.strikes("centre-busy"):
            return httpx.Response(503, json={"detail": "not now"}, request=request)
        try:
            response = await ask(self._app, request)
        except Killed as error:
            self._die()
            raise httpx.ReadError("the centre went away", request=request) from error
        if self._faults.strikes("lost-reply"):
            raise httpx.ReadTimeout("the reply was lost", request=request)
        return response

    async def _live(self) -> None:
        app = build(self.folder, self._utc_ms, open_page=True, machine=self._machine)
        async with app.router.lifespan_context(app):
            self._app = app
            self._up.set()
            await self._died.wait()
            self._died.clear()
            self._kill_in = 0

    def _die(self) -> None:
        self._app = None
        self._up.clear()
        self._died.set()

    def _connect(self, _dialect: object, _record: object, args: list[Any], how: dict[str, Any]) -> "Mortal | None":
        """Open a connection to this centre's file, not to another's, so that the process can die at its statements."""
        if args[0] != str(self.folder / STORE_NAME):
            return None
        connection: Mortal = sqlite3.connect(*args, **how, factory=Mortal)
        connection.before = self._before_statement
        return connection

    def _before_statement(self, sql: str) -> None:
        if not self._kill_in or sql.startswith(SETTING):
            return
        self._kill_in -= 1
        if self._kill_in == 0:
            raise Killed


class Cursor(sqlite3.Cursor):
    """A cursor as SQLAlchemy uses it."""

    connection: "Mortal"

    def execute(self, sql: str, *values: Any) -> Self:
        """Run a statement, if the process lives."""
        self.connection.before(sql)
        return super().execute(sql, *values)

    def executemany(self, sql: str, rows: Any, /) -> Self:
        """Run a statement for many rows, if the process lives."""
        self.connection.before(sql)
        return super().executemany(sql, rows)


class Mortal(sqlite3.Connection):
    """A connection that tells each statement before it runs. It is no listener of SQLAlchemy's: that costs more."""

    before: Callable[[str], None]

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]
        """Return a cursor for SQLAlchemy."""
        return super().cursor(Cursor)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run a statement of the store itself, if the process lives."""
        self.before(sql)
        return super().cursor().execute(sql, *values)

    def executemany(self, sql: str, rows: Any, /) -> sqlite3.Cursor:
        """Run a statement of the store itself for many rows, if the process lives."""
        self.before(sql)
        return super().cursor().executemany(sql, rows)


@cache
def _blank_store() -> bytes:
    """Return an empty store's file: laying one for each run would cost a tenth of it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / STORE_NAME
        Store.create(path).close()
        return path.read_bytes()
