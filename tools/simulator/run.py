"""One run from one seed: everything starts, people and faults do their part, faults end, and the oracle judges."""

import asyncio
import contextlib
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import checkpost.session as sessions
from simulator.air import Air, Transceiver
from simulator.board import Board
from simulator.centre import Centre
from simulator.chaos import Chaos
from simulator.clones import Clones
from simulator.faults import Faults
from simulator.gateway import RADIO, SPARE, Gateway
from simulator.keywork import in_long_slices
from simulator.links import MIXED, Links
from simulator.loop import VirtualLoop, without_threads
from simulator.modem import Modem
from simulator.moments import Key
from simulator.office import compare, crossings_of, mark_of, moments_of, pages, raw_records
from simulator.oracle import Oracle
from simulator.people import Guard, tap_once_more
from simulator.site import FIRST_UTC_MS, Site, register
from simulator.sockets import Line, Sockets
from simulator.technician import Technician

CALM_S = 300  # within so long after the last fault all is delivered
CALM_AIR_S = 4 * 3600  # by radio, where an hour's share of the air may be used up
READ_S = 10.0  # how often the office reads the feed
SETTLING_READ_S = 60.0  # when no fault strikes any more
LOOK_S, LATER_S = 1.0, 20.0  # how often it is asked if all is delivered: at first, and after a minute
BACKOFF_S = 75.0  # a gateway that failed tries its centre again by then
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
    packets: int = 0  # on the air
    air_s: float = 0.0
    mark: str = ""  # of all that the office read, in its order: two runs of one seed have one mark


class Clock:
    """Virtual time as gateways want it."""

    def utc_ms(self) -> int:
        """Return UTC in milliseconds since 1970."""
        return FIRST_UTC_MS + int(asyncio.get_running_loop().time() * 1000)

    def steady_ms(self) -> int:
        """Return milliseconds since the run began."""
        return int(asyncio.get_running_loop().time() * 1000)

    def uncertainty_ms(self) -> int:
        """Return 0: this is the time."""
        return 0


def simulate(seed: int, boards: int, taps: int, chosen: tuple[str, ...], links: str = MIXED) -> Result:
    """Run one seed: `taps` in all, over `boards` boards, with the faults that are chosen; `links`: see `links.py`."""
    without_threads()
    with _folder() as folder, asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(World(folder, seed, chosen, links).play(boards, taps))


def attempt(seed: int, boards: int, taps: int, chosen: tuple[str, ...], links: str = MIXED) -> Result:
    """Do as `simulate`; a run that ends in an error is broken, and no end of a long search."""
    try:
        return simulate(seed, boards, taps, chosen, links)
    except (Exception, BaseExceptionGroup) as error:
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        story = [words.rstrip() for words in traceback.format_exception(cause)]
        return Result(seed, [f"crash: {type(cause).__name__} {cause}".rstrip()], story)


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

    def __init__(self, folder: Path, seed: int, chosen: tuple[str, ...], links: str):
        self._folder = folder
        self._seed = seed
        self._clock = Clock()
        self.oracle = Oracle(lambda: asyncio.get_running_loop().time())
        self.faults = Faults(self._dice("faults"), chosen, self.oracle.note)
        self.boards: list[Board] = []
        self.gateways: list[Gateway] = []
        self.sockets = Sockets()
        self.modems: list[Modem] = []
        self.links = Links(links, self._dice("links"))
        self.air: Air | None = None  # None where no board is by radio
        self._positions = 0

    def _dice(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")

    async def play(self, boards: int, taps: int) -> Result:
        """Play the run."""
        (self._folder / "centre").mkdir()
        self.centre = Centre(self._folder / "centre", self._clock.utc_ms, self.faults, self._dice("centre"))
        with _all_sealed(self.oracle), in_long_slices():
            async with asyncio.TaskGroup() as tasks:
                lives = [tasks.create_task(self.centre.run())]
                site = await register(self.centre, boards, self._dice("site"), self.links.of)
                self._build(site)
                self.clones = Clones(self.sockets, self.gateways, self.faults, self.oracle, self._clock.utc_ms)
                self.technician = self._technician(site)
                lives.append(tasks.create_task(self.technician.run()))
                lives += [tasks.create_task(gateway.run()) for gateway in self.gateways]
                lives += [tasks.create_task(modem.run()) for modem in self.modems]
                lives += [tasks.create_task(board.run()) for board in self.boards]
                lives.append(tasks.create_task(self._read_for_ever()))
                chaos = tasks.create_task(Chaos(self, self._dice("chaos")).run())
                await self._people(site, taps)
                self.faults.calm()
                chaos.cancel()
                await tap_once_more(self.boards, self.oracle, site.cards, self._dice("once more"))
                for board in self.boards:
                    board.resting = True
                await self._settle()
                result = await self._judge(site)
                for life in lives:
                    life.cancel()
        return result

    def _build(self, site: Site) -> None:
        for name, settings in site.boards.items():
            downward: dict[int, Any] = {SPARE: self.sockets.sender(name, SPARE)}
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

    def _technician(self, site: Site) -> Technician:
        known = self.boards, self.gateways, self.sockets, self.clones, self.oracle
        return Technician(self.centre, site, *known, self._clock.utc_ms, self._dice("technician"))

    def radios(self) -> list[Transceiver]:
        """Return the radio chips of boards and modems."""
        return [board.radio for board in self.boards if board.radio] + [modem.chip for modem in self.modems]

    def _add_board(self, gateway: Gateway, values: dict[str, object], downward: dict[int, Any]) -> None:
        number = int(str(values["board"]))
        if values["link"] != self.links.serial:
            self._add_radio(gateway, values, downward)
            return
        line = Line(self.faults, self._dice(f"up {number}"), self._dice(f"down {number}"))
        dice = self._dice(f"board {number}")
        line.board = Board(values, self._clock.utc_ms, dice, self.oracle.heard, line.up.send)
        downward[number] = self.sockets.sender(gateway.name, number)
        self.sockets.lines[number] = line
        self.sockets.plug(line, gateway, number)
        self.boards.append(line.board)

    def _add_radio(self, gateway: Gateway, values: dict[str, object], downward: dict[int, Any]) -> None:
        """Add a board by radio, and its gateway's modem where it is the first."""
        self.air = self.air or Air(self._seed, self._dice("air"))
        if RADIO not in downward:
            dice = self._dice(f"modem {gateway.name}")
            name = f"modem {gateway.name}"
            modem = Modem(name, self.links.radio, self.air, dice, lambda data: gateway.came(RADIO, data))
            self.modems.append(modem)
            downward[RADIO] = modem.came
        dice = self._dice(f"board {values['board']}")
        self.boards.append(Board(values, self._clock.utc_ms, dice, self.oracle.heard, lambda data: None, self.air))

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
            await asyncio.sleep(SETTLING_READ_S if self.faults.over else READ_S)

    async def _read(self) -> None:
        more = True
        while more:
            page = await self.centre.office("GET", f"/v1/feed?after={self._positions}&limit={PAGE}")
            self.oracle.read_feed([row["position"] for row in page["crossings"]])
            self._positions, more = page["position"], page["more"]

    async def _settle(self) -> None:
        """Wait until the centre holds every journal, or the bound is over; where it may hold as many records of another
        story, until gateways had the time to hear that from it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (CALM_S if self.air is None else CALM_AIR_S)
        await self._all_delivered(until)
        if any(self.oracle.unnamed(board) for board in self.boards):
            await asyncio.sleep(BACKOFF_S)
            await self._all_delivered(until)

    async def _all_delivered(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        soon = loop.time() + 60
        while loop.time() < until and not await self._delivered():
            await asyncio.sleep(LOOK_S if loop.time() < soon else LATER_S)

    async def _delivered(self) -> bool:
        if self.technician.busy or any(board.app is None or board.app.uplink.queue() for board in self.boards):
            return False
        held = {
            (one["board"], one["epoch"]): one["seq"]
            for one in (await self.centre.office("GET", "/v1/held", "admin"))["held"]
        }
        journals = [board.app.journal for board in self.boards if board.app]
        return all(held.get((one.board, one.epoch), 0) == one.next_seq - 1 for one in journals)

    async def _judge(self, site: Site) -> Result:
        self.centre.spare()
        await self.centre.hear_all(site.tokens)
        await self._read()
        held = raw_records(self._folder / "centre")
        crossings = await crossings_of(self.centre)
        self.oracle.judge(self.boards, held, crossings)
        self.oracle.judge_times(self.boards, moments_of(self._folder / "centre"))
        feed = await pages(self.centre, "/v1/feed")
        self.oracle.judge_feed([row["position"] for row in feed])
        self.oracle.broken += [f"law: {words}" for words in (self.air.broken_law() if self.air else [])]
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
            *(self.air.carried() if self.air else (0, 0.0)),
            mark_of(held, crossings, feed),
        )

    async def _judge_again(self, site: Site, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> list[str]:
        """Give the same records to a second centre, board by board: no verdict may depend on the order of arrival."""
        (self._folder / "second").mkdir()
        quiet = Faults(self._dice("second"), ())
        second = Centre(self._folder / "second", self._clock.utc_ms, quiet, self._dice("second"))
        living = asyncio.create_task(second.run())
        try:
            return await compare(second, site, held, crossings)
        finally:
            living.cancel()


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
