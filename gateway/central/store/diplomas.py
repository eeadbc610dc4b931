"""Rows of diplomas, and who verified them."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from gateway.central.store.parts import within
from gateway.central.store.put import Put
from gateway.central.store.tables_programmes import DIPLOMAS

_PUT = Put(DIPLOMAS, newest=[name.name for name in DIPLOMAS.c if name.name not in ("diploma_id", "entered_on")])


@dataclass(frozen=True)
class DiplomaRow:
    """A diploma; `verified_on`, by whom and against what: None until somebody did."""

    diploma_id: str
    person: str
    title: str
    institution: str
    issued_on: str | None
    entered_on: str
    verified_on: str | None = None
    verified_by: str | None = None
    against: str | None = None


class DiplomaRows:
    """A diploma that is entered anew is not verified any more; its caller sees to that."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, row: DiplomaRow) -> None:
        """Add a diploma, or bring it up to date."""
        _PUT.run(self._connection, [asdict(row)])

    def get(self, diploma_id: str) -> DiplomaRow | None:
        """Return a diploma."""
        found = self._rows(DIPLOMAS.c.diploma_id == diploma_id)
        return found[0] if found else None

    def of_person(self, person: str) -> list[DiplomaRow]:
        """Return a person's diplomas."""
        return self._rows(DIPLOMAS.c.person == person)

    def verified_persons(self, persons: list[str]) -> set[str]:
        """Return those of some persons who have a verified diploma."""
        query = select(DIPLOMAS.c.person).where(DIPLOMAS.c.person.in_(persons), DIPLOMAS.c.verified_on.is_not(None))
        return {person for (person,) in self._connection.execute(query.distinct())}

    def of_year(self, year: int) -> list[DiplomaRow]:
        """Return what was entered in a year, by number."""
        return sorted(
            self._rows(within(DIPLOMAS.c.entered_on, f"{year}-01-01", f"{year}-12-31")), key=lambda row: row.diploma_id
        )

    def entered(self, first: str, last: str) -> int:
        """Return how many were entered from one day to another."""
        return self._count(within(DIPLOMAS.c.entered_on, first, last))

    def verified(self, first: str, last: str) -> int:
        """Return how many were verified from one day to another."""
        return self._count(within(DIPLOMAS.c.verified_on, first, last))

    def _count(self, at: "ColumnElement[bool]") -> int:
        return self._connection.execute(select(func.count()).select_from(DIPLOMAS).where(at)).scalar_one()

    def _rows(self, at: "ColumnElement[bool]") -> list[DiplomaRow]:
        rows: Any = self._connection.execute(select(DIPLOMAS).where(at).order_by(DIPLOMAS.c.diploma_id))
        return [DiplomaRow(*row) for row in rows]
