"""Cases for the other side, what was asked, threads, files and reminders."""

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table

from gateway.central.store.columns import Bytes, Whole, Words

revision = "r0011"
down_revision = "r0010"

_TABLES = MetaData()

Table(
    "exchange_cases",
    _TABLES,
    Column("case_id", Words, primary_key=True),
    Column("subject", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("application_id", Words, nullable=False),
    Column("answer_days", Whole, nullable=False),
    Column("state", Words, nullable=False),
    Column("opened_on", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("answered_on", Words, nullable=False),
    Column("closed_on", Words, nullable=False),
    Column("reminded", Whole, nullable=False),
    Index("exchange_cases_by_sent", "state", "sent_on", "case_id"),
    Index("exchange_cases_by_opened", "closed_on", "opened_on", "case_id"),
    Index("exchange_cases_by_person", "person"),
)

Table(
    "exchange_asks",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("answered_on", Words, nullable=False),
    Column("ended_on", Words, nullable=False),
    Index("exchange_asks_by_case", "case_id", "number"),
    Index("exchange_asks_by_sent", "sent_on", "case_id"),
    Index("exchange_asks_by_answer", "answered_on"),
)

Table(
    "exchange_messages",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("utc_s", Whole, nullable=False),
    Column("by", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("personal", Whole, nullable=False),
    Column("ground", Words, nullable=False),
    Column("approved_by", Words, nullable=False),
    Column("refused_by", Words, nullable=False),
    Column("waiting", Whole, nullable=False),
    Column("batch", Whole),
    Column("sent_on", Words, nullable=False),
    Column("their_number", Words, nullable=False),
    Index("exchange_messages_by_case", "case_id", "number"),
    Index("exchange_messages_waiting", "waiting", "number"),
    Index("exchange_messages_by_sent", "sent_on"),
)

Table(
    "exchange_batches",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("direction", Words, nullable=False),
    Column("form", Words, nullable=False),
    Column("rows", Whole, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("content", Bytes, nullable=False),
    Column("size", Whole, nullable=False),
    Column("made_s", Whole, nullable=False),
    Column("made_on", Words, nullable=False),
    Column("made_by", Words, nullable=False),
    Index("exchange_batches_by_hash", "sha256"),
    Index("exchange_batches_by_day", "made_on"),
)

Table(
    "exchange_reminders",
    _TABLES,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("step", Whole, nullable=False),
    Column("sent_to", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("marked_by", Words, nullable=False),
    Index("exchange_reminders_by_day", "sent_on"),
)


def upgrade() -> None:
    """Lay the tables."""
    _TABLES.create_all(op.get_bind(), checkfirst=False)
