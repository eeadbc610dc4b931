"""Records that nobody can read, between which crossings of their board, and the cards to judge again by them."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

_TAP = 0  # of `checkpost.source.SOURCES`: what is entered by hand has no place in the order of its log


class HoleRow(NamedTuple):
    """One hole, as `checkpost.hole.Hole`."""

    board: int
    epoch: int
    seq: int
    crossing_point: str
    after_s: int
    before_s: int | None


_SPANS = f"""
    SELECT h.epoch, h.seq, h.after_s, h.before_s,
        (SELECT c.order_s FROM crossings c WHERE c.board = h.board AND c.epoch = h.epoch AND c.seq < h.seq
            AND c.source = {_TAP} ORDER BY c.seq DESC LIMIT 1),
        (SELECT c.order_s FROM crossings c WHERE c.board = h.board AND (c.epoch, c.seq) > (h.epoch, h.seq)
            AND c.source = {_TAP} ORDER BY c.epoch, c.seq LIMIT 1)
    FROM holes h WHERE h.board = ? AND h.told = 0 ORDER BY h.epoch, h.seq"""

# One that was found here is known better here than the centre told it.
_OF_BORDER = """
    SELECT h.board, h.epoch, h.seq, h.crossing_point, h.after_s, h.before_s
    FROM holes h LEFT JOIN points p ON p.code = h.crossing_point
    WHERE coalesce(p.kind, 'border') = 'border' AND h.after_s IS NOT NULL AND (h.told = 0 OR NOT EXISTS (
        SELECT 1 FROM holes o WHERE o.board = h.board AND o.epoch = h.epoch AND o.seq = h.seq AND o.told = 0))
    ORDER BY h.board, h.epoch, h.seq"""


class Span(NamedTuple):
    """A hole's span as it was written (`after_s` None: not yet), and as its board's taps have it now."""

    epoch: int
    seq: int
    was_after_s: int | None
    was_before_s: int | None
    after_s: int | None
    before_s: int | None


class Holes:
    """The holes, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, board: int, epoch: int, seq: int, crossing_point: str) -> None:
        """Note a record that nobody can read, whose span is not known yet."""
        self._conn.execute(
            "INSERT INTO holes (board, epoch, seq, told, crossing_point) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
            (board, epoch, seq, crossing_point),
        )

    def of(self, board: int) -> bool:
        """Return True if a hole was found in a board's log here."""
        row = self._conn.execute("SELECT 1 FROM holes WHERE board = ? AND told = 0 LIMIT 1", (board,)).fetchone()
        return row is not None

    def spans(self, board: int) -> list[Span]:
        """Return the spans of a board's holes, as they were and as they are."""
        return [Span(*row) for row in self._conn.execute(_SPANS, (board,))]

    def set_span(self, board: int, epoch: int, seq: int, after_s: int, before_s: int | None) -> None:
        """Write a hole's span."""
        self._conn.execute(
            "UPDATE holes SET after_s = ?, before_s = ? WHERE board = ? AND epoch = ? AND seq = ? AND told = 0",
            (after_s, before_s, board, epoch, seq),
        )

    def told(self) -> list[HoleRow]:
        """Return what the centre told of last."""
        columns = ", ".join(HoleRow._fields)
        return [HoleRow(*row) for row in self._conn.execute(f"SELECT {columns} FROM holes WHERE told = 1")]

    def set_told(self, rows: Iterable[HoleRow]) -> None:
        """Keep what the centre tells of now, instead of what it told before."""
        self._conn.execute("DELETE FROM holes WHERE told = 1")
        self._conn.executemany(
            """INSERT INTO holes (board, epoch, seq, crossing_point, after_s, before_s, told)
            VALUES (?, ?, ?, ?, ?, ?, 1)""",
            rows,
        )

    def of_border(self) -> list[HoleRow]:
        """Return every hole at a border point, or at one that the centre has not named yet."""
        return [HoleRow(*row) for row in self._conn.execute(_OF_BORDER)]

    def judge_from(self, order_s: int) -> None:
        """Note the cards of crossings from an instant on: they are to be judged again."""
        self._conn.execute(
            # Each board's log is read from its end: the order of time of its taps never falls along the sequence.
            f"""INSERT OR IGNORE INTO holes_due
            SELECT c.card_uid FROM chains h CROSS JOIN crossings c ON c.board = h.board AND c.epoch = h.epoch
                AND c.seq > coalesce((
                    SELECT s.seq FROM crossings s WHERE s.board = h.board AND s.epoch = h.epoch
                        AND s.source = {_TAP} AND s.order_s < ?1 ORDER BY s.seq DESC LIMIT 1), 0)
            WHERE c.card_uid <> '' AND c.order_s >= ?1""",
            (order_s,),
        )

    def due(self, limit: int) -> list[str]:
        """Return up to `limit` cards that are to be judged again."""
        return [row[0] for row in self._conn.execute("SELECT card_uid FROM holes_due LIMIT ?", (limit,))]

    def clear_due(self, card_uids: list[str]) -> None:
        """Note that these cards were judged."""
        self._conn.executemany("DELETE FROM holes_due WHERE card_uid = ?", [(one,) for one in card_uids])
