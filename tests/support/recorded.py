"""A scenario folder's taps as the records that boards would write, in runs, in an order in which they may travel."""

import random
from datetime import timedelta
from pathlib import Path

from checkpost import chain, record
from tests.support.reference import Tap, World, judge

QUARTER = timedelta(minutes=15)
SYNCED_CODE = 2  # uncertainty below a second
CHUNK = 12  # records a run, at most


class Recorded:
    """One scenario: its world, judged by the reference, and each board's records in sequence."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.world = World(folder)
        self.expected = {tap.number: (tap.verdict, tap.reasons, tap.notes) for tap in judge(self.world)}
        self.boards = {code: number for number, code in enumerate(self.world.points, 1)}
        self.raws: dict[int, list[bytes]] = {number: [] for number in self.boards.values()}
        self.key_of_tap = {tap.number: (tap.board, self._write(tap)) for tap in self.world.taps}

    def points(self) -> list[dict[str, str]]:
        """Return the crossing points as the centre takes them."""
        return [{name: row[name] for name in ("code", "name", "kind", "zone")} for row in self.world.points.values()]

    def _write(self, tap: Tap) -> int:
        """Write a tap's crossing and what followed it; return the crossing's sequence."""
        direction = record.DIRECTIONS.index(tap.direction)
        uid = bytes.fromhex(tap.card)
        seq = self._append(tap, record.CROSSING, record.Crossing(uid, direction, 1, record.UID if uid else 0).pack())
        if tap.outcome or tap.party > 1:
            outcome = record.OUTCOMES.index(tap.outcome)
            self._append(tap, record.OUTCOME, record.pack_outcome(seq, outcome, tap.party))
        return seq

    def _append(self, tap: Tap, kind: int, body: bytes) -> int:
        raws = self.raws[tap.board]
        offset = tap.moment.utcoffset()
        assert offset is not None
        head = (kind, len(raws) + 1, int(tap.moment.timestamp()), offset // QUARTER, record.SYNCED, SYNCED_CODE)
        raws.append(record.Record(*head, body).pack())
        return len(raws)

    def head(self, board: int, seq: int) -> bytes:
        """Return the chain head of a board after a sequence."""
        return chain.extend(chain.start(board, 1), b"".join(self.raws[board][:seq]))

    def runs(self, seed: int) -> list[tuple[int, int, list[bytes]]]:
        """Return (board, first sequence, records): each board's in order, boards mixed, some runs twice."""
        dice = random.Random(seed)
        at = dict.fromkeys(self.raws, 0)
        runs = []
        while left := [board for board, raws in self.raws.items() if at[board] < len(raws)]:
            board = dice.choice(left)
            count = dice.randint(1, CHUNK)
            run = (board, at[board] + 1, self.raws[board][at[board] : at[board] + count])
            runs += [run] * dice.choice((1, 1, 2))
            at[board] += count
        return runs
