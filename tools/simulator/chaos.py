"""What befalls machines in a run, second by second: power, lines, processes, disks, clocks."""

import asyncio
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from simulator.board import Board
from workbench.journal_image import find_sectors, records_of

if TYPE_CHECKING:
    from simulator.run import World

WITHIN = 12  # flash operations: about four taps
DAY_S = 86_400
TICK_S = 1.0


class Chaos:
    """Strikes the parts of one world until cancelled."""

    def __init__(self, world: "World", rng: Random):
        self._world = world
        self._rng = rng

    async def run(self) -> None:
        """Strike for ever; what was unplugged or full is mended before this ends."""
        try:
            while True:
                self._at_boards()
                self._at_lines()
                self._at_gateways()
                self._on_air()
                if self._world.faults.strikes("centre-kill", "the centre"):
                    self._world.centre.kill()
                await asyncio.sleep(TICK_S)
        finally:
            self._mend()

    def _at_boards(self) -> None:
        faults = self._world.faults
        for board in self._world.boards:
            if faults.strikes("power", f"board {board.number}"):
                board.flash.cut(self._rng.randrange(1, WITHIN))
            if faults.strikes("clock-jump", f"board {board.number}"):
                self._perhaps_off(board)
                board.rtc.jump(self._rng.choice((-DAY_S, DAY_S)))
            if faults.strikes("rot", f"board {board.number}"):
                board.rot()
            if faults.strikes("clock-stop", f"board {board.number}"):
                self._perhaps_off(board)
                board.rtc.stop()
            if self._world.technician.can_move(board) and faults.strikes("board-move", f"board {board.number}"):
                self._world.technician.move(board)
            if not board.rotten and faults.strikes("board-swap", f"board {board.number}"):
                self._world.technician.swap(board)
            if board.app is not None and faults.strikes("board-restore", f"board {board.number}"):
                self._restore(board)
            if self._world.clones.possible(board) and faults.strikes("board-clone", f"board {board.number}"):
                self._world.clones.put(board, self._rng)
                self._later(120, partial(self._world.clones.off, board.number), 20)

    def _perhaps_off(self, board: Board) -> None:
        """Take the supply away half the time: what befalls a clock then, the board does not see."""
        if self._rng.random() < 0.5:
            board.power_off()

    def _restore(self, board: Board) -> None:
        """Read a board's chip, and let it hold that again a while later."""
        assert board.app is not None
        image, place = bytes(board.cells.cells), board.place
        sectors = [sector for sector in find_sectors(image) if sector.epoch == place[1]]
        records = {((*place, seq), raw) for sector in sectors for seq, raw in records_of(sector)}

        def restore() -> None:
            if board.on_duty and board.place == place and not self._world.faults.over:
                self._world.oracle.restored(board, records)
                board.restore(image)

        self._later(60, restore, 5)

    def _at_lines(self) -> None:
        for way in self._world.sockets.ways():
            if self._world.faults.strikes("unplug"):
                way.cut = True
                self._later(20, partial(setattr, way, "cut", False))

    def _at_gateways(self) -> None:
        faults = self._world.faults
        for gateway in self._world.gateways:
            if faults.strikes("gateway-kill", gateway.name):
                gateway.kill()
            if faults.strikes("gateway-swap", gateway.name):
                gateway.lose_disk()
            if faults.strikes("gateway-restore", gateway.name):
                gateway.image()
                self._later(60, gateway.restore, 5)
            if gateway.connection is not None and faults.strikes("disk-full", gateway.name):
                connection = gateway.connection
                connection.full = True
                self._later(10, partial(setattr, connection, "full", False))

    def _on_air(self) -> None:
        faults, air = self._world.faults, self._world.air
        if air is None:
            return
        if faults.strikes("air-loss", "the air"):
            air.weather(self._rng.uniform(0.1, 0.9), 0)
            self._later(40, lambda: air.weather(0, 0))
        if faults.strikes("air-bits", "the air"):
            air.weather(0, self._rng.uniform(0.1, 0.5))
            self._later(40, lambda: air.weather(0, 0))
        if faults.strikes("air-foreign"):
            air.intrude(self._world.links.channel_hz, self._world.links.factor)
        for modem in self._world.modems:
            if faults.strikes("modem-power", modem.name):
                modem.flash.cut(self._rng.randrange(1, WITHIN))
        for chip in self._world.radios():
            if faults.strikes("radio-fails", "a radio"):
                chip.broken = True
                self._later(20, partial(setattr, chip, "broken", False))

    def _later(self, most_s: float, then: Callable[[], None], least_s: float = 0.5) -> None:
        asyncio.get_running_loop().call_later(self._rng.uniform(least_s, most_s), then)

    def _mend(self) -> None:
        for flash in [board.flash for board in self._world.boards] + [modem.flash for modem in self._world.modems]:
            flash.cut(0)
        for way in self._world.sockets.ways():
            way.cut = False
        for number in list(self._world.clones.on_line):
            self._world.clones.off(number)
        for gateway in self._world.gateways:
            if gateway.connection is not None:
                gateway.connection.full = False
        for chip in self._world.radios():
            chip.broken = False
        if self._world.air is not None:
            self._world.air.weather(0, 0)
