"""The tables of reviews. What a review rests on and what happened in it stays: triggers see to it."""

from sqlalchemy import Column, Index, Table, text

from gateway.central.store.columns import Whole, Words
from gateway.central.store.tables import METADATA

# In a statement it is written out: a partial index serves only a condition that says the same.
WAITS = text("waits = 1")

# A review of one question: about a record (board, epoch, seq) or about a card (card_uid, the numbers 0). `permit` and
# `crossing_point` are of the crossing; `waits`: 1 until it is decided or falls away; `evidence`: as it was then.
REVIEWS = Table(
    "reviews",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("card_uid", Words, nullable=False),
    Column("board", Whole, nullable=False),
    Column("epoch", Whole, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("crossing_point", Words, nullable=False),
    Column("permit", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Column("opened_s", Whole, nullable=False),
    Column("due_s", Whole, nullable=False),
    Column("evidence", Words, nullable=False),
    Column("evidence_sha256", Words, nullable=False),
    Column("waits", Whole, nullable=False),
    Column("state", Words, nullable=False),
    Column("reviewer", Words, nullable=False),
    Column("disposition", Words, nullable=False),
    Column("decided_s", Whole),
    Index(
        "reviews_one_open",
        "kind",
        "card_uid",
        "board",
        "epoch",
        "seq",
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    ),
    Index("reviews_due", "due_s", "number", sqlite_where=WAITS, postgresql_where=WAITS),
    Index("reviews_due_by_point", "crossing_point", "due_s", "number", sqlite_where=WAITS, postgresql_where=WAITS),
    Index("reviews_by_record", "board", "epoch", "seq"),
    Index("reviews_by_card", "card_uid"),
    Index("reviews_by_permit", "permit"),
    Index("reviews_decided", "decided_s", "number"),
)

# What happened in a review, oldest first. `person` is empty for what the centre itself did; `body`: JSON.
REVIEW_EVENTS = Table(
    "review_events",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("review", Whole, nullable=False),
    Column("at_s", Whole, nullable=False),
    Column("person", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("body", Words, nullable=False),
    Index("review_events_by_review", "review", "number"),
)

# What persons did in reviews at gateways, as the gateways brought it: each step once, in the order of arrival. `store`
# and `event` are the gateway's own numbers of it, `review` of the review there; `body`: JSON.
GATEWAY_STEPS = Table(
    "gateway_steps",
    METADATA,
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
