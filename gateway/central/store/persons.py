"""Rows of persons, and of the cases that are pending about them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select, update

from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.tables_applications import PERSON_CASES, PERSONS

_PUT = Put(PERSONS, newest=["name", "contact"])
_OPEN = Put(PERSON_CASES, newest=["closed_on"])


@dataclass(frozen=True)
class ApplicantRow:
    """A person who applied; who entered them, and when (UTC)."""

    reference: str
    name: str
    contact: str
    entered_s: int
    entered_by: str


class ApplicantRows:
    """Whoever reads a name from here notes the read."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def get(self, references: Iterable[str]) -> dict[str, ApplicantRow]:
        """Return the persons of those references that are known."""
        found: dict[str, ApplicantRow] = {}
        for some in chunks(sorted(set(references))):
            rows = self._connection.execute(select(PERSONS).where(PERSONS.c.reference.in_(some)))
            found.update((row[0], ApplicantRow(*row)) for row in rows)
        return found

    def put(self, rows: Iterable[ApplicantRow]) -> None:
        """Add persons, or change name and contact of those that are known."""
        _PUT.run(self._connection, [asdict(row) for row in rows])

    def named(self, name: str, limit: int) -> list[ApplicantRow]:
        """Return at most `limit` persons whose name begins with these letters, in order."""
        query = select(PERSONS).where(PERSONS.c.name >= name, PERSONS.c.name < name + "\U0010ffff")
        rows = self._connection.execute(query.order_by(PERSONS.c.name, PERSONS.c.reference).limit(limit))
        return [ApplicantRow(*row) for row in rows]

    def bearing(self, names: Iterable[str]) -> bool:
        """Return True if somebody bears one of these names, as they are written here."""
        return any(
            self._connection.execute(select(PERSONS.c.reference).where(PERSONS.c.name.in_(some)).limit(1)).first()
            for some in chunks(sorted(set(names)))
        )

    def open_case(self, person: str, case_ref: str, opened_on: str) -> None:
        """Note a pending case; one that was closed is open again."""
        row = {"person": person, "case_ref": case_ref, "opened_on": opened_on, "closed_on": None}
        _OPEN.run(self._connection, [row])

    def close_case(self, person: str, case_ref: str, closed_on: str) -> bool:
        """Note that a case is pending no longer; return True if there was one open."""
        at = (PERSON_CASES.c.person == person) & (PERSON_CASES.c.case_ref == case_ref)
        order = update(PERSON_CASES).where(at, PERSON_CASES.c.closed_on.is_(None)).values(closed_on=closed_on)
        return self._connection.execute(order).rowcount > 0

    def pending_cases(self, persons: Iterable[str]) -> dict[str, list[str]]:
        """Return the open cases of those persons who have some."""
        found: dict[str, list[str]] = {}
        for some in chunks(sorted(set(persons))):
            query = select(PERSON_CASES.c.person, PERSON_CASES.c.case_ref).where(
                PERSON_CASES.c.person.in_(some), PERSON_CASES.c.closed_on.is_(None)
            )
            for person, case_ref in self._connection.execute(query.order_by(PERSON_CASES.c.case_ref)):
                found.setdefault(person, []).append(case_ref)
        return found
