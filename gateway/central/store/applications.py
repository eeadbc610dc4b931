"""Rows of applications as the office works on them, and of every decision."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, tuple_

from gateway.central.store.parts import chunks, within
from gateway.central.store.put import Put
from gateway.central.store.tables import KNOWLEDGE
from gateway.central.store.tables_applications import APPLICATIONS, DECISIONS

_PUT = Put(APPLICATIONS, newest=[column.name for column in APPLICATIONS.c if column.name != "application_id"])
PENDING = "pending"


@dataclass(frozen=True)
class ApplicationRow:
    """The office's side of an application; an empty day is unknown. `decided_on`: the first time."""

    application_id: str
    person: str
    grounds: str
    ground: str
    submitted_on: str
    decision: str
    decided_on: str
    reason: str
    contract: str | None


@dataclass(frozen=True)
class DecisionRow:
    """A decision, on a local day, and who made it."""

    application_id: str
    ground: str
    submitted_on: str
    day: str
    decision: str
    reason: str
    role: str
    name: str


class Held(NamedTuple):
    """An application with what the centre knows of it, and the revision of that."""

    row: ApplicationRow
    body: dict[str, Any]
    revision: int


class ApplicationRows:
    """Decisions are only ever added."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, rows: Iterable[ApplicationRow]) -> None:
        """Add applications, or bring them up to date."""
        _PUT.run(self._connection, [asdict(row) for row in rows])

    def get(self, application_ids: Iterable[str]) -> dict[str, Held]:
        """Return those applications that are known."""
        found: dict[str, Held] = {}
        for some in chunks(sorted(set(application_ids))):
            query = _joined().where(APPLICATIONS.c.application_id.in_(some))
            found.update((held.row.application_id, held) for held in self._held(query))
        return found

    def queue(self, decision: str, after: tuple[str, str], limit: int) -> list[Held]:
        """Return at most `limit` of one decision after (submitted_on, application_id), oldest first."""
        place = tuple_(APPLICATIONS.c.submitted_on, APPLICATIONS.c.application_id)
        query = _joined().where(APPLICATIONS.c.decision == decision, place > tuple_(*after))
        query = query.order_by(APPLICATIONS.c.submitted_on, APPLICATIONS.c.application_id)
        return self._held(query.limit(limit))

    def of_person(self, person: str) -> list[Held]:
        """Return a person's applications, oldest first."""
        query = _joined().where(APPLICATIONS.c.person == person)
        return self._held(query.order_by(APPLICATIONS.c.submitted_on, APPLICATIONS.c.application_id))

    def of_contract(self, contract: str) -> list[Held]:
        """Return a contract's applications."""
        return self._held(_joined().where(APPLICATIONS.c.contract == contract))

    def of_contracts(self, contracts: Iterable[str]) -> dict[str, str]:
        """Return the number of each contract's application that is pending or approved."""
        found: dict[str, str] = {}
        for some in chunks(sorted(set(contracts))):
            columns = (APPLICATIONS.c.contract, APPLICATIONS.c.application_id, APPLICATIONS.c.decision)
            query = select(*columns).where(APPLICATIONS.c.contract.in_(some))
            # Which of them count is asked here: in the query it makes SQLite read every application of that decision.
            rows = self._connection.execute(query)
            found.update((row[0], row[1]) for row in rows if row[2] in (PENDING, "approved"))
        return found

    def pending(self) -> int:
        """Return how many are undecided."""
        query = select(func.count()).select_from(APPLICATIONS).where(APPLICATIONS.c.decision == PENDING)
        return self._connection.execute(query).scalar_one()

    def pending_before(self, day: str) -> int:
        """Return how many undecided ones were handed in before a day."""
        old = (APPLICATIONS.c.decision == PENDING) & (APPLICATIONS.c.submitted_on < day)
        return self._connection.execute(select(func.count()).select_from(APPLICATIONS).where(old)).scalar_one()

    def add_decisions(self, rows: Iterable[DecisionRow]) -> None:
        """Add decisions."""
        values = [asdict(row) for row in rows]
        if values:
            self._connection.execute(insert(DECISIONS), values)

    def decisions(self, application_id: str) -> list[DecisionRow]:
        """Return what was decided on an application, in the order in which it was."""
        columns = [column for column in DECISIONS.c if column.name != "number"]
        query = select(*columns).where(DECISIONS.c.application_id == application_id).order_by(DECISIONS.c.number)
        return [DecisionRow(*row) for row in self._connection.execute(query)]

    def submitted(self, first: str, last: str) -> int:
        """Return how many were handed in from one day to another."""
        query = select(func.count()).select_from(APPLICATIONS).where(within(APPLICATIONS.c.submitted_on, first, last))
        return self._connection.execute(query).scalar_one()

    def decided_by_day(self, first: str, last: str) -> list[tuple[str, str, int]]:
        """Return (day, decision, how many) from one day to another, in order."""
        query = select(DECISIONS.c.day, DECISIONS.c.decision, func.count()).where(within(DECISIONS.c.day, first, last))
        query = query.group_by(DECISIONS.c.day, DECISIONS.c.decision).order_by(DECISIONS.c.day, DECISIONS.c.decision)
        return [(row[0], row[1], row[2]) for row in self._connection.execute(query)]

    def turned_around(self, first: str, last: str) -> list[tuple[str, str, str, int]]:
        """Return (ground, handed in, decided, how many) of those first decided from one day to another."""
        columns = (APPLICATIONS.c.ground, APPLICATIONS.c.submitted_on, APPLICATIONS.c.decided_on)
        query = select(*columns, func.count()).where(within(APPLICATIONS.c.decided_on, first, last))
        rows = self._connection.execute(query.group_by(*columns))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def waiting(self, last: str) -> list[tuple[str, str, int, str]]:
        """Return (ground, handed in, how many, one of them) of those that were undecided at a day's end."""
        undecided = or_(APPLICATIONS.c.decision == PENDING, APPLICATIONS.c.decided_on > last)
        columns = (APPLICATIONS.c.ground, APPLICATIONS.c.submitted_on)
        query = select(*columns, func.count(), func.min(APPLICATIONS.c.application_id))
        rows = self._connection.execute(query.where(APPLICATIONS.c.submitted_on <= last, undecided).group_by(*columns))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _held(self, query: "Select[Any]") -> list[Held]:
        rows = self._connection.execute(query)
        return [Held(ApplicationRow(*row[:-2]), json.loads(row[-2]), row[-1]) for row in rows]


def _joined() -> "Select[Any]":
    known = and_(KNOWLEDGE.c.kind == "application", KNOWLEDGE.c.key == APPLICATIONS.c.application_id)
    return select(APPLICATIONS, KNOWLEDGE.c.body, KNOWLEDGE.c.revision).join(KNOWLEDGE, known)
