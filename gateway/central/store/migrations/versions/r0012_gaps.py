"""Gaps: where a board's chain goes on behind records that it could not read any more."""

from alembic import op
from sqlalchemy import Column, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0012"
down_revision = "r0011"

_TABLES = MetaData()

Table(
    "gaps",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("head", Bytes, nullable=False),
    Column("body", Words, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Lay the table."""
    _TABLES.create_all(op.get_bind(), checkfirst=False)
