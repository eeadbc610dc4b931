"""What persons did in reviews at gateways."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Whole, Words

revision = "r0018"
down_revision = "r0017"

_TABLES = MetaData()

Table(
    "gateway_steps",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("gateway", Words, nullable=False),
    Column("store", Whole, nullable=False),
    Column("event", Whole, nullable=False),
    Column("review", Whole, nullable=False),
    Column("kind", Words, nullable=False),
    Column("card_uid", Words, nullable=False),
    Column("board", Whole, nullable=False),
    Column("epoch", Whole, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("at_s", Whole, nullable=False),
    Column("person", Words, nullable=False),
    Column("step", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("arrived_s", Whole, nullable=False),
    Index("gateway_steps_once", "gateway", "store", "event", unique=True),
    Index("gateway_steps_by_record", "board", "epoch", "seq"),
    Index("gateway_steps_by_card", "card_uid"),
)


def upgrade() -> None:
    """Lay the table."""
    _TABLES.create_all(op.get_bind())
