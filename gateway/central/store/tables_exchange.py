"""Tables of the exchange with the other side. Days are the office's, YYYY-MM-DD; '' where there is none yet."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Bytes, Whole, Words
from gateway.central.store.tables import METADATA

# A case as it stands: the days are those of the question that was asked last.
EXCHANGE_CASES = Table(
    "exchange_cases",
    METADATA,
    Column("case_id", Words, primary_key=True),
    Column("subject", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("application_id", Words, nullable=False),
    Column("answer_days", Whole, nullable=False),
    Column("state", Words, nullable=False),  # draft, sent, answered, closed
    Column("opened_on", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("answered_on", Words, nullable=False),
    Column("closed_on", Words, nullable=False),
    Column("reminded", Whole, nullable=False),  # the step of the newest reminder that was sent
    Index("exchange_cases_by_sent", "state", "sent_on", "case_id"),
    Index("exchange_cases_by_due", "state", "due_on"),
    Index("exchange_cases_by_opened", "closed_on", "opened_on", "case_id"),
    Index("exchange_cases_by_person", "person"),
)

# Every time that something was asked: figures of a span that is over never change.
EXCHANGE_ASKS = Table(
    "exchange_asks",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),
    Column("answered_on", Words, nullable=False),
    Column("ended_on", Words, nullable=False),  # when its case was closed without an answer
    Index("exchange_asks_by_case", "case_id", "number"),
    Index("exchange_asks_by_sent", "sent_on", "case_id"),
    Index("exchange_asks_by_answer", "answered_on"),
)

# The text of a message is never changed.
EXCHANGE_MESSAGES = Table(
    "exchange_messages",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("kind", Words, nullable=False),  # note, out, in, reminder
    Column("utc_s", Whole, nullable=False),
    Column("by", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("personal", Whole, nullable=False),
    Column("ground", Words, nullable=False),
    Column("approved_by", Words, nullable=False),
    Column("refused_by", Words, nullable=False),
    Column("waiting", Whole, nullable=False),  # 1: for approval or for a batch
    Column("batch", Whole),
    Column("sent_on", Words, nullable=False),
    Column("their_number", Words, nullable=False),  # of an answer
    Index("exchange_messages_by_case", "case_id", "number"),
    Index("exchange_messages_waiting", "waiting", "number"),
    Index("exchange_messages_by_sent", "sent_on"),
)

EXCHANGE_BATCHES = Table(
    "exchange_batches",
    METADATA,
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

EXCHANGE_REMINDERS = Table(
    "exchange_reminders",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("case_id", Words, nullable=False),
    Column("step", Whole, nullable=False),
    Column("sent_to", Words, nullable=False),
    Column("sent_on", Words, nullable=False),
    Column("marked_by", Words, nullable=False),
    Index("exchange_reminders_by_day", "sent_on"),
)
