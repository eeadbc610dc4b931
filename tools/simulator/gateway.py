"""One gateway: the product's own parts on a disk in memory, without threads, killed between any two statements."""

import asyncio
import random
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import coroutine
from typing import Any, TypeVar

import httpx

from gateway.app import Gateway as Product
from gateway.clock import Clock
from gateway.forwarder.client import Centre
from gateway.intake.freshness import Freshness
from gateway.intake.judging import AS_OF
from gateway.settings import Settings
from gateway.store import database
from gateway.store.store import Store, make_folder, open_store
from gateway.view import look
from gateway.worker import Worker

R = TypeVar("R")
FLUSH_S = 0.002  # a commit on a good disk
RADIO, SPARE = 0, 0xFFFF  # in the place of a board's number: the ports of the gateway's radio, and of whoever comes
MAX_STATEMENTS = 60  # a kill falls within so many


@cache
def _blank_store() -> bytes:
    """Return the file of a store without a row: laying one for each disk would cost a fifteenth of a short run."""
    with TemporaryDirectory() as place:
        path = Path(place) / database.FILE_NAME
        connection = database.connect(path)
        database.migrate(connection, path)
        connection.close()
        return path.read_bytes()


def _lay(folder: Path) -> None:
    """Lay a store on a new disk."""
    path = folder / database.FILE_NAME
    if not path.exists():
        make_folder(folder)
        path.write_bytes(_blank_store())


def _replace(folder: Path, by: Path) -> None:
    """Let a folder hold what another does; a disk that was just put in and never ran is none yet."""
    if not by.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(by, folder)


class Killed(BaseException):
    """The process is gone: nothing of it may go on, whatever it catches."""


class Connection:
    """A database connection that can die, or find its disk full, before any statement."""

    def __init__(self, real: Any, died: Callable[[], None]):
        """`died` is called at the moment of death, for all else that the process was doing."""
        self.real = real
        self._died = died
        self._kill_in = 0
        self.full = False
        self.dead = False

    def kill(self, statements: int) -> None:
        """Let the process die before one of the next statements."""
        self._kill_in = statements

    def execute(self, sql: str, *more: Any) -> Any:
        """Run a statement."""
        if self._kill_in or self.full or self.dead:
            self._live(sql)
        return self.real.execute(sql, *more)

    def executemany(self, sql: str, *more: Any) -> Any:
        """Run a statement for many rows."""
        if self._kill_in or self.full or self.dead:
            self._live(sql)
        return self.real.executemany(sql, *more)

    def __getattr__(self, name: str) -> Any:
        """Give all else as the real one does."""
        return getattr(self.real, name)

    def _live(self, sql: str) -> None:
        if self._kill_in:
            self._kill_in -= 1
            self.dead = self.dead or self._kill_in == 0
        if self.dead:
            self._died()
            raise Killed
        if self.full and sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
            raise database.StoreFailure("database or disk is full")


@coroutine
def _next_turn() -> Iterator[None]:
    """Wait for the loop's next turn, as `asyncio.sleep(0)`, at half its price: each job begins so."""
    yield


class Inline(Worker[Store]):
    """Runs each job in the loop, in the order of asking; one that writes takes the time of a disk."""

    def __init__(self, store: Store, connection: Connection):
        self._store = store
        self._connection = connection

    async def run(self, urgency: int, job: Callable[[Store], R]) -> R:
        """Run a job."""
        await _next_turn()
        real = self._connection.real
        before = real.total_changes
        result = job(self._store)
        if real.total_changes != before:
            await asyncio.sleep(FLUSH_S)  # who asked hears of it behind the flush, if the process lives so long
        return result


class Port:
    """One board's line at the gateway, or its radio's, with the face of links.serial.SerialPort."""

    def __init__(
        self,
        path: Path,
        on_bytes: Callable[[bytes], None],
        on_state: Callable[[bool], None],
        send: Callable[[bytes], None],
    ):
        self.path = path
        self.came = on_bytes
        self._on_state = on_state
        self.write = send
        self.trouble = ""
        self.opened = 1

    def check(self) -> None:
        """Nobody else has the line."""

    async def run(self) -> None:
        """Open, and stay so until cancelled."""
        self._on_state(True)
        await asyncio.Event().wait()


class Gateway:
    """`ways`: by board, or RADIO, what takes bytes to it. `came(board, data)` brings bytes from it."""

    def __init__(
        self,
        folder: Path,
        name: str,
        clock: Clock,
        rng: random.Random,
        transport: httpx.AsyncBaseTransport,
        token: str,
        ways: dict[int, Callable[[bytes], None]],
    ):
        self.name = name
        self.kills = 0
        self.disks = 0
        self.connection: Connection | None = None  # None while the process is down
        self._folder, self._clock, self._rng, self._ways = folder, clock, rng, ways
        self._transport, self._token = transport, token
        self._ports: dict[int, Port] = {}
        self._after_death: list[Callable[[], None]] = []  # what befalls the disk before the next start
        self._life: asyncio.Task[None] | None = None

    def came(self, board: int, data: bytes) -> None:
        """Take bytes from a board's line; nobody hears them while the process is down."""
        if board in self._ports:
            self._ports[board].came(data)

    def kill(self) -> None:
        """Let the process die between two of its next statements."""
        if self.connection is not None:
            self.connection.kill(self._rng.randrange(1, MAX_STATEMENTS))

    def lose_disk(self) -> None:
        """Let the process die and its disk with it; an empty one takes its place."""
        if self.connection is not None:
            self._after_death.append(self._empty_disk)
            self.connection.kill(1)

    def image(self) -> None:
        """Let the process die and its disk be copied before it goes on."""
        if self.connection is not None:
            self._after_death.append(lambda: _replace(self._image, self.disk))
            self.connection.kill(1)

    def restore(self) -> None:
        """Let the process die; a disk as it was copied takes the place of the one that ran."""
        if self.connection is not None and self._image.exists():
            self._after_death.append(lambda: _replace(self.disk, self._image))
            self.connection.kill(1)

    @property
    def disk(self) -> Path:
        """Return the folder of the disk that runs."""
        return self._folder / f"disk-{self.disks}"

    @property
    def _image(self) -> Path:
        return self._folder / "image"

    def _empty_disk(self) -> None:
        self.disks += 1

    async def run(self) -> None:
        """Run until cancelled, and again a moment after each death."""
        while True:
            life = self._life = asyncio.create_task(self._live())
            try:
                await asyncio.wait({life})
            finally:
                life.cancel()
            if self.connection is None or not self.connection.dead:
                life.result()  # it ended by itself: whatever it raised is a fault of the product
            self.kills += 1
            self._ports, self.connection = {}, None
            for befall in self._after_death:
                befall()
            self._after_death.clear()
            await asyncio.sleep(self._rng.uniform(0.2, 3.0))

    async def _live(self) -> None:
        folder = self.disk
        _lay(folder)
        open_store(folder, self._rng.getrandbits(32)).close()
        connection = self.connection = Connection(database.connect(folder / database.FILE_NAME), self._die)
        store = Store(connection)  # type: ignore[arg-type]
        as_of_s = store.knowledge.get(AS_OF)
        http = httpx.AsyncClient(
            base_url="http://centre", headers={"authorization": f"Bearer {self._token}"}, transport=self._transport
        )
        jobs = Inline(store, connection)
        try:
            product = Product(
                self._settings(folder),
                self._clock,
                jobs,
                jobs,
                Centre(http),
                Freshness(None if as_of_s is None else int(as_of_s)),
                look(store),
                random.Random(self._rng.getrandbits(64)),
                self._port_of,  # type: ignore[arg-type]
            )
            await product.serve()
        finally:
            connection.dead = True
            connection.close()
            await http.aclose()

    def _die(self) -> None:
        assert self._life is not None
        self._life.cancel()

    def _settings(self, folder: Path) -> Settings:
        serial = [Path(str(board)) for board in self._ways if board != RADIO]
        radio = [Path(str(RADIO))] if RADIO in self._ways else []
        return Settings(data=folder, name=self.name, central_url="http://centre", serial=serial, radio=radio)

    def _port_of(
        self, path: Path, _baud: int, on_bytes: Callable[[bytes], None], on_state: Callable[[bool], None]
    ) -> Port:
        board = int(path.name)
        self._ports[board] = Port(path, on_bytes, on_state, self._ways[board])
        return self._ports[board]
