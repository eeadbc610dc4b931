"""The technician of a run: carries boards from gateway to gateway, puts spares in their place, and heeds alarms.

The steps are those of tools/README.md: a board's log goes to its gateway in a file, which is kept until the centre
holds what is in it; then the board, or its spare, goes on in the next epoch with keys of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from gateway import live
from gateway.central.access import ADMIN
from gateway.errors import OperatorError
from gateway.intake.bundles import import_bundle
from gateway.store.store import open_store
from kiosk.bundle import entries
from simulator.board import Board
from simulator.centre import Centre
from simulator.clones import Clones
from simulator.gateway import Gateway
from simulator.moments import Place
from simulator.oracle import Oracle
from simulator.site import Site
from simulator.sockets import Sockets
from workbench.journal_image import read_records

WALK_S = 15.0  # at most, between two steps
LOOK_S = 10.0  # how often the gateways' state is looked at
AGAIN_S = 60.0  # a log that is not at the centre by then is taken in once more


class Technician:
    """Does what is asked of it, in the order of asking, also when no fault strikes any more."""

    def __init__(
        self,
        centre: Centre,
        site: Site,
        boards: list[Board],
        gateways: list[Gateway],
        sockets: Sockets,
        clones: Clones,
        oracle: Oracle,
        utc_ms: Callable[[], int],
        rng: Random,
    ):
        self._centre, self._site, self._gateways = centre, site, {gateway.name: gateway for gateway in gateways}
        self._sockets, self._clones = sockets, clones
        self._boards = {board.number: board for board in boards}
        self._oracle, self._utc_ms, self._rng = oracle, utc_ms, rng
        self._homes = {int(str(one["board"])): name for name, boards in site.boards.items() for one in boards}
        self._jobs: deque[Callable[[], Awaitable[None]]] = deque()
        self._working = False
        self._heeded: set[Place] = set()

    @property
    def busy(self) -> bool:
        """Return True while a job waits or is under way."""
        return self._working or bool(self._jobs)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not self._jobs:
                await asyncio.sleep(LOOK_S)
                self._look()
                continue
            self._working = True
            await self._jobs.popleft()()
            self._working = False

    def can_move(self, board: Board) -> bool:
        """Return True if a board's line reaches another gateway that has a port for it."""
        return self._elsewhere(board) is not None

    def move(self, board: Board) -> None:
        """Carry a board's line to another gateway; the centre hears of it before, or when it is done."""
        self._jobs.append(partial(self._move, board))

    def swap(self, board: Board) -> None:
        """Put a spare with an empty journal in a board's place."""
        self._jobs.append(partial(self._renew, board, new_chip=True))

    def _look(self) -> None:
        """Heed what gateways say, or the centre through them: that board goes on in a new epoch."""
        for gateway in self._gateways.values():
            ports = live.read(gateway.disk).get("ports", [])
            for said in (said for port in ports for said in port["boards"] if said["alarms"]):
                self._heed((said["board"], said["epoch"]), said["alarms"])
        for place, why in self._contradictions():
            self._heed(place, [why])

    def _contradictions(self) -> Iterator[tuple[Place, str]]:
        """Yield each log that the centre does not take since it holds another, and its words."""
        for gateway in self._gateways.values():
            for place, why in live.read(gateway.disk).get("centre", {}).get("refuses", {}).items():
                if "differs from" in why or "continue the chain" in why:
                    number, epoch = place.split("/")
                    yield (int(number), int(epoch)), why

    def _heed(self, place: Place, alarms: list[str]) -> None:
        if place in self._heeded:
            return
        self._heeded.add(place)
        board = self._boards[place[0]]
        if board.rotten:  # it goes on, and tells the gaps itself
            return
        self._oracle.alarmed(place, alarms)
        if place == board.place:
            self._jobs.append(partial(self._renew, board, new_chip=False))

    def _elsewhere(self, board: Board) -> tuple[Gateway, int] | None:
        line = self._sockets.lines.get(board.number)
        if line is None or line.place is None:
            return None
        for gateway in self._gateways.values():
            port = self._sockets.free(board.number, gateway)
            if gateway is not line.place[0] and port is not None:
                return gateway, port
        return None

    async def _move(self, board: Board) -> None:
        place = self._elsewhere(board)
        if place is None:  # another board took the port since
            return
        steps = [partial(self._tell_centre, board, place[0]), partial(self._plug, board, *place)]
        self._rng.shuffle(steps)
        for step in steps:
            await step()
            await asyncio.sleep(self._rng.uniform(0, WALK_S))
        self._homes[board.number] = place[0].name

    async def _tell_centre(self, board: Board, gateway: Gateway) -> None:
        point = board.values["crossing_point"]
        assert isinstance(point, dict)
        where = {"crossing_point": point["code"], "lane": board.values["lane"], "gateway": gateway.name}
        await self._tell("/v1/boards", where | {"link_key": board.values["link_key"]})

    async def _plug(self, board: Board, gateway: Gateway, port: int) -> None:
        line = self._sockets.lines[board.number]
        self._sockets.unplug(line)
        await asyncio.sleep(self._rng.uniform(0.5, WALK_S))
        while not self._sockets.is_free(gateway, port):  # a clone was quicker
            await asyncio.sleep(LOOK_S)
        self._sockets.plug(line, gateway, port)

    async def _tell(self, path: str, body: dict[str, Any]) -> Any:
        self._site.knowledge.append(("POST", path, body))
        return await self._centre.office("POST", path, ADMIN, json=body)

    async def _renew(self, board: Board, new_chip: bool) -> None:
        """Take a board off duty, bring its log to the centre, and let it or a spare go on in the next epoch."""
        while board.app is None:
            await asyncio.sleep(1)
        self._clones.off(board.number)
        place, journal = board.place, board.app.journal
        number, epoch = place
        file, image = (self._centre.folder.with_name(f"{kind}-{number}-{epoch}") for kind in ("log", "chip"))
        file.write_bytes(b"".join(entries(journal, number, _key(board), self._rng.randbytes(32))))
        image.write_bytes(bytes(board.cells.cells))
        last, head = journal.next_seq - 1, bytes(journal.head())
        board.take_off()
        await asyncio.sleep(1)  # no stick is quicker than a frame that is on its way
        await self._bring(place, last, file)
        self._oracle.ended(place, last, head, read_records(image))
        keys = {"link_key": self._rng.randbytes(16).hex(), "seal_key": self._rng.randbytes(32).hex()}
        opened = await self._tell(f"/v1/boards/{number}/epochs", keys)
        board.values |= keys | {"epoch": opened["epoch"]}
        board.put_on(new_chip)

    async def _bring(self, place: Place, last: int, file: Path) -> None:
        """Bring a log through the board's gateway to the centre, unless it contradicts what one of them holds."""
        while True:
            try:
                self._take_in(self._gateways[self._homes[place[0]]], file)
            except OperatorError as error:
                if "do not fit" in str(error):
                    self._heeded.add(place)
                    self._oracle.alarmed(place, [str(error)])
                    return
            for _ in range(int(AGAIN_S / LOOK_S)):
                held = await self._centre.office("GET", "/v1/held", ADMIN)
                if {(one["board"], one["epoch"]): one["seq"] for one in held["held"]}.get(place, 0) >= last:
                    return
                if why := dict(self._contradictions()).get(place):
                    self._heeded.add(place)
                    self._oracle.alarmed(place, [why])
                    return
                await asyncio.sleep(LOOK_S)

    def _take_in(self, gateway: Gateway, file: Path) -> None:
        """`checkpost gateway bundle FILE`, beside the running gateway."""
        store = open_store(gateway.disk, self._rng.getrandbits(32))
        try:
            import_bundle(store, file, self._utc_ms() // 1000)
        finally:
            store.close()


def _key(board: Board) -> bytes:
    return bytes.fromhex(str(board.values["link_key"]))
