"""The verdict of each crossing, and every earlier one."""

import sqlite3
from typing import NamedTuple

from checkpost.reasons import PERMITTED, REFER


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

    def add(self, rows: list[VerdictRow], provisional: bool) -> None:
        """Make these the newest verdicts of their crossings; what stood before is kept in the history."""
        self._conn.executemany(
            """INSERT INTO verdicts (board, epoch, seq, verdict, reasons, causes, notes, waived, unchecked,
            rule_version, policy_version, judged_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            rows,
        )
        self._conn.executemany(
            """UPDATE crossings SET verdict = ?, reasons = ?, causes = ?, notes = ?, waived = ?, unchecked = ?,
            provisional = ?
            WHERE board = ? AND epoch = ? AND seq = ?""",
            [(*row[3:9], int(provisional), row.board, row.epoch, row.seq) for row in rows],
        )

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
