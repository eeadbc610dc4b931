"""The technician of a run: carries boards from gateway to gateway, one job after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random

from gateway.central.access import ADMIN
from simulator.board import Board
from simulator.centre import Centre
from simulator.gateway import Gateway
from simulator.site import Site
from simulator.sockets import Sockets

WALK_S = 15.0  # at most, between two steps


class Technician:
    """Does what is asked of it, in the order of asking, also when no fault strikes any more."""

    def __init__(self, centre: Centre, site: Site, gateways: list[Gateway], sockets: Sockets, rng: Random):
        self._centre, self._site, self._gateways, self._sockets, self._rng = centre, site, gateways, sockets, rng
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._asked = self._done = 0

    @property
    def busy(self) -> bool:
        """Return True while a job waits or is under way."""
        return self._asked > self._done

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            job = await self._jobs.get()
            await job()
            self._done += 1

    def can_move(self, board: Board) -> bool:
        """Return True if a board's line reaches another gateway that has a port for it."""
        return self._elsewhere(board) is not None

    def move(self, board: Board) -> None:
        """Carry a board's line to another gateway; the centre hears of it before, or when it is done."""
        self._ask(partial(self._move, board))

    def _ask(self, job: Callable[[], Awaitable[None]]) -> None:
        self._asked += 1
        self._jobs.put_nowait(job)

    def _elsewhere(self, board: Board) -> tuple[Gateway, int] | None:
        line = self._sockets.lines.get(board.number)
        if line is None or line.place is None:
            return None
        for gateway in self._gateways:
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

    async def _tell_centre(self, board: Board, gateway: Gateway) -> None:
        point = board.values["crossing_point"]
        assert isinstance(point, dict)
        asked = {
            "crossing_point": point["code"],
            "lane": board.values["lane"],
            "gateway": gateway.name,
            "link_key": board.values["link_key"],
        }
        self._site.knowledge.append(("POST", "/v1/boards", asked))
        await self._centre.office("POST", "/v1/boards", ADMIN, json=asked)

    async def _plug(self, board: Board, gateway: Gateway, port: int) -> None:
        line = self._sockets.lines[board.number]
        self._sockets.unplug(line)
        await asyncio.sleep(self._rng.uniform(0.5, WALK_S))
        self._sockets.plug(line, gateway, port)
