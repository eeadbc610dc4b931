"""Imported rows that wait for the centre, in the order in which they came; records wait in their chains."""

import sqlite3

from gateway.contract import MAX_IMPORT, Application, Card, Import


class Outbox:
    """The queue of imported rows, one connection's view of it."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, row: Application | Card) -> None:
        """Queue a row that the centre shall know."""
        kind = "application" if isinstance(row, Application) else "card"
        self._conn.execute("INSERT INTO outbox (kind, body) VALUES (?, ?)", (kind, row.model_dump_json()))

    def next_import(self, limit: int = MAX_IMPORT) -> tuple[list[int], Import]:
        """Return up to `limit` waiting rows, oldest first, and their ids."""
        found = Import()
        ids: list[int] = []
        rows = self._conn.execute(
            "SELECT id, kind, body FROM outbox WHERE state = 'waiting' ORDER BY id LIMIT ?", (limit,)
        )
        for number, kind, body in rows:
            ids.append(number)
            if kind == "application":
                found.applications.append(Application.model_validate_json(body))
            else:
                found.cards.append(Card.model_validate_json(body))
        return ids, found

    def done(self, ids: list[int]) -> None:
        """Forget rows that the centre has."""
        self._conn.executemany("DELETE FROM outbox WHERE id = ?", [(number,) for number in ids])

    def refuse(self, number: int, detail: str) -> None:
        """Set a row aside that the centre will never take; `status` shows it."""
        self._conn.execute("UPDATE outbox SET state = 'refused', detail = ? WHERE id = ?", (detail, number))

    def counts(self) -> dict[str, int]:
        """Return how many rows are waiting and how many were refused."""
        found = {"waiting": 0, "refused": 0}
        found.update(self._conn.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
        return found
