"""Plans, contracts, certificates, diplomas and travel costs of programmes."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0007"
down_revision = "r0006"

_TABLES = MetaData()

Table(
    "plans",
    _TABLES,
    Column("year", Whole, primary_key=True, autoincrement=False),
    Column("department", Words, primary_key=True),
    Column("submitted_on", Words, nullable=False),
    Column("changed_on", Words, nullable=False),
    Column("trainees", Whole, nullable=False),
    Column("workers", Whole, nullable=False),
    Column("trainees_approved", Whole, nullable=False),
    Column("workers_approved", Whole, nullable=False),
)

Table(
    "contracts",
    _TABLES,
    Column("contract_id", Words, primary_key=True),
    Column("year", Whole, nullable=False),
    Column("department", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("institution", Words, nullable=False),
    Column("higher", Whole, nullable=False),
    Column("concluded_on", Words, nullable=False),
    Column("starts_on", Words, nullable=False),
    Column("ends_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("health_done_on", Words),
    Column("health_done_by", Words),
    Index("contracts_by_year", "year", "department", "starts_on", "contract_id"),
    Index("contracts_by_start", "starts_on", "contract_id"),
    Index("contracts_by_end", "ends_on"),
    Index("contracts_by_conclusion", "concluded_on"),
    Index("contracts_by_person", "person"),
)

Table(
    "certificates",
    _TABLES,
    Column("contract_id", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("size_bytes", Whole, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("attached_by", Words, nullable=False),
    Column("attached_on", Words, nullable=False),
    Column("content", Bytes, nullable=False),
)

Table(
    "diplomas",
    _TABLES,
    Column("diploma_id", Words, primary_key=True),
    Column("person", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("institution", Words, nullable=False),
    Column("issued_on", Words),
    Column("entered_on", Words, nullable=False),
    Column("verified_on", Words),
    Column("verified_by", Words),
    Column("against", Words),
    Index("diplomas_by_person", "person"),
    Index("diplomas_by_verification", "verified_on"),
)

Table(
    "travel_costs",
    _TABLES,
    Column("cost_id", Words, primary_key=True),
    Column("year", Whole, nullable=False),
    Column("contract", Words),
    Column("travelled_on", Words, nullable=False),
    Column("territory", Words, nullable=False),
    Column("currency", Words, nullable=False),
    Column("minor_units", Whole, nullable=False),
    Column("paid_by", Words, nullable=False),
    Column("host_permille", Whole, nullable=False),
    Column("sending_minor_units", Whole, nullable=False),
    Column("host_minor_units", Whole, nullable=False),
    Index("travel_costs_by_year", "year", "cost_id"),
)

Table(
    "settled_years",
    _TABLES,
    Column("year", Whole, primary_key=True, autoincrement=False),
    Column("closed_on", Words, nullable=False),
    Column("closed_by", Words, nullable=False),
    Column("report", Words, nullable=False),
)


def upgrade() -> None:
    """Lay these tables."""
    _TABLES.create_all(op.get_bind())
