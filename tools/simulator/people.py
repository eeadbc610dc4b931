"""Guards and travellers: cards on readers, fingers on buttons, and ears that hear when a board says it is done."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

from simulator.board import Board
from simulator.oracle import Oracle

PATIENCE_S = 6.0  # a guard waits so long for a sound, then the card is laid down again
AWAY_S = 3.3  # between two cards: longer than the board takes the same card for one tap
TRIES = 40  # a board that stays silent through so many is broken for good


class Silent(Exception):
    """A board gives no answer although nothing is wrong any more."""


async def tap_once_more(boards: list[Board], oracle: Oracle, cards: list[bytes], rng: Random) -> None:
    """Tap at boards that have a clone: where that wrote a record more than the board, its next one shows it."""
    async with asyncio.TaskGroup() as guards:
        for board in boards:
            if oracle.doubtful(board):
                guard = Guard(board, oracle, Random(rng.getrandbits(64)))
                guards.create_task(guard.serve(rng.choices(cards, k=3)))


class Guard:
    """Serves one board's travellers."""

    def __init__(self, board: Board, oracle: Oracle, rng: Random):
        self._board = board
        self._oracle = oracle
        self._rng = rng

    async def serve(self, uids: list[bytes]) -> None:
        """Tap each card until it was answered, and say what happened for most."""
        for uid in uids:
            await self._tap(uid)
            if self._rng.random() < 0.85:
                await asyncio.sleep(self._rng.uniform(0.2, 1.5))
                await self._decide()
            await asyncio.sleep(AWAY_S + self._rng.expovariate(0.5))

    async def _tap(self, uid: bytes) -> None:
        board = self._board
        for _ in range(TRIES):
            if self._rng.random() < 0.1:
                board.buttons["direction"].press()
            beeps = self._oracle.answers(board, uid)
            board.reader.uid = uid
            board.notice()
            if await self._more(lambda: self._oracle.answers(board, uid), beeps):
                board.reader.uid = b""
                return
            board.reader.uid = b""
            await asyncio.sleep(AWAY_S)
        raise Silent(f"board {board.number} gives no answer to a card")

    async def _decide(self) -> None:
        """Press once; a press that the power took is not repeated, as little as people do."""
        board = self._board
        if self._rng.random() < 0.05:
            board.buttons["no_card"].press()
            board.notice()
            await asyncio.sleep(0.3)
        beeps = self._oracle.recorded(board)
        board.buttons["admit" if self._rng.random() < 0.8 else "refer"].press()
        board.notice()
        await self._more(lambda: self._oracle.recorded(board), beeps)

    async def _more(self, count: Callable[[], int], before: int) -> bool:
        """Wait until a count rises; False when patience ends first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while count() <= before:
                    await self._oracle.sound(self._board)
        return count() > before
