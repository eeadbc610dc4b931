"""Persons, applications and decisions; what was known of applications before is taken over."""

import json
from typing import Any

from alembic import op
from sqlalchemy import Column, Connection, Index, MetaData, Table, insert, text

from gateway.central.store.columns import Whole, Words

revision = "r0006"
down_revision = "r0005"

_TABLES = MetaData()

Table(
    "persons",
    _TABLES,
    Column("reference", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("contact", Words, nullable=False),
    Column("entered_s", Whole, nullable=False),
    Column("entered_by", Words, nullable=False),
    Index("persons_by_name", "name"),
)

Table(
    "person_cases",
    _TABLES,
    Column("person", Words, primary_key=True),
    Column("case_ref", Words, primary_key=True),
    Column("opened_on", Words, nullable=False),
    Column("closed_on", Words),
)

Table(
    "applications",
    _TABLES,
    Column("application_id", Words, primary_key=True),
    Column("person", Words, nullable=False),
    Column("grounds", Words, nullable=False),
    Column("ground", Words, nullable=False),
    Column("submitted_on", Words, nullable=False),
    Column("decision", Words, nullable=False),
    Column("decided_on", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("contract", Words),
    Index("applications_queue", "decision", "submitted_on", "application_id"),
    Index("applications_by_person", "person"),
    Index("applications_by_contract", "contract"),
)

Table(
    "decisions",
    _TABLES,
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


def upgrade() -> None:
    """Lay these tables, and take over the applications that are known."""
    connection = op.get_bind()
    _TABLES.create_all(connection)
    after = ""
    while rows := _known(connection, after):
        taken = [_application(json.loads(body)) for _, body in rows]
        connection.execute(insert(_TABLES.tables["applications"]), taken)
        decided = [_decision(row) for row in taken if row["decision"] != "pending"]
        if decided:
            connection.execute(insert(_TABLES.tables["decisions"]), decided)
        after = rows[-1][0]


def _known(connection: Connection, after: str) -> list[tuple[str, str]]:
    query = "SELECT key, body FROM knowledge WHERE kind = 'application' AND key > :after ORDER BY key LIMIT 1000"
    return [(row[0], row[1]) for row in connection.execute(text(query), {"after": after})]


def _application(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "application_id": body["application_id"],
        "person": body["applicant_ref"],
        "grounds": body["purpose"],
        "ground": (body["purpose"].split() or [""])[0],
        "submitted_on": body["submitted_on"] or "",
        "decision": body["decision"],
        "decided_on": "" if body["decision"] == "pending" else body["decided_on"] or "",
        "reason": "",
        "contract": None,
    }


def _decision(row: dict[str, Any]) -> dict[str, Any]:
    same = {name: row[name] for name in ("application_id", "ground", "submitted_on", "decision")}
    return same | {"day": row["decided_on"], "reason": "", "role": "import", "name": ""}
