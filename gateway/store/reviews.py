"""Questions, their reviews and what happened in them: appended to, never deleted."""

import sqlite3
from typing import NamedTuple

_REVIEW = """
    SELECT r.id, r.flag_id, f.kind, f.card_uid, f.board, f.epoch, f.seq, f.detail, r.opened_s, r.state, r.reviewer,
        r.disposition, r.reason, r.decided_s, r.evidence, r.evidence_sha256
    FROM reviews r JOIN flags f ON f.id = r.flag_id WHERE """


class Question(NamedTuple):
    """What is asked: a kind, about a record (board, epoch, seq) or about a card (the numbers 0)."""

    kind: str
    card_uid: str = ""
    board: int = 0
    epoch: int = 0
    seq: int = 0


class FlagRow(NamedTuple):
    """A question that was raised. `detail`: as it was raised last."""

    id: int
    state: str
    detail: str


class ReviewRow(NamedTuple):
    """One review and its question. `evidence`: canonical JSON, as it was when the review opened."""

    id: int
    flag_id: int
    kind: str
    card_uid: str
    board: int
    epoch: int
    seq: int
    detail: str
    opened_s: int
    state: str
    reviewer: str
    disposition: str
    reason: str
    decided_s: int | None
    evidence: str
    evidence_sha256: str


class EventRow(NamedTuple):
    """One thing that happened in a review. `person` is empty for what the gateway itself did; `body`: JSON."""

    at_s: int
    person: str
    kind: str
    body: str


class Reviews:
    """Flags, reviews and their events, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def flag(self, question: Question) -> FlagRow | None:
        """Return a question that was raised, None for one that never was."""
        row = self._conn.execute(
            """SELECT id, state, detail FROM flags
            WHERE kind = ? AND card_uid = ? AND board = ? AND epoch = ? AND seq = ?""",
            question,
        ).fetchone()
        return FlagRow(*row) if row else None

    def add_flag(self, question: Question, opened_s: int, detail: str) -> int:
        """Raise a question for the first time and return its number."""
        cursor = self._conn.execute(
            "INSERT INTO flags (kind, card_uid, board, epoch, seq, opened_s, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*question, opened_s, detail),
        )
        return int(cursor.lastrowid or 0)

    def set_flag(self, flag_id: int, state: str, detail: str) -> None:
        """Write where a question stands: `open`, or `decided`."""
        self._conn.execute("UPDATE flags SET state = ?, detail = ? WHERE id = ?", (state, detail, flag_id))

    def add(self, flag_id: int, opened_s: int, evidence: str, sha256: str) -> int:
        """Open a review of a question and return its number; a question has one open review at most."""
        cursor = self._conn.execute(
            "INSERT INTO reviews (flag_id, opened_s, evidence, evidence_sha256) VALUES (?, ?, ?, ?)",
            (flag_id, opened_s, evidence, sha256),
        )
        return int(cursor.lastrowid or 0)

    def get(self, review_id: int) -> ReviewRow | None:
        """Return a review."""
        return self._one("r.id = ?", review_id)

    def open_of(self, flag_id: int) -> ReviewRow | None:
        """Return the open review of a question, None when it was decided."""
        return self._one("r.flag_id = ? AND r.state <> 'decided'", flag_id)

    def waiting(self, after: int, limit: int) -> list[ReviewRow]:
        """Return up to `limit` reviews that are not decided, oldest first, from the one after number `after` on."""
        rows = self._conn.execute(_REVIEW + "r.state <> 'decided' AND r.id > ? ORDER BY r.id LIMIT ?", (after, limit))
        return [ReviewRow(*row) for row in rows]

    def decided(self, limit: int) -> list[ReviewRow]:
        """Return up to `limit` reviews that are decided, newest questions first."""
        rows = self._conn.execute(_REVIEW + "r.state = 'decided' ORDER BY r.id DESC LIMIT ?", (limit,))
        return [ReviewRow(*row) for row in rows]

    def of_record(self, board: int, epoch: int, seq: int) -> list[ReviewRow]:
        """Return every review of questions about a record, oldest first."""
        rows = self._conn.execute(
            _REVIEW + "f.board = ? AND f.epoch = ? AND f.seq = ? ORDER BY r.id", (board, epoch, seq)
        )
        return [ReviewRow(*row) for row in rows]

    def set(self, review_id: int, state: str, reviewer: str) -> None:
        """Write who has a review: `taken` by a reviewer, or `open` for anybody."""
        self._conn.execute("UPDATE reviews SET state = ?, reviewer = ? WHERE id = ?", (state, reviewer, review_id))

    def decide(self, review_id: int, disposition: str, reason: str, at_s: int) -> None:
        """Write the disposition of a review."""
        self._conn.execute(
            "UPDATE reviews SET state = 'decided', disposition = ?, reason = ?, decided_s = ? WHERE id = ?",
            (disposition, reason, at_s, review_id),
        )

    def add_event(self, review_id: int, event: EventRow) -> int:
        """Append what happened in a review; return its number."""
        cursor = self._conn.execute(
            "INSERT INTO review_events (review_id, at_s, person, kind, body) VALUES (?, ?, ?, ?, ?)",
            (review_id, *event),
        )
        return int(cursor.lastrowid or 0)

    def event(self, number: int) -> tuple[int, EventRow]:
        """Return (review, what happened) of an event that is there."""
        review_id, *row = self._conn.execute(
            "SELECT review_id, at_s, person, kind, body FROM review_events WHERE id = ?", (number,)
        ).fetchone()
        return int(review_id), EventRow(*row)

    def events(self, review_id: int) -> list[EventRow]:
        """Return what happened in a review, oldest first."""
        rows = self._conn.execute(
            "SELECT at_s, person, kind, body FROM review_events WHERE review_id = ? ORDER BY id", (review_id,)
        )
        return [EventRow(*row) for row in rows]

    def open_flags(self) -> dict[str, int]:
        """Return how many questions of each kind are open."""
        rows = self._conn.execute("SELECT kind, sum(open) FROM flag_counts WHERE open > 0 GROUP BY kind ORDER BY kind")
        return dict(rows.fetchall())

    def open_flags_of(self, board: int) -> dict[str, int]:
        """Return how many open questions of each kind are about a board."""
        rows = self._conn.execute(
            "SELECT kind, open FROM flag_counts WHERE board = ? AND open > 0 ORDER BY kind", (board,)
        )
        return dict(rows.fetchall())

    def _one(self, where: str, value: int) -> ReviewRow | None:
        row = self._conn.execute(_REVIEW + where, (value,)).fetchone()
        return ReviewRow(*row) if row else None
