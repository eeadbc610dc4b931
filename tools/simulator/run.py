"""One run from one seed: everything starts, people and faults do their part, faults end, and the oracle judges."""

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import checkpost.session as sessions
from gateway.central.access import ADMIN
from gateway.central.store import STORE_NAME, Store
from simulator.board import Board
from simulator.centre import Centre
from simulator.chaos import Chaos
from simulator.faults import Faults
from simulator.gateway import Gateway
from simulator.line import Way
from simulator.loop import VirtualLoop, without_threads
from simulator.oracle import Key, Oracle
from simulator.people import Guard
from simulator.site import FIRST_UTC_MS, Site, register

CALM_S = 300  # within so long after the last fault all is delivered
READ_S = 5.0  # how often the office reads the feed
PAGE = 200
MAX_STORY = 40  # lines


@dataclass
class Result:
    """What a run did. `broken`: each invariant that did not hold, in words."""

    seed: int
    broken: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)  # of the first record that is missing or wrong
    faults: Counter[str] = field(default_factory=Counter)
    records: int = 0
    crossings: int = 0
    simulated_s: float = 0.0


class Clock:
    """Virtual time as gateways want it."""

    def utc_ms(self) -> int:
        """Return UTC in milliseconds since 1970."""
        return FIRST_UTC_MS + self.steady_ms()

    def steady_ms(self) -> int:
        """Return milliseconds since the run began."""
        return int(asyncio.get_running_loop().time() * 1000)

    def uncertainty_ms(self) -> int:
        """Return 0: this is the time."""
        return 0


def simulate(seed: int, boards: int, taps: int, chosen: tuple[str, ...]) -> Result:
    """Run one seed: `taps` in all, over `boards` boards, with the faults that are chosen."""
    without_threads()
    with _folder() as folder, asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(World(folder, seed, chosen).play(boards, taps))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Lend a folder, in memory where the machine has such a place: the databases flush to it at every commit."""
    memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(prefix="checkpost-sim-", dir=memory if memory.is_dir() else None))
    try:
        yield path
    finally:
        shutil.rmtree(path)


class World:
    """All that lives in one run; every part's dice come from the seed and the part's name."""

    def __init__(self, folder: Path, seed: int, chosen: tuple[str, ...]):
        self._folder = folder
        self._seed = seed
        self._clock = Clock()
        self.oracle = Oracle(lambda: asyncio.get_running_loop().time())
        self.faults = Faults(self._dice("faults"), chosen, self.oracle.note)
        self.boards: list[Board] = []
        self.gateways: list[Gateway] = []
        self.ways: list[Way] = []
        self._positions = 0

    def _dice(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")

    async def play(self, boards: int, taps: int) -> Result:
        """Play the run."""
        (self._folder / "centre").mkdir()
        self.centre = Centre(self._folder / "centre", self._clock.utc_ms, self.faults, self._dice("centre"))
        with _all_sealed(self.oracle):
            async with asyncio.TaskGroup() as tasks:
                lives = [tasks.create_task(self.centre.run())]
                site = await register(self.centre, boards, self._dice("site"))
                self._build(site)
                lives += [tasks.create_task(gateway.run()) for gateway in self.gateways]
                lives += [tasks.create_task(board.run()) for board in self.boards]
                lives.append(tasks.create_task(self._read_for_ever()))
                chaos = tasks.create_task(Chaos(self, self._dice("chaos")).run())
                await self._people(site, taps)
                self.faults.calm()
                chaos.cancel()
                await self._settle()
                result = await self._judge(site)
                for life in lives:
                    life.cancel()
        return result

    def _build(self, site: Site) -> None:
        for name, settings in site.boards.items():
            downward: dict[int, Any] = {}
            gateway = Gateway(
                self._folder / name,
                name,
                self._clock,
                self._dice(name),
                self.centre,
                site.tokens[name],
                downward,
            )
            self.gateways.append(gateway)
            for values in settings:
                self._add_board(gateway, values, downward)

    def _add_board(self, gateway: Gateway, values: dict[str, object], downward: dict[int, Any]) -> None:
        number = int(str(values["board"]))
        up = Way(self.faults, self._dice(f"up {number}"), lambda data: gateway.came(number, data))
        dice = self._dice(f"board {number}")
        board = Board(values, self._clock.utc_ms, dice, self.oracle.heard, up.send)
        down = Way(self.faults, self._dice(f"down {number}"), board.came)
        downward[number] = down.send
        self.boards.append(board)
        self.ways += [up, down]

    async def _people(self, site: Site, taps: int) -> None:
        async with asyncio.TaskGroup() as guards:
            for at, board in enumerate(self.boards):
                dice = self._dice(f"people {board.number}")
                uids = [
                    dice.choice(site.cards) for _ in range(taps // len(self.boards) + (at < taps % len(self.boards)))
                ]
                guards.create_task(Guard(board, self.oracle, dice).serve(uids))

    async def _read_for_ever(self) -> None:
        """Pull the feed as an office does, from its cursor on."""
        while True:
            await self._read()
            await asyncio.sleep(READ_S)

    async def _read(self) -> None:
        more = True
        while more:
            page = await self.centre.office("GET", f"/v1/feed?after={self._positions}&limit={PAGE}")
            self.oracle.read_feed([row["position"] for row in page["crossings"]])
            self._positions, more = page["position"], page["more"]

    async def _settle(self) -> None:
        """Wait until the centre holds every journal, or the bound is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + CALM_S
        while loop.time() < until and not await self._delivered():
            await asyncio.sleep(1)

    async def _delivered(self) -> bool:
        if any(board.app is None for board in self.boards):
            return False
        held = {
            (one["board"], one["epoch"]): one["seq"]
            for one in (await self.centre.office("GET", "/v1/held", "admin"))["held"]
        }
        journals = [board.app.journal for board in self.boards if board.app]
        return all(held.get((one.board, one.epoch), 0) == one.next_seq - 1 for one in journals)

    async def _judge(self, site: Site) -> Result:
        await self._read()
        held = _raw_records(self._folder / "centre")
        crossings = await _crossings(self.centre)
        self.oracle.judge(self.boards, held, crossings)
        self.oracle.judge_feed([row["position"] for row in await _pages(self.centre, "/v1/feed")])
        self.oracle.broken += await self._judge_again(site, held, crossings)
        records = len(held)
        simulated_s = asyncio.get_running_loop().time()
        return Result(
            self._seed,
            self.oracle.broken,
            self.oracle.stories()[:MAX_STORY],
            self.faults.counts,
            records,
            len(crossings),
            simulated_s,
        )

    async def _judge_again(self, site: Site, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> list[str]:
        """Give the same records to a second centre, board by board: no verdict may depend on the order of arrival."""
        (self._folder / "second").mkdir()
        quiet = Faults(self._dice("second"), ())
        second = Centre(self._folder / "second", self._clock.utc_ms, quiet, self._dice("second"))
        living = asyncio.create_task(second.run())
        try:
            return await _compare(second, site, held, crossings)
        finally:
            living.cancel()


async def _compare(second: Centre, site: Site, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> list[str]:
    for method, path, body in site.knowledge:
        await second.office(method, path, ADMIN, json=body)
    await second.take(held)
    verdicts = {_place(row): _verdict(row) for row in await _crossings(second)}
    wrong = [row for row in crossings if verdicts.get(_place(row)) != _verdict(row)]
    return [
        f"verdict: {_place(row)} is {_verdict(row)}, and in another order {verdicts.get(_place(row))}" for row in wrong
    ]


def _place(row: dict[str, Any]) -> Key:
    return row["board"], row["epoch"], row["seq"]


def _verdict(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["verdict"], row["reasons"], row["notes"], row["outcome"], row["utc"], row["clock"]


async def _crossings(centre: Centre) -> list[dict[str, Any]]:
    return await _pages(centre, "/v1/crossings")


async def _pages(centre: Centre, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        page = await centre.office("GET", f"{path}?after={after}")
        found += page["crossings"]
        after, more = page["position"], page["more"]
    return found


def _raw_records(folder: Path) -> dict[Key, bytes]:
    store = Store(folder / STORE_NAME)
    try:
        with store.read() as transaction:
            return {
                (board, epoch, seq): bytes(raw)
                for board, epoch, last in transaction.log.held()
                for seq, raw in enumerate(transaction.log.records(board, epoch, 1, last), 1)
            }
    finally:
        store.close()


@contextlib.contextmanager
def _all_sealed(oracle: Oracle) -> Iterator[None]:
    """Let the oracle see every sealing of both ends."""
    real = sessions.ccm_seal  # type: ignore[attr-defined]

    def seal(key: bytes, nonce: bytes, header: bytes, plain: bytes) -> bytes:
        oracle.sealed(bytes(key), bytes(nonce), bytes(plain))
        return real(key, nonce, header, plain)

    sessions.ccm_seal = seal  # type: ignore[attr-defined]
    try:
        yield
    finally:
        sessions.ccm_seal = real  # type: ignore[attr-defined]
