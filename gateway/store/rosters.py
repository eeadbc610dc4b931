"""What each board's roster shall hold: packed entries with a revision that rises board by board."""

import sqlite3

from gateway.store.many import insert

MAX_SLOT = (1 << 15) - 1  # what a compact batch names


class Rosters:
    """The rosters, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def mark_due(self, application_ids: list[str]) -> None:
        """Note that the entries of these permits are to be computed again."""
        rows = [(key,) for key in application_ids]
        insert(self._conn, "roster_due", rows, "ON CONFLICT (application_id) DO NOTHING")

    def due(self, limit: int) -> list[str]:
        """Return up to `limit` permits whose entries are to be computed again."""
        return [row[0] for row in self._conn.execute("SELECT application_id FROM roster_due LIMIT ?", (limit,))]

    def clear_due(self, application_ids: list[str]) -> None:
        """Note that the entries of these permits are up to date."""
        self._conn.executemany("DELETE FROM roster_due WHERE application_id = ?", [(key,) for key in application_ids])

    def scopes(self) -> dict[int, str]:
        """Return, by board, what its roster was computed for (its point, kind and zone)."""
        return dict(self._conn.execute("SELECT board, scope FROM rosters"))

    def set_scope(self, board: int, scope: str) -> None:
        """Open a board's roster, or note that it stands somewhere else now."""
        self._conn.execute(
            "INSERT INTO rosters VALUES (?, 0, ?) ON CONFLICT (board) DO UPDATE SET scope = excluded.scope",
            (board, scope),
        )

    def revision(self, board: int) -> int:
        """Return the newest revision of a board's roster."""
        row = self._conn.execute("SELECT revision FROM rosters WHERE board = ?", (board,)).fetchone()
        return int(row[0]) if row else 0

    def revisions(self) -> dict[int, int]:
        """Return, by board, the newest revision of its roster."""
        return dict(self._conn.execute("SELECT board, revision FROM rosters"))

    def entries_of(self, application_id: str) -> dict[int, dict[str, tuple[bytes, int]]]:
        """Return (entry, slot) of what boards have, or had, of a permit, by board and card UID.

        A removed entry is as it was sent; slot 0: none.
        """
        found: dict[int, dict[str, tuple[bytes, int]]] = {}
        rows = self._conn.execute(
            "SELECT board, card_uid, entry, slot FROM roster_entries WHERE application_id = ?", (application_id,)
        )
        for board, card_uid, entry, slot in rows:
            found.setdefault(board, {})[card_uid] = entry, slot
        return found

    def entry(self, board: int, card_uid: str) -> bytes | None:
        """Return the entry that a board has of a card."""
        row = self._conn.execute(
            "SELECT entry FROM roster_entries WHERE board = ? AND card_uid = ?", (board, card_uid)
        ).fetchone()
        return bytes(row[0]) if row else None

    def put(self, board: int, card_uid: str, application_id: str, entry: bytes, removed: bool, slot: int = 0) -> None:
        """Write one changed entry under the board's next revision; a `slot` that it has stays."""
        revision = self._conn.execute(
            "UPDATE rosters SET revision = revision + 1 WHERE board = ? RETURNING revision", (board,)
        ).fetchone()[0]
        self._conn.execute(
            """INSERT INTO roster_entries (board, card_uid, application_id, entry, removed, revision, slot)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (board, card_uid) DO UPDATE SET
            application_id = excluded.application_id, entry = excluded.entry, removed = excluded.removed,
            revision = excluded.revision, slot = max(slot, excluded.slot)""",
            (board, card_uid, application_id, entry, int(removed), revision, slot),
        )

    def slot(self, board: int, card_uid: str) -> int:
        """Return the slot of a card on a board's roster, the next free one if it has none; 0: all are given."""
        row = self._conn.execute(
            "SELECT slot FROM roster_entries WHERE board = ? AND card_uid = ? AND slot > 0", (board, card_uid)
        ).fetchone()
        if row:
            return int(row[0])
        top = self._conn.execute("SELECT max(slot) FROM roster_entries WHERE board = ?", (board,)).fetchone()[0] or 0
        return int(top) + 1 if top < MAX_SLOT else 0

    def slots_after(self, board: int, slot: int) -> list[tuple[int, str]]:
        """Return (slot, card UID) beyond a slot, ascending."""
        # Not `slot > ?`: that could be the condition of the index, so that SQLite would plan anew at each asking.
        return self._conn.execute(
            "SELECT slot, card_uid FROM roster_entries WHERE board = ? AND slot > 0 AND slot >= ? ORDER BY slot",
            (board, slot + 1),
        ).fetchall()

    def changes(self, board: int, after: int, limit: int, with_removed: bool) -> tuple[list[bytes], int]:
        """Return up to `limit` entries newer than `after`, oldest change first, and the revision they lead to."""
        rows = self._conn.execute(
            """SELECT entry, revision FROM roster_entries WHERE board = ? AND revision > ? AND removed <= ?
            ORDER BY revision LIMIT ?""",
            (board, after, int(with_removed), limit),
        ).fetchall()
        to_revision = rows[-1][1] if len(rows) == limit else self.revision(board)
        return [row[0] for row in rows], int(to_revision)

    def count(self, board: int) -> int:
        """Return how many cards a board's roster holds."""
        return int(
            self._conn.execute(
                "SELECT count(*) FROM roster_entries WHERE board = ? AND removed = 0", (board,)
            ).fetchone()[0]
        )
