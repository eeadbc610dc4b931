"""Reviews and what happens in them; the store itself refuses to change or delete either. Erased, a text is empty."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table, text

from gateway.central.store.columns import Whole, Words

revision = "r0010"
down_revision = "r0009"

_TABLES = MetaData()
_WAITS = text("waits = 1")

Table(
    "reviews",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("card_uid", Words, nullable=False),
    Column("board", Whole, nullable=False),
    Column("epoch", Whole, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("crossing_point", Words, nullable=False),
    Column("permit", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Column("opened_s", Whole, nullable=False),
    Column("due_s", Whole, nullable=False),
    Column("evidence", Words, nullable=False),
    Column("evidence_sha256", Words, nullable=False),
    Column("waits", Whole, nullable=False),
    Column("state", Words, nullable=False),
    Column("reviewer", Words, nullable=False),
    Column("disposition", Words, nullable=False),
    Column("decided_s", Whole),
    Index(
        "reviews_one_open",
        "kind",
        "card_uid",
        "board",
        "epoch",
        "seq",
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    ),
    Index("reviews_due", "due_s", "number", sqlite_where=_WAITS, postgresql_where=_WAITS),
    Index("reviews_due_by_point", "crossing_point", "due_s", "number", sqlite_where=_WAITS, postgresql_where=_WAITS),
    Index("reviews_by_record", "board", "epoch", "seq"),
    Index("reviews_by_card", "card_uid"),
    Index("reviews_by_permit", "permit"),
    Index("reviews_decided", "decided_s", "number"),
)
Table(
    "review_events",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("review", Whole, nullable=False),
    Column("at_s", Whole, nullable=False),
    Column("person", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("body", Words, nullable=False),
    Index("review_events_by_review", "review", "number"),
)

# (name, when, table, columns that it watches, condition, what is said)
_RULES = (
    ("reviews_stay", "DELETE", "reviews", "", "", "a review is never deleted"),
    (
        "reviews_are_of_one_question",
        "UPDATE",
        "reviews",
        "kind, card_uid, board, epoch, seq, opened_s, evidence_sha256",
        "",
        "the question of a review is never changed",
    ),
    (
        "review_evidence_stays",
        "UPDATE",
        "reviews",
        "evidence",
        "NEW.evidence <> ''",
        "the evidence of a review is frozen",
    ),
    ("review_events_stay", "DELETE", "review_events", "", "", "what happened in a review is never deleted"),
    (
        "review_events_are_of_one_review",
        "UPDATE",
        "review_events",
        "number, review, at_s, person, kind",
        "",
        "what happened in a review is never changed",
    ),
    (
        "review_events_are_kept",
        "UPDATE",
        "review_events",
        "body",
        "NEW.body <> '{}'",
        "what happened in a review is never changed",
    ),
)


def upgrade() -> None:
    """Lay the tables and their rules."""
    _TABLES.create_all(op.get_bind())
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, deed, table, columns, condition, words in _RULES:
        of = f" OF {columns}" if columns else ""
        when = f" WHEN ({condition})" if condition else ""
        if postgres:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {deed}{of} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {deed}{of} ON {table}{when} BEGIN SELECT raise(ABORT, '{words}'); END"
            )
