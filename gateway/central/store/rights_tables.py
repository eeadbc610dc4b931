"""Tables of the rights of travellers: what was erased, on whose order, and what was corrected."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Bytes, Whole, Words
from gateway.central.store.tables import METADATA

# Records whose content was erased; of a crossing also where the feed says so. A record that comes again stays erased.
ERASED = Table(
    "erased",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("position", Whole, nullable=False),  # 0: it was no crossing, or has not come yet
    Column("erasure", Whole, nullable=False),
    Index("erased_by_position", "position"),
    sqlite_with_rowid=False,
)

# What statistics need of erased crossings: counts, and nobody's.
ERASED_DAYS = Table(
    "erased_days",
    METADATA,
    Column("crossing_point", Words, primary_key=True),
    Column("day", Whole, primary_key=True, autoincrement=False),  # local, as `checkpost.calendar` counts
    Column("verdict", Whole, primary_key=True, autoincrement=False),
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# The chain's head after an erased record that no seal covers yet: from it the next seal can still be checked.
CHAIN_MARKS = Table(
    "chain_marks",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("head", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

# Revisions that a newer form of the same row replaced: by them a gateway that was away knows what it must forget.
KNOWLEDGE_PAST = Table(
    "knowledge_past",
    METADATA,
    Column("revision", Whole, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("key", Words, nullable=False),
    Index("knowledge_past_by_row", "kind", "key"),
)

# Erasures that were asked for; `subject` and `ground` stay until it is done, then only that it was.
ERASURE_ORDERS = Table(
    "erasure_orders",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("opened_s", Whole, nullable=False),
    Column("opened_by", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("ground", Words, nullable=False),
    Column("state", Words, nullable=False),  # open, done, refused
    Column("closed_by", Words, nullable=False),
    Column("closed_s", Whole, nullable=False),
    Column("erasure", Whole, nullable=False),  # its number; 0: none
)

# Corrections as they were entered, JSON; each of a crossing is a leaf too.
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("kind", Words, nullable=False),  # crossing or application
    Column("key", Words, nullable=False),
    Column("body", Words, nullable=False),
    Index("corrections_by_thing", "kind", "key"),
)
