"""Rows of contracts, and of the certificates and appraisals that are attached to them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, tuple_, update

from gateway.central.store.parts import chunks, within
from gateway.central.store.plans import CANCELLED
from gateway.central.store.put import Put
from gateway.central.store.tables_programmes import CERTIFICATES, CONTRACTS

_PUT = Put(CONTRACTS, newest=[column.name for column in CONTRACTS.c if column.name != "contract_id"])
_ATTACH = Put(CERTIFICATES, newest=[column.name for column in CERTIFICATES.c if column.name != "contract_id"])
APPROVED = "approved"
OPEN = "open"
MAX_LATE = 1000  # contracts to come that were concluded late: a page says no larger number


@dataclass(frozen=True)
class ContractRow:
    """A contract; `due_on` is four months before its start, `state` open, approved or cancelled."""

    contract_id: str
    year: int
    department: str
    kind: str
    person: str
    institution: str
    higher: bool
    concluded_on: str
    starts_on: str
    ends_on: str
    due_on: str
    state: str
    health_done_on: str | None = None
    health_done_by: str | None = None


@dataclass(frozen=True)
class CertificateRow:
    """What is attached to a contract."""

    contract_id: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    attached_by: str
    attached_on: str
    content: bytes


class ContractRows:
    """Contracts by number, by year, and those that something is asked for."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, row: ContractRow) -> None:
        """Add a contract, or bring it up to date."""
        _PUT.run(self._connection, [asdict(row) | {"higher": int(row.higher)}])

    def get(self, contract_ids: Iterable[str]) -> dict[str, ContractRow]:
        """Return those contracts that are known."""
        found: dict[str, ContractRow] = {}
        for some in chunks(sorted(set(contract_ids))):
            rows = self._rows(select(CONTRACTS).where(CONTRACTS.c.contract_id.in_(some)))
            found.update((row.contract_id, row) for row in rows)
        return found

    def page(self, year: int | None, late: bool, after: tuple[str, str], limit: int) -> list[ContractRow]:
        """Return at most `limit` contracts after (starts_on, contract_id); of a year, or only those concluded late."""
        query = select(CONTRACTS).where(tuple_(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id) > tuple_(*after))
        if year is not None:
            query = query.where(CONTRACTS.c.year == year)
        if late:
            query = query.where(CONTRACTS.c.concluded_on > CONTRACTS.c.due_on, CONTRACTS.c.state != CANCELLED)
        return self._rows(query.order_by(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id).limit(limit))

    def all_of_year(self, year: int) -> list[ContractRow]:
        """Return the contracts of a year, by department and start."""
        column = CONTRACTS.c
        order = (column.department, column.starts_on, column.contract_id)
        return self._rows(select(CONTRACTS).where(column.year == year).order_by(*order))

    def concluded(self, first: str, last: str) -> int:
        """Return how many were concluded from one day to another."""
        at = within(CONTRACTS.c.concluded_on, first, last)
        return self._connection.execute(select(func.count()).select_from(CONTRACTS).where(at)).scalar_one()

    def count_late(self, first: str, last: str) -> int:
        """Return how many of those concluded from one day to another were late."""
        query = select(func.count()).select_from(CONTRACTS).where(_late(first, last))
        return self._connection.execute(query).scalar_one()

    def late(self, first: str, last: str, limit: int) -> list[ContractRow]:
        """Return at most `limit` of those concluded from one day to another that were late, by start."""
        query = select(CONTRACTS).where(_late(first, last))
        return self._rows(query.order_by(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id).limit(limit))

    def late_open(self, today: str) -> list[ContractRow]:
        """Return those still to start that were concluded late and are not approved; they are few."""
        open_late = (CONTRACTS.c.state == OPEN) & (CONTRACTS.c.concluded_on > CONTRACTS.c.due_on)
        query = select(CONTRACTS).where(CONTRACTS.c.starts_on >= today, open_late)
        return self._rows(query.order_by(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id).limit(MAX_LATE))

    def of_year(self, year: int) -> tuple[int, int]:
        """Return how many contracts a year has that were not cancelled, and how many of them were late."""
        late = func.sum(case((CONTRACTS.c.concluded_on > CONTRACTS.c.due_on, 1), else_=0))
        query = select(func.count(), late).where(CONTRACTS.c.year == year, CONTRACTS.c.state != CANCELLED)
        row = self._connection.execute(query).one()
        return row[0], int(row[1] or 0)  # PostgreSQL sums whole numbers as decimals

    def uncertified_page(self, last: str, after: tuple[str, str], limit: int) -> list[ContractRow]:
        """Return at most `limit` of those after (starts_on, contract_id) that ended and lack a certificate."""
        query = select(CONTRACTS).where(_uncertified(last))
        query = query.where(tuple_(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id) > tuple_(*after))
        return self._rows(query.order_by(CONTRACTS.c.starts_on, CONTRACTS.c.contract_id).limit(limit))

    def health_checks(self, first: str, last: str) -> int:
        """Return how many health checks were done from one day to another."""
        at = within(CONTRACTS.c.health_done_on, first, last)
        return self._connection.execute(select(func.count()).select_from(CONTRACTS).where(at)).scalar_one()

    def set_state(self, contract_id: str, state: str) -> None:
        """Note whether a contract's permit is approved, or that it was cancelled."""
        order = update(CONTRACTS).where(CONTRACTS.c.contract_id == contract_id).values(state=state)
        self._connection.execute(order)

    def certificate(self, contract_id: str) -> CertificateRow | None:
        """Return what is attached to a contract."""
        row = self._connection.execute(select(CERTIFICATES).where(CERTIFICATES.c.contract_id == contract_id)).first()
        return CertificateRow(*row) if row else None

    def attach(self, row: CertificateRow) -> None:
        """Attach a certificate or appraisal, instead of one that was there."""
        _ATTACH.run(self._connection, [asdict(row)])

    def certified(self, contract_ids: Iterable[str]) -> dict[str, str]:
        """Return the kind of what is attached, by those contracts that have something."""
        found: dict[str, str] = {}
        for some in chunks(sorted(set(contract_ids))):
            query = select(CERTIFICATES.c.contract_id, CERTIFICATES.c.kind)
            rows = self._connection.execute(query.where(CERTIFICATES.c.contract_id.in_(some)))
            found.update((row[0], row[1]) for row in rows)
        return found

    def attached(self, first: str, last: str) -> int:
        """Return how many certificates and appraisals were attached from one day to another."""
        at = within(CERTIFICATES.c.attached_on, first, last)
        return self._connection.execute(select(func.count()).select_from(CERTIFICATES).where(at)).scalar_one()

    def uncertified(self, last: str) -> int:
        """Return how many approved contracts ended by a day and have nothing attached."""
        query = select(func.count()).select_from(CONTRACTS).where(_uncertified(last))
        return self._connection.execute(query).scalar_one()

    def _rows(self, query: "Select[Any]") -> list[ContractRow]:
        rows = (ContractRow(*row) for row in self._connection.execute(query))
        return [replace(row, higher=bool(row.higher)) for row in rows]


def _uncertified(last: str) -> "ColumnElement[bool]":
    """Return what holds of an approved contract that ended by a day and has nothing attached."""
    attached = select(CERTIFICATES.c.contract_id).where(CERTIFICATES.c.contract_id == CONTRACTS.c.contract_id)
    return (CONTRACTS.c.ends_on <= last) & (CONTRACTS.c.state == APPROVED) & ~attached.exists()


def _late(first: str, last: str) -> "ColumnElement[bool]":
    """Return what holds of a contract that was concluded in a time, and less than four months ahead."""
    concluded = within(CONTRACTS.c.concluded_on, first, last)
    return concluded & (CONTRACTS.c.concluded_on > CONTRACTS.c.due_on) & (CONTRACTS.c.state != CANCELLED)
