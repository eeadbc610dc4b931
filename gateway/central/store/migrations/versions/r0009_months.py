"""When a crossing came; on PostgreSQL, crossings and records are kept by the month in which they came.

A month can be moved to slower disks or into an archive as one table. The month of arrival never changes, as that of
the crossing does when a clock is corrected. That a place is held once is kept by `leaves_by_place` and `heads`.
"""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0009"
down_revision = "r0008"

_TABLES = MetaData()
_KEY = ("board", "epoch", "seq", "arrived_s")
_NUMBERS = ("order_utc_s", "utc_s", "offset_quarters", "trust", "uncertainty")
_WORDS = ("zone", "card_uid", "permit")
_SAID = ("direction", "assurance", "genuine", "recorded_party", "board_verdict", "outcome_seq", "outcome", "party")
_JUDGED = ("verdict", "reasons", "causes", "notes", "waived", "rule_version", "position", "source", "unchecked")

Table(
    "records",
    _TABLES,
    *(Column(name, Whole, primary_key=True, autoincrement=False) for name in _KEY),
    Column("raw", Bytes, nullable=False),
    postgresql_partition_by="RANGE (arrived_s)",
)
Table(
    "crossings",
    _TABLES,
    *(Column(name, Whole, primary_key=True, autoincrement=False) for name in _KEY[:3]),
    *(Column(name, Whole, nullable=False) for name in _NUMBERS),
    Column("crossing_point", Words, nullable=False),
    Column("kind", Whole, nullable=False),
    *(Column(name, Words, nullable=False) for name in _WORDS),
    *(Column(name, Whole, nullable=False) for name in (*_SAID, *_JUDGED)),
    Column("arrived_s", Whole, primary_key=True, autoincrement=False),
    Index("crossings_by_permit", "permit"),
    Index("crossings_by_card", "card_uid"),
    Index("crossings_by_position", "position", "arrived_s", unique=True),
    postgresql_partition_by="RANGE (arrived_s)",
)


def upgrade() -> None:
    """Add the instant to what an SQLite store holds; lay the tables of PostgreSQL, which nothing was in before."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("crossings", "records"):
            op.drop_table(name)
        _TABLES.create_all(op.get_bind())
        return
    op.add_column("crossings", Column("arrived_s", Whole, nullable=False, server_default="0"))
    op.execute(
        "UPDATE crossings SET arrived_s = (SELECT records.arrived_s FROM records WHERE records.board = crossings.board "
        "AND records.epoch = crossings.epoch AND records.seq = crossings.seq)"
    )
