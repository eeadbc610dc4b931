"""Seals of boards, kept as they came: this gateway has no key to read them with, and brings them to the centre."""

import sqlite3
from typing import NamedTuple


class SealRow(NamedTuple):
    """A seal over a board's chain up to `seq`; `generation` of its key."""

    board: int
    epoch: int
    seq: int
    generation: int
    seal: bytes


class Seals:
    """The seals, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, rows: list[SealRow]) -> None:
        """Keep seals; one that is held stays as it is."""
        self._conn.executemany(
            "INSERT INTO seals (board, epoch, seq, generation, seal) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (board, epoch, seq, generation) DO NOTHING",
            rows,
        )

    def waiting(self, board: int, epoch: int, last_seq: int, limit: int) -> list[SealRow]:
        """Return up to `limit` seals that the centre was not given, over records up to `last_seq`."""
        rows = self._conn.execute(
            "SELECT board, epoch, seq, generation, seal FROM seals"
            " WHERE sent = 0 AND board = ? AND epoch = ? AND seq <= ? ORDER BY seq LIMIT ?",
            (board, epoch, last_seq, limit),
        )
        return [SealRow(*row) for row in rows]

    def note_sent(self, board: int, epoch: int, seqs: list[int]) -> None:
        """Note that the centre was given these seals."""
        self._conn.executemany(
            "UPDATE seals SET sent = 1 WHERE board = ? AND epoch = ? AND seq = ?", [(board, epoch, seq) for seq in seqs]
        )

    def note_missing(self, board: int, epoch: int, after_seq: int) -> None:
        """Note that the centre lacks all beyond a sequence again: it was restored, and is given these once more."""
        self._conn.execute(
            "UPDATE seals SET sent = 0 WHERE sent = 1 AND board = ? AND epoch = ? AND seq > ?",
            (board, epoch, after_seq),
        )
