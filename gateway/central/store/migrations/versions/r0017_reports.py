"""Situation reports that were made."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Whole, Words

revision = "r0017"
down_revision = "r0016"

_TABLES = MetaData()

Table(
    "situation_reports",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("first", Words, nullable=False),
    Column("last", Words, nullable=False),
    Column("days", Whole, nullable=False),
    Column("made_s", Whole, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("figures", Words, nullable=False),
    Index("situation_reports_by_days", "days", "number"),
)


def upgrade() -> None:
    """Lay the table."""
    _TABLES.create_all(op.get_bind())
