"""The tables of persons, applications and what was decided on them."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Whole, Words
from gateway.central.store.tables import METADATA

# Who applies, apart from what they apply for: everything else names a person by reference only.
PERSONS = Table(
    "persons",
    METADATA,
    Column("reference", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("contact", Words, nullable=False),
    Column("entered_s", Whole, nullable=False),
    Column("entered_by", Words, nullable=False),
    Index("persons_by_name", "name"),
)

# Cases that are or were pending about a person; while one is open, nothing is proposed for them.
PERSON_CASES = Table(
    "person_cases",
    METADATA,
    Column("person", Words, primary_key=True),
    Column("case_ref", Words, primary_key=True),
    Column("opened_on", Words, nullable=False),
    Column("closed_on", Words),
)

# The office's side of each application; what it grants is the knowledge of the same number. An empty day is unknown.
APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("application_id", Words, primary_key=True),
    Column("person", Words, nullable=False),
    Column("grounds", Words, nullable=False),  # separated by blanks
    Column("ground", Words, nullable=False),  # the first: figures count by it
    Column("submitted_on", Words, nullable=False),
    Column("decision", Words, nullable=False),
    Column("decided_on", Words, nullable=False),  # the first time; a withdrawal leaves it
    Column("reason", Words, nullable=False),  # as the applicant reads it
    Column("contract", Words),
    Index("applications_queue", "decision", "submitted_on", "application_id"),
    Index("applications_by_person", "person"),
    Index("applications_by_contract", "contract"),
)

# Every decision there was, only ever added.
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("application_id", Words, nullable=False),
    Column("ground", Words, nullable=False),
    Column("submitted_on", Words, nullable=False),
    Column("day", Words, nullable=False),
    Column("decision", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("name", Words, nullable=False),
    Index("decisions_by_day", "day", "decision"),
    Index("decisions_by_application", "application_id"),
)
