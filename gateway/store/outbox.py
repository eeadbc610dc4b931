"""What waits for the centre: imported rows, enrolments, steps in reviews, as they came; records wait in chains."""

import sqlite3
from typing import NamedTuple

from gateway.contract import MAX_IMPORT, Application, Card, Import
from gateway.contract.enrolment import Enrolment, Signed
from gateway.contract.reviews import MAX_STEPS
from gateway.store.many import count_of

ENROLMENT = "enrolment"
STEP = "review-step"
# Their kinds stand in them as words: a partial index names some, so that SQLite would plan a bound one at each asking.
_NEXT_ENROLMENT = f"SELECT id, body FROM outbox WHERE kind = '{ENROLMENT}' AND state = 'waiting' ORDER BY id LIMIT 1"
_NEXT_STEPS = f"SELECT id, body FROM outbox WHERE kind = '{STEP}' AND state = 'waiting' ORDER BY id LIMIT ?"
_NEXT_ROWS = f"""
    SELECT id, kind, body FROM outbox WHERE state = 'waiting' AND kind NOT IN ('{ENROLMENT}', '{STEP}')
    ORDER BY id LIMIT ?"""


class WaitingBoard(NamedTuple):
    """A board that the centre does not know yet. `detail`: why it refuses it, empty while it was not asked."""

    board: int
    detail: str


class Outbox:
    """The queue, one connection's view of it."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def waits(self) -> bool:
        """Return True if anything waits for the centre."""
        return self._conn.execute("SELECT 1 FROM outbox WHERE state = 'waiting' LIMIT 1").fetchone() is not None

    def add(self, row: Application | Card) -> None:
        """Queue a row that the centre shall know."""
        kind = "application" if isinstance(row, Application) else "card"
        self._conn.execute("INSERT INTO outbox (kind, body) VALUES (?, ?)", (kind, row.model_dump_json()))

    def next_import(self, limit: int = MAX_IMPORT) -> tuple[list[int], Import]:
        """Return up to `limit` waiting rows, oldest first, and their ids."""
        found = Import()
        ids: list[int] = []
        for number, kind, body in self._conn.execute(_NEXT_ROWS, (limit,)):
            ids.append(number)
            if kind == "application":
                found.applications.append(Application.model_validate_json(body))
            else:
                found.cards.append(Card.model_validate_json(body))
        return ids, found

    def add_enrolment(self, given: Signed) -> None:
        """Queue a board that the centre shall know."""
        self._conn.execute("INSERT INTO outbox (kind, body) VALUES (?, ?)", (ENROLMENT, given.model_dump_json()))

    def wait_again(self, given: Signed) -> None:
        """Ask the centre once more about an enrolment that it refused; one that is not here changes nothing."""
        self._conn.execute(
            "UPDATE outbox SET state = 'waiting', detail = '' WHERE kind = ? AND state = 'refused' AND body = ?",
            (ENROLMENT, given.model_dump_json()),
        )

    def next_enrolment(self) -> tuple[int, Signed] | None:
        """Return the oldest enrolment that waits, and its id."""
        row = self._conn.execute(_NEXT_ENROLMENT).fetchone()
        return (row[0], Signed.model_validate_json(row[1])) if row else None

    def boards(self) -> list[WaitingBoard]:
        """Return the boards that the centre does not know yet, in the order in which they were admitted."""
        rows = self._conn.execute("SELECT body, detail FROM outbox WHERE kind = ? ORDER BY id", (ENROLMENT,))
        said = ((Signed.model_validate_json(body).statement, detail) for body, detail in rows)
        return [WaitingBoard(Enrolment.model_validate_json(text).board, detail) for text, detail in said]

    def add_step(self, event: int) -> None:
        """Queue a step in a review by its number alone: an erasure that comes before it goes out takes its words."""
        self._conn.execute("INSERT INTO outbox (kind, body) VALUES (?, ?)", (STEP, str(event)))

    def next_steps(self, limit: int = MAX_STEPS) -> tuple[list[int], list[int]]:
        """Return the ids of up to `limit` waiting steps, oldest first, and their events."""
        rows = self._conn.execute(_NEXT_STEPS, (limit,)).fetchall()
        return [number for number, _ in rows], [int(event) for _, event in rows]

    def done(self, ids: list[int]) -> None:
        """Forget what the centre has."""
        self._conn.executemany("DELETE FROM outbox WHERE id = ?", [(number,) for number in ids])

    def refuse(self, number: int, detail: str) -> None:
        """Set something aside that the centre will never take; `status` shows it."""
        self._conn.execute("UPDATE outbox SET state = 'refused', detail = ? WHERE id = ?", (detail, number))

    def counts(self) -> dict[str, int]:
        """Return how many imported rows and steps are waiting and how many were refused."""
        return {state: count_of(self._conn, f"outbox {state}") for state in ("waiting", "refused")}
