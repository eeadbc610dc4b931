"""What came in lately: for the live page, which reads by the boards' own sequences and so needs no index of its own."""

import sqlite3
from typing import NamedTuple

from gateway.verdict.facts import CrossingRow

Key = tuple[int, int, int]  # board, epoch, sequence
MAX_BOARDS = 512  # chains a cursor may name: a gateway has 32 ports


class Cursor(NamedTuple):
    """Up to where somebody has seen the store: the newest verdict's number, and a sequence for each board's epoch."""

    verdict: int
    seqs: dict[tuple[int, int], int]

    def text(self) -> str:
        """Return it as it travels: `7-1.1.45-2.1.30`."""
        places = (f"{board}.{epoch}.{seq}" for (board, epoch), seq in sorted(self.seqs.items()))
        return "-".join((str(self.verdict), *places))


def parse_cursor(text: str) -> Cursor | None:
    """Return the cursor that a text means, None when it means none."""
    verdict, *places = text.split("-")[: MAX_BOARDS + 1]
    try:
        parts = [tuple(_number(number) for number in place.split(".")) for place in places]
        seqs = {(board, epoch): seq for board, epoch, seq in parts}
        return Cursor(_number(verdict), seqs)
    except ValueError:
        return None


def parse_key(text: str) -> Key | None:
    """Return the key that `board.epoch.seq` means, None when it means none."""
    try:
        board, epoch, seq = (_number(number) for number in text.split("."))
    except ValueError:
        return None
    return (board, epoch, seq)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(text)
    return int(text)


class Arrivals:
    """Crossings by when they came in, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def cursor(self) -> Cursor:
        """Return where the store stands now."""
        newest = self._conn.execute("SELECT coalesce(max(id), 0) FROM verdicts").fetchone()[0]
        rows = self._conn.execute("SELECT board, epoch, seq FROM chains")
        return Cursor(newest, {(board, epoch): seq for board, epoch, seq in rows})

    def since(self, cursor: Cursor, now: Cursor, limit: int) -> set[Key]:
        """Return the crossings that came, got an outcome or were judged anew between two cursors.

        At most `limit` of each kind and board, the newest: who missed more is not served by reading all of it.
        """
        found: set[Key] = set()
        for (board, epoch), seq in now.seqs.items():
            known = cursor.seqs.get((board, epoch), 0)
            if seq > known:
                span = (board, epoch, known, seq, limit)
                found.update((board, epoch, row[0]) for row in self._conn.execute(_CAME, span))
                found.update((board, epoch, row[0]) for row in self._conn.execute(_OUTCOMES, span))
        if now.verdict > cursor.verdict:
            found.update(self._conn.execute(_JUDGED, (cursor.verdict, now.verdict, limit)))
        return found

    def newest(self, limit: int) -> list[Key]:
        """Return the newest crossings of all boards by their order in time, newest first."""
        found: list[tuple[int, int, int, int]] = []
        for board, epoch in self._conn.execute("SELECT board, epoch FROM chains").fetchall():
            found += self._conn.execute(_NEWEST, (board, epoch, limit)).fetchall()
        found.sort(reverse=True)
        return [(board, epoch, seq) for _, board, epoch, seq in found[:limit]]

    def last_of(self, board: int) -> Key | None:
        """Return the last crossing that a board wrote."""
        row = self._conn.execute(
            "SELECT board, epoch, seq FROM crossings WHERE board = ? ORDER BY epoch DESC, seq DESC LIMIT 1", (board,)
        ).fetchone()
        return (row[0], row[1], row[2]) if row else None

    def received_s(self, key: Key) -> int:
        """Return when a record came in, Unix UTC; 0 for one that is not held."""
        row = self._conn.execute(
            "SELECT received_s FROM records WHERE board = ? AND epoch = ? AND seq = ?", key
        ).fetchone()
        return int(row[0]) if row else 0


def key_of(row: CrossingRow) -> Key:
    """Return the key of a crossing."""
    return (row.board, row.epoch, row.seq)


_SPAN = "WHERE board = ? AND epoch = ? AND seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?"
_CAME = f"SELECT seq FROM crossings {_SPAN}"
_OUTCOMES = f"SELECT crossing_seq FROM outcomes {_SPAN}"
_JUDGED = "SELECT board, epoch, seq FROM verdicts WHERE id > ? AND id <= ? ORDER BY id DESC LIMIT ?"
_NEWEST = """SELECT order_s, board, epoch, seq FROM crossings WHERE board = ? AND epoch = ?
    ORDER BY seq DESC LIMIT ?"""
