"""Boards that are provisioned without a line: gateways' public keys, and numbers that vouchers gave away."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Whole, Words

revision = "r0016"
down_revision = "r0015"

_TABLES = MetaData()

Table(
    "gateway_keys",
    _TABLES,
    Column("gateway", Words, primary_key=True),
    Column("sealing_key", Words, nullable=False),
)

Table(
    "board_numbers",
    _TABLES,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("technician", Words, nullable=False),
    Column("gateway", Words, nullable=False),
    Column("made_s", Whole, nullable=False),
    Column("until_s", Whole, nullable=False),
    Column("state", Words, nullable=False),
    Column("chip", Words, nullable=False),
    Column("statement", Words, nullable=False),
    Column("trouble", Words, nullable=False),
    Index("board_numbers_by_technician", "technician"),
)


def upgrade() -> None:
    """Lay the tables."""
    _TABLES.create_all(op.get_bind())
