"""The tables of questions, reviews and hand-entered crossings. A migration that shipped is never edited."""

import hashlib
import json

from sqlite_utils import Database

# A question is about a record (board, epoch, seq) or about a card (card_uid, the others 0).
FLAGS = (
    "ALTER TABLE flags RENAME TO flags_before",
    """CREATE TABLE flags (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, card_uid TEXT NOT NULL DEFAULT '', board INTEGER NOT NULL,
        epoch INTEGER NOT NULL, seq INTEGER NOT NULL, opened_s INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open',
        detail TEXT NOT NULL, UNIQUE (kind, card_uid, board, epoch, seq))""",
    """INSERT INTO flags (id, kind, board, epoch, seq, opened_s, state, detail)
        SELECT id, kind, board, epoch, seq, opened_s, state, detail FROM flags_before""",
    "DROP TABLE flags_before",
    "CREATE INDEX flags_open ON flags (kind, board) WHERE state = 'open'",
    "CREATE INDEX flags_by_record ON flags (board, epoch, seq)",
)

REVIEWS = (
    """CREATE TABLE reviews (
        id INTEGER PRIMARY KEY, flag_id INTEGER NOT NULL REFERENCES flags (id), opened_s INTEGER NOT NULL,
        evidence TEXT NOT NULL, evidence_sha256 TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open',
        reviewer TEXT NOT NULL DEFAULT '', disposition TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
        decided_s INTEGER)""",
    "CREATE UNIQUE INDEX reviews_one_open ON reviews (flag_id) WHERE state <> 'decided'",
    "CREATE INDEX reviews_waiting ON reviews (id) WHERE state <> 'decided'",
    "CREATE INDEX reviews_by_flag ON reviews (flag_id)",
    """CREATE TABLE review_events (
        id INTEGER PRIMARY KEY, review_id INTEGER NOT NULL REFERENCES reviews (id), at_s INTEGER NOT NULL,
        person TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX review_events_by_review ON review_events (review_id)",
    # What a review rests on, and what was done in it, stays: whatever program opens this file.
    """CREATE TRIGGER flags_stay BEFORE DELETE ON flags
        BEGIN SELECT raise(ABORT, 'a flag is never deleted'); END""",
    """CREATE TRIGGER reviews_stay BEFORE DELETE ON reviews
        BEGIN SELECT raise(ABORT, 'a review is never deleted'); END""",
    """CREATE TRIGGER evidence_stays BEFORE UPDATE OF flag_id, opened_s, evidence, evidence_sha256 ON reviews
        BEGIN SELECT raise(ABORT, 'the evidence of a review is frozen'); END""",
    """CREATE TRIGGER review_events_stay BEFORE DELETE ON review_events
        BEGIN SELECT raise(ABORT, 'what happened in a review is never deleted'); END""",
    """CREATE TRIGGER review_events_are_kept BEFORE UPDATE ON review_events
        BEGIN SELECT raise(ABORT, 'what happened in a review is never changed'); END""",
)

# Who entered a crossing by hand, and from which paper form ('': none); the record holds what fits into 32 bytes.
HAND_ENTRIES = (
    """CREATE TABLE hand_entries (
        board INTEGER, epoch INTEGER, seq INTEGER, person TEXT NOT NULL, form TEXT NOT NULL, entered_s INTEGER NOT NULL,
        PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX hand_entries_by_form ON hand_entries (form) WHERE form <> ''",
)


def lay_reviews(db: Database) -> None:
    """Make the tables, and a review of each question that was open before there were reviews."""
    for statement in FLAGS + REVIEWS + HAND_ENTRIES:
        db.execute(statement)
    open_flags = db.execute("SELECT id, opened_s, detail FROM flags WHERE state = 'open' ORDER BY id").fetchall()
    for flag_id, opened_s, detail in open_flags:
        evidence = json.dumps({"detail": detail}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(evidence.encode()).hexdigest()
        db.execute(
            "INSERT INTO reviews (flag_id, opened_s, evidence, evidence_sha256) VALUES (?, ?, ?, ?)",
            (flag_id, opened_s, evidence, digest),
        )
