"""The tables as they were when Alembic came: stores of schema 1 to 5 are adopted here (`store/adopting.py`)."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0005"
down_revision = None

_TABLES = MetaData()

Table("about", _TABLES, Column("name", Words, primary_key=True), Column("value", Words, nullable=False))

Table(
    "tokens",
    _TABLES,
    Column("digest", Words, primary_key=True),
    Column("role", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("expires_s", Whole),
    Column("scopes", Words),
    Index("tokens_by_name", "role", "name"),
)

Table(
    "people",
    _TABLES,
    Column("name", Words, primary_key=True),
    Column("role", Words, nullable=False),
    Column("password", Words, nullable=False),
)

Table(
    "reads",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("utc_s", Whole, nullable=False),
    Column("role", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("rows", Whole, nullable=False),
)

Table(
    "knowledge",
    _TABLES,
    Column("kind", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("revision", Whole, nullable=False),
    Column("body", Words, nullable=False),
    Index("knowledge_by_revision", "revision", unique=True),
)

Table(
    "records",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("raw", Bytes, nullable=False),
    Column("arrived_s", Whole, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "heads",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("order_utc_s", Whole, nullable=False),
    Column("times", Bytes),
    sqlite_with_rowid=False,
)

Table(
    "crossings",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("order_utc_s", Whole, nullable=False),
    Column("utc_s", Whole, nullable=False),
    Column("offset_quarters", Whole, nullable=False),
    Column("trust", Whole, nullable=False),
    Column("uncertainty", Whole, nullable=False),
    Column("crossing_point", Words, nullable=False),
    Column("kind", Whole, nullable=False),
    Column("zone", Words, nullable=False),
    Column("card_uid", Words, nullable=False),
    Column("permit", Words, nullable=False),
    Column("direction", Whole, nullable=False),
    Column("assurance", Whole, nullable=False),
    Column("genuine", Whole, nullable=False),
    Column("recorded_party", Whole, nullable=False),
    Column("board_verdict", Whole, nullable=False),
    Column("outcome_seq", Whole, nullable=False),
    Column("outcome", Whole, nullable=False),
    Column("party", Whole, nullable=False),
    Column("verdict", Whole, nullable=False),
    Column("reasons", Whole, nullable=False),
    Column("causes", Whole, nullable=False),
    Column("notes", Whole, nullable=False),
    Column("waived", Whole, nullable=False),
    Column("rule_version", Whole, nullable=False),
    Column("position", Whole, nullable=False),
    Column("source", Whole, nullable=False),
    Column("unchecked", Whole, nullable=False),
    Index("crossings_by_permit", "permit"),
    Index("crossings_by_card", "card_uid"),
    Index("crossings_by_position", "position", unique=True),
    sqlite_with_rowid=False,
)

Table("feed", _TABLES, Column("position", Whole, primary_key=True), Column("body", Words, nullable=False))

Table(
    "tally",
    _TABLES,
    Column("crossing_point", Words, primary_key=True),
    Column("verdict", Words, primary_key=True),
    Column("reason", Words, primary_key=True),
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

Table("frequent", _TABLES, Column("permit", Words, primary_key=True), Column("crossings", Whole, nullable=False))

Table(
    "tiles",
    _TABLES,
    Column("level", Whole, primary_key=True, autoincrement=False),
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("hashes", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "leaves",
    _TABLES,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("kind", Whole, nullable=False),
    Column("board", Whole, nullable=False),
    Column("epoch", Whole, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("salt", Bytes),
    Index("leaves_by_place", "kind", "board", "epoch", "seq", unique=True),
)

Table(
    "seal_keys",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("key", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "seals",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("generation", Whole, nullable=False),
    Column("seal", Bytes, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("result", Whole, nullable=False),
    sqlite_with_rowid=False,
)

Table("erasures", _TABLES, Column("number", Whole, primary_key=True), Column("body", Words, nullable=False))

Table("cosigners", _TABLES, Column("name", Words, primary_key=True), Column("vkey", Words, nullable=False))
Table(
    "cosignatures",
    _TABLES,
    Column("size", Whole, primary_key=True, autoincrement=False),
    Column("name", Words, primary_key=True),
    Column("line", Words, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Lay every table."""
    _TABLES.create_all(op.get_bind())
