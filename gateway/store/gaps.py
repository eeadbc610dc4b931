"""Where a board's chain goes on behind records that it cannot read any more: what it said, kept as evidence."""

import sqlite3
from typing import NamedTuple


class GapRow(NamedTuple):
    """A board cannot read `first_seq` to `last_seq` as it wrote them; after `seq` its own chain head is `head`."""

    board: int
    epoch: int
    seq: int
    first_seq: int
    last_seq: int
    head: bytes


class Gaps:
    """The gaps, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, row: GapRow) -> None:
        """Keep a gap; a later word on the same place counts, since the chain goes on from it."""
        self._conn.execute(
            "INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (board, epoch, seq) DO UPDATE SET"
            " first_seq = excluded.first_seq, last_seq = excluded.last_seq, head = excluded.head",
            row,
        )

    def of(self, board: int, epoch: int) -> list[GapRow]:
        """Return the gaps of a board's epoch, in sequence."""
        rows = self._conn.execute("SELECT * FROM gaps WHERE board = ? AND epoch = ? ORDER BY seq", (board, epoch))
        return [GapRow(*row) for row in rows]
