"""A second board with the keys, the number and a copy of the chip of one that is on duty, as an attacker makes it."""

import asyncio
from collections.abc import Callable
from random import Random

from simulator.board import Board
from simulator.faults import Faults
from simulator.gateway import SPARE, Gateway
from simulator.oracle import Oracle
from simulator.sockets import Line, Sockets


class Clones:
    """`on_line`: by board number, what takes the clone off again."""

    def __init__(
        self, sockets: Sockets, gateways: list[Gateway], faults: Faults, oracle: Oracle, utc_ms: Callable[[], int]
    ):
        self._sockets, self._gateways, self._faults, self._oracle = sockets, gateways, faults, oracle
        self._utc_ms = utc_ms
        self.on_line: dict[int, Callable[[], None]] = {}

    def possible(self, board: Board) -> bool:
        """Return True if a board is on duty at a line, has no clone yet, and a gateway has a port for one."""
        return (
            board.app is not None
            and board.number in self._sockets.lines
            and board.number not in self.on_line
            and self._place(board) is not None
        )

    def put(self, board: Board, rng: Random) -> None:
        """Let a clone speak at a spare port, the board's own gateway before others; nobody taps there."""
        gateway = self._place(board)
        assert gateway is not None
        dice = [Random(rng.getrandbits(64)) for _ in range(3)]
        line = Line(self._faults, dice[0], dice[1])
        clone = line.board = Board(dict(board.values), self._utc_ms, dice[2], lambda *_: None, line.up.send)
        clone.cells.cells[:] = board.cells.cells
        self._sockets.plug(line, gateway, SPARE)
        self._oracle.cloned(board)
        life = asyncio.get_running_loop().create_task(clone.run())
        life.add_done_callback(lambda ended: ended.cancelled() or ended.result())

        def off() -> None:
            self._sockets.unplug(line)
            life.cancel()

        self.on_line[board.number] = off

    def off(self, number: int) -> None:
        """Take a board's clone off its line, if it has one."""
        self.on_line.pop(number, lambda: None)()

    def _place(self, board: Board) -> Gateway | None:
        line = self._sockets.lines[board.number]
        free = [gateway for gateway in self._gateways if self._sockets.is_free(gateway, SPARE)]
        own = [gateway for gateway in free if line.place is not None and line.place[0] is gateway]
        return next(iter(own or free), None)
