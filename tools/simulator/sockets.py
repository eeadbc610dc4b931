"""Serial lines and the sockets in which they are plugged: a board may be carried from one gateway to another."""

from collections.abc import Callable
from random import Random

from simulator.board import Board
from simulator.faults import Faults
from simulator.gateway import SPARE, Gateway
from simulator.line import Way


class Line:
    """A board's line, both directions; `place`: the gateway and the port in which its plug is, None while in none."""

    def __init__(self, faults: Faults, up: Random, down: Random):
        self.place: tuple[Gateway, int] | None = None
        self.board: Board | None = None
        self.up = Way(faults, up, self._to_gateway)
        self.down = Way(faults, down, self._to_board)

    def _to_gateway(self, data: bytes) -> None:
        if self.place is not None:
            gateway, port = self.place
            gateway.came(port, data)

    def _to_board(self, data: bytes) -> None:
        if self.board is not None:
            self.board.came(data)


class Sockets:
    """All gateways' serial ports: each has the ports of its own boards, and a spare one."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}  # by board
        self._plugged: dict[tuple[str, int], Line] = {}
        self._own: dict[str, set[int]] = {}

    def ways(self) -> list[Way]:
        """Return both directions of all lines."""
        return [way for line in self.lines.values() for way in (line.up, line.down)]

    def sender(self, name: str, port: int) -> Callable[[bytes], None]:
        """Return what a gateway's port writes with: it reaches whoever is plugged in there."""
        self._own.setdefault(name, set()).add(port)

        def send(data: bytes) -> None:
            line = self._plugged.get((name, port))
            if line is not None:
                line.down.send(data)

        return send

    def plug(self, line: Line, gateway: Gateway, port: int) -> None:
        """Put a line's plug into a port that is free, out of any other."""
        assert self.is_free(gateway, port), f"{gateway.name} has something in port {port}"
        self.unplug(line)
        line.place = gateway, port
        self._plugged[gateway.name, port] = line

    def unplug(self, line: Line) -> None:
        """Pull a line's plug."""
        if line.place is not None:
            gateway, port = line.place
            del self._plugged[gateway.name, port]
            line.place = None

    def free(self, board: int, gateway: Gateway) -> int | None:
        """Return the port of a gateway for a board that comes: its own, or the spare one; None while that is taken."""
        port = board if board in self._own[gateway.name] else SPARE
        return port if self.is_free(gateway, port) else None

    def is_free(self, gateway: Gateway, port: int) -> bool:
        """Return True if nothing is plugged into a port."""
        return (gateway.name, port) not in self._plugged
