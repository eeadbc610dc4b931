"""A gateway at the far end of a board's line, in this process: proves the chain, acknowledges, answers, tells time.

The board writes its bytes and at once reads those of the answer, so its time can be anything: a message is a length
and the board's true UTC in seconds (four bytes each, little-endian), then the bytes; an answer is a length and bytes.
"""

import os
import socket
from collections.abc import Callable

from checkpost import chain
from checkpost.cardkeys import LIVE
from checkpost.downward import Acked, Answer, RosterPiece, Time
from checkpost.gateway_link import GatewayLink, Opened, Records, Send, StatusUpdate, Turn
from checkpost.proofs import CardKey
from checkpost.record import CROSSING, SIZE, unpack, unpack_crossing
from checkpost.record import LIVE as PROVEN
from checkpost.upward import Base, Query, Status

LINK_KEY = bytes(range(16))
CARD_KEY, CARD_KEY_VERSION = bytes(range(16)), 1  # of every card, as in inside/world.py


class ChainBroken(Exception):
    """Records did not continue the chain: the board lost, doubled or changed one."""


class FarEnd:
    """Serves one board. `held` is the last sequence held, `head` the chain after it; `deltas(revision)` may give a
    roster's next piece, or None; `live`: the board is given the key of each card that it asks about."""

    def __init__(
        self, held: int, head: bytes, deltas: Callable[[int], RosterPiece | None] | None = None, live: bool = False
    ) -> None:
        self._live = live
        self.held = held
        self.head = head
        self.heard_bytes = 0
        self.said_bytes = 0
        self.queries = 0
        self.proven = 0
        self.opened = 0
        self.error: Exception | None = None
        self._deltas = deltas
        self._revision: int | None = None
        self._epoch = 0
        self._utc_s = 0
        self._now_ms = 0
        self._answers: list[object] = []
        self._link = GatewayLink(lambda board: LINK_KEY, os.urandom)

    def serve(self, line: socket.socket) -> None:
        """Answer until the board closes the line; an error is kept and ends the line."""
        try:
            while head := _exactly(line, 8):
                self._utc_s = int.from_bytes(head[4:], "little")
                answer = self.take(_exactly(line, int.from_bytes(head[:4], "little")))
                line.sendall(len(answer).to_bytes(4, "little") + answer)
        except (ChainBroken, ValueError) as error:
            self.error = error
            line.shutdown(socket.SHUT_RDWR)

    def take(self, data: bytes) -> bytes:
        """Return what goes back for some bytes of the board."""
        self.heard_bytes += len(data)
        self._now_ms += 1  # only the age of a session hangs on it
        out = b""
        for event in self._link.receive(data, self._now_ms):
            out += self._hear(event)
        self.said_bytes += len(out)
        return out

    def _hear(self, event: object) -> bytes:
        if isinstance(event, Send):
            return event.data
        if isinstance(event, Opened | StatusUpdate):
            self.opened += isinstance(event, Opened)
            assert isinstance(event.status, Status)
            self._note(event.status)
        elif isinstance(event, Records):
            self._take_records(event)
        elif isinstance(event, Query):
            self.queries += 1
            if self._live:
                self._answers.append(CardKey(event.query_id, LIVE, CARD_KEY_VERSION, CARD_KEY))
            self._answers.append(Answer(event.query_id, 0, 0, 0, 0, 1, 0))
        elif isinstance(event, Base) and event.first_seq > self.held + 1:
            raise ChainBroken(f"the board begins at {event.first_seq}, held is {self.held}")
        elif isinstance(event, Turn):
            return self._answer()
        return b""

    def _note(self, status: Status) -> None:
        self._epoch = status.epoch
        self._revision = status.roster_revision

    def _take_records(self, event: Records) -> None:
        if event.first_seq != self.held + 1:
            raise ChainBroken(f"records begin at {event.first_seq}, held is {self.held}")
        head = chain.extend(self.head, event.records)
        if head[: chain.SHORT_SIZE] != event.head4:
            raise ChainBroken(f"the chain does not hold after {self.held}")
        self.held += len(event.records) // SIZE
        self.proven += sum(map(_proven, (event.records[at : at + SIZE] for at in range(0, len(event.records), SIZE))))
        self.head = head

    def _answer(self) -> bytes:
        said: list[object] = [Acked(self._epoch, self.held, self.held), *self._answers, Time(self._utc_s, 0, 36)]
        self._answers = []
        piece = self._deltas(self._revision) if self._deltas and self._revision is not None else None
        if piece is not None:
            said.append(piece)
        return self._link.answer(said, self._now_ms)


def _proven(raw: bytes) -> bool:
    """Return True for the crossing of a card that proved itself."""
    record = unpack(raw)
    return record.kind == CROSSING and unpack_crossing(record.body).assurance == PROVEN


def _exactly(line: socket.socket, size: int) -> bytes:
    """Return `size` bytes, fewer at the end of the line."""
    data = b""
    while len(data) < size:
        try:
            piece = line.recv(size - len(data))
        except ConnectionResetError:
            piece = b""
        if not piece:
            return b""
        data += piece
    return data
