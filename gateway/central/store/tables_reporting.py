"""The table of situation reports that were made: what they counted, and nobody's data."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Whole, Words
from gateway.central.store.tables import METADATA

REPORTS = Table(
    "situation_reports",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("first", Words, nullable=False),
    Column("last", Words, nullable=False),
    Column("days", Whole, nullable=False),
    Column("made_s", Whole, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("figures", Words, nullable=False),  # JSON: by part and name, what was counted
    Index("situation_reports_by_days", "days", "number"),
)
