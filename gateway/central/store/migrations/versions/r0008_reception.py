"""Stations, stays, what happened to each, and travel passes."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Whole, Words

revision = "r0008"
down_revision = "r0007"

_TABLES = MetaData()

Table(
    "stations",
    _TABLES,
    Column("code", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("time_zone", Words, nullable=False),
    Column("beds", Whole, nullable=False),
    Column("blankets", Whole, nullable=False),
)

Table(
    "stays",
    _TABLES,
    Column("stay_id", Words, primary_key=True),
    Column("station", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("application_id", Words, nullable=False),
    Column("arrived_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("blankets", Whole, nullable=False),
    Column("medical", Whole),
    Column("medical_on", Words),
    Column("vaccinated", Whole),
    Column("vaccinated_on", Words),
    Column("state", Words, nullable=False),
    Column("ended_on", Words),
    Column("early", Whole, nullable=False),
    Column("reason", Words, nullable=False),
    Column("decided_by", Words, nullable=False),
    Index("stays_by_due", "state", "due_on", "stay_id"),
    Index("stays_by_station", "station", "state", "due_on", "stay_id"),
    Index("stays_by_arrival", "arrived_on", "station"),
    Index("stays_by_end", "ended_on", "station"),
    Index("stays_by_person", "person"),
    Index("stays_by_application", "application_id"),
)

Table(
    "stay_events",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("stay_id", Words, nullable=False),
    Column("utc_s", Whole, nullable=False),
    Column("by", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Index("stay_events_by_stay", "stay_id", "number"),
)

Table(
    "travel_passes",
    _TABLES,
    Column("number", Words, primary_key=True),
    Column("stay_id", Words, nullable=False),
    Column("station", Words, nullable=False),
    Column("zone", Words, nullable=False),
    Column("issued_on", Words, nullable=False),
    Column("issued_by", Words, nullable=False),
    Index("travel_passes_by_day", "issued_on", "station"),
    Index("travel_passes_by_stay", "stay_id"),
)


def upgrade() -> None:
    """Lay the tables."""
    _TABLES.create_all(op.get_bind(), checkfirst=False)
