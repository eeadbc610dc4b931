"""Firmware bundles that boards are to run, and how far each board is."""

import sqlite3

from gateway.boards.firmware import WAITING, Wish


class Firmware:
    """The bundles and wishes, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def ask(self, bundle: bytes, version: str, data: bytes, boards: list[int], now_s: int) -> None:
        """Have boards run a bundle; a bundle that no board is to run any more goes."""
        self._conn.execute(
            "INSERT INTO firmware_bundles VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", (bundle, version, data)
        )
        self._conn.executemany(
            """INSERT INTO firmware_wishes VALUES (?, ?, ?, 0, '', ?) ON CONFLICT (board) DO UPDATE SET
            bundle = excluded.bundle, state = excluded.state, percent = 0, note = '', asked_s = excluded.asked_s""",
            [(board, bundle, WAITING, now_s) for board in boards],
        )
        self._tidy()

    def stop(self, boards: list[int]) -> int:
        """Take back what boards were to run; return how many wishes that ended."""
        ended = 0
        for board in boards:
            ended += self._conn.execute("DELETE FROM firmware_wishes WHERE board = ?", (board,)).rowcount
        self._tidy()
        return ended

    def note(self, board: int, wish: Wish) -> None:
        """Take down how far a board is with a bundle; nothing where it is to run another one by now."""
        self._conn.execute(
            "UPDATE firmware_wishes SET state = ?, percent = ?, note = ? WHERE board = ? AND bundle = ?",
            (wish.state, wish.percent, wish.note, board, wish.bundle),
        )

    def wishes(self) -> dict[int, Wish]:
        """Return by board what it is to run, and how far it is."""
        rows = self._conn.execute(
            """SELECT board, bundle, version, state, percent, note FROM firmware_wishes
            JOIN firmware_bundles ON id = bundle"""
        )
        return {row[0]: Wish(*row[1:]) for row in rows}

    def data(self, bundle: bytes) -> bytes:
        """Return a bundle, empty where there is none of this id."""
        row = self._conn.execute("SELECT data FROM firmware_bundles WHERE id = ?", (bundle,)).fetchone()
        return bytes(row[0]) if row else b""

    def _tidy(self) -> None:
        self._conn.execute("DELETE FROM firmware_bundles WHERE id NOT IN (SELECT bundle FROM firmware_wishes)")
