"""The verdict of each crossing, and every earlier one."""

import sqlite3
from typing import NamedTuple


class VerdictRow(NamedTuple):
    """One verdict on one crossing; codes and bits as in the core."""

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

    def settle(self, keys: list[tuple[int, int, int]]) -> None:
        """Note that the verdicts of these crossings no longer wait for the centre's facts."""
        self._conn.executemany("UPDATE crossings SET provisional = 0 WHERE board = ? AND epoch = ? AND seq = ?", keys)

    def history(self, board: int, epoch: int, seq: int) -> list[VerdictRow]:
        """Return the verdicts of a crossing, oldest first."""
        rows = self._conn.execute(
            """SELECT board, epoch, seq, verdict, reasons, causes, notes, waived, unchecked,
            rule_version, policy_version, judged_s
            FROM verdicts WHERE board = ? AND epoch = ? AND seq = ? ORDER BY id""",
            (board, epoch, seq),
        )
        return [VerdictRow(*row) for row in rows]
