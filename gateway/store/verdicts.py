"""The verdict of each crossing, and every earlier one."""

import sqlite3
from typing import NamedTuple

from checkpost.reasons import PERMITTED, REFER
from gateway.store.many import insert


class VerdictRow(NamedTuple):
    """One verdict; codes and bits as in the core. `policy_version` 0: from before the centre's facts were here."""

    board: int
    epoch: int
    seq: int
    verdict: int
    reasons: int
    causes: int
    notes: int
    waived: int
    unchecked: int
    rule_version: int
    policy_version: int
    judged_s: int


class Verdicts:
    """Verdicts, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, rows: list[tuple[int, ...]]) -> None:
        """Add to the history of crossings, columns as VerdictRow; what stood before stays in it."""
        insert(self._conn, f"verdicts ({', '.join(VerdictRow._fields)})", rows)

    def answer(self, board: int, epoch: int, seq: int) -> int | None:
        """Return the newest GO or ASK for a crossing; None when there was none since the centre's facts were here."""
        row = self._conn.execute(
            """SELECT verdict FROM verdicts
            WHERE board = ? AND epoch = ? AND seq = ? AND verdict IN (?, ?) AND policy_version > 0
            ORDER BY id DESC LIMIT 1""",
            (board, epoch, seq, PERMITTED, REFER),
        ).fetchone()
        return int(row[0]) if row else None

    def history(self, board: int, epoch: int, seq: int) -> list[VerdictRow]:
        """Return the verdicts of a crossing, oldest first."""
        rows = self._conn.execute(
            """SELECT board, epoch, seq, verdict, reasons, causes, notes, waived, unchecked,
            rule_version, policy_version, judged_s
            FROM verdicts WHERE board = ? AND epoch = ? AND seq = ? ORDER BY id""",
            (board, epoch, seq),
        )
        return [VerdictRow(*row) for row in rows]
