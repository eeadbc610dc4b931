"""Erasures, corrections, and whose data were read."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0013"
down_revision = "r0012"

_TABLES = MetaData()
_PLACE = ("board", "epoch", "seq")


def _place() -> list[Column[int]]:
    return [Column(name, Whole, primary_key=True, autoincrement=False) for name in _PLACE]


Table(
    "erased",
    _TABLES,
    *_place(),
    Column("position", Whole, nullable=False),
    Column("erasure", Whole, nullable=False),
    Index("erased_by_position", "position"),
    sqlite_with_rowid=False,
)

Table(
    "erased_days",
    _TABLES,
    Column("crossing_point", Words, primary_key=True),
    Column("day", Whole, primary_key=True, autoincrement=False),
    Column("verdict", Whole, primary_key=True, autoincrement=False),
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

Table("chain_marks", _TABLES, *_place(), Column("head", Bytes, nullable=False), sqlite_with_rowid=False)

Table(
    "knowledge_past",
    _TABLES,
    Column("revision", Whole, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("key", Words, nullable=False),
    Index("knowledge_past_by_row", "kind", "key"),
)

Table(
    "erasure_orders",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("opened_s", Whole, nullable=False),
    Column("opened_by", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("ground", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("closed_by", Words, nullable=False),
    Column("closed_s", Whole, nullable=False),
    Column("erasure", Whole, nullable=False),
)

Table(
    "corrections",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("body", Words, nullable=False),
    Index("corrections_by_thing", "kind", "key"),
)


def upgrade() -> None:
    """Lay the tables, and the columns that came to others."""
    op.add_column("crossings", Column("corrected", Whole, nullable=False, server_default="0"))
    op.add_column("reads", Column("about", Words, nullable=False, server_default=""))
    op.create_index("reads_by_about", "reads", ["about"])
    _TABLES.create_all(op.get_bind())
    _let_reviews_forget()


def _let_reviews_forget() -> None:
    """Let the card and the hash of a review go together with its evidence; all else of its question still stays."""
    postgres = op.get_bind().dialect.name == "postgresql"
    rules = (
        ("reviews_are_of_one_question", "kind, board, epoch, seq, opened_s", ""),
        ("reviews_name_their_card", "card_uid, evidence_sha256", " WHEN (NEW.evidence <> '')"),
    )
    words = "the question of a review is never changed"
    op.execute("DROP TRIGGER reviews_are_of_one_question" + (" ON reviews" if postgres else ""))
    for name, columns, when in rules:
        head = f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON reviews"
        if postgres:
            op.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
            )
            op.execute(f"{head} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"{head}{when} BEGIN SELECT raise(ABORT, '{words}'); END")
