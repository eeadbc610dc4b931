"""Brings a firmware to one board, piece by piece: what the board asks for, when nothing else is to be said."""

import asyncio
from collections.abc import Callable
from functools import partial

from checkpost.carrier import Carrier
from checkpost.limits import FIRMWARE_PIECE
from checkpost.piece import HEAD_FILE, PIECE_HEAD, Piece, Wanted
from gateway.boards.firmware import UNDER_WAY, Wish, heard
from gateway.boards.progress import Left, Progress
from gateway.parts import Parts
from gateway.store.store import Store
from gateway.worker import SOON

AGAIN_S = 2.0  # a piece whose receipt does not show in what the board wants is sent again after this
AROUND = 4 + PIECE_HEAD  # bytes of a payload beside a piece's data: the counter's byte, type, length, head


class Bringing:
    """The gateway's side of one board's update. `spare()`: the carrier has room for what can wait.

    `piece_ms(bytes)`: what a piece takes at least, by the carrier's rules; 0: there are none.
    """

    def __init__(self, parts: Parts, board: int, carrier: Carrier):
        self._parts = parts
        self._board = board
        self._room = min(FIRMWARE_PIECE, carrier.max_payload - AROUND)
        self.spare: Callable[[], bool] = lambda: True
        self.piece_ms: Callable[[int], int] = lambda size: 0
        self._progress = Progress()
        self._size = 0  # of the bundle
        self.begin()

    def begin(self) -> None:
        """Start a session: the board has not said what it wants."""
        self._wanted: Wanted | None = None
        self._sent: tuple[bytes, int, int] | None = None
        self._sent_at_s = 0.0

    async def hear(self, wanted: Wanted) -> None:
        """Take down what the board wants, or what became of the bundle there."""
        self._wanted = wanted
        self._sent = None
        wish = self._parts.view.firmware.get(self._board)
        if wish is None:
            return
        now = heard(wish, wanted)
        self._progress.note(now.bundle, now.percent, self._parts.clock.steady_ms())
        if now != wish:
            self._parts.view.firmware[self._board] = now
            await self._parts.writer.run(SOON, partial(_note, board=self._board, wish=now))

    async def pieces(self) -> list[object]:
        """Return the piece that the board asks for, or the first one where it has not asked; none while one is out."""
        wish = self._parts.view.firmware.get(self._board)
        if wish is None or wish.state not in UNDER_WAY or not self.spare():
            return []
        piece = await self._next(wish)
        real_s = asyncio.get_running_loop().time()
        if piece is None or (self._sent == _place(piece) and real_s - self._sent_at_s < AGAIN_S):
            return []
        self._sent, self._sent_at_s = _place(piece), real_s
        return [piece]

    def left(self) -> Left | None:
        """Return how long what is under way still takes; None where nothing is, or nobody can say."""
        wish = self._parts.view.firmware.get(self._board)
        if wish is None or wish.state not in UNDER_WAY:
            return None
        return self._progress.left(self._parts.clock.steady_ms(), self._size, self._room, self.piece_ms(self._room))

    async def _next(self, wish: Wish) -> Piece | None:
        bundle = await self._parts.bundle(wish.bundle)
        if bundle is None:
            return None
        self._size = len(bundle.data)
        if self._wanted is not None and self._wanted.bundle in (bundle.id, bytes(len(bundle.id))):
            piece = bundle.piece(self._wanted.file, self._wanted.place, self._room)
            if piece is not None:
                return piece
        return bundle.piece(HEAD_FILE, 0, self._room)


def _place(piece: Piece) -> tuple[bytes, int, int]:
    return piece.bundle, piece.file, piece.place


def _note(store: Store, board: int, wish: Wish) -> None:
    with store.transaction():
        store.firmware.note(board, wish)
