"""Contracts of trainees and workers with a host department; their permits live as long as they do."""

from typing import NamedTuple

from gateway.central.access import Caller
from gateway.central.cases.deciding import change_dates, withdraw
from gateway.central.cases.intake import At
from gateway.central.cases.paging import cursor
from gateway.central.cases.persons import known_name
from gateway.central.cases.places import missing
from gateway.central.cases.terms import contract_due_on, year_of
from gateway.central.cases.wrong import check_days, check_past, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.applications import PENDING
from gateway.central.store.contracts import APPROVED, OPEN, ContractRow
from gateway.central.store.plans import CANCELLED
from gateway.contract.programmes import Contract, ContractBody, Contracts, HealthCheck

OLDEST = 3  # of those that wait, on the first page
ENDS_IN_WORDS = "The contract with the host department was cancelled: "


class YearCounts(NamedTuple):
    """Contracts of a year, and those of them that were concluded late."""

    contracts: int
    late: int


class WaitingContracts(NamedTuple):
    """What waits: contracts that came late and are not approved, the first few of them, and certificates."""

    late: int
    oldest: list[ContractRow]
    certificates: int


class ContractOffice:
    """Reads and writes through one store."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def put(self, contract_id: str, body: ContractBody, caller: Caller) -> Contract:
        """Enter a contract, or change it; an approved one keeps its place, and its permit follows its dates."""
        at = self._at(caller)
        _check(body, at.today)
        with self._store.write() as transaction:
            if known_name(transaction, body.person) is None:
                raise not_valid("person", f"nobody is known as {body.person}; enter the person first")
            held = transaction.contracts.get([contract_id]).get(contract_id)
            row = _row(contract_id, body, held)
            if held:
                _check_change(held, row)
            if row != held:
                transaction.contracts.put(row)
                _let_permits_follow(transaction, row, at)
            return _view(transaction, [row], at.today)[0]

    def cancel(self, contract_id: str, reason: str, caller: Caller) -> Contract:
        """End a contract; its permit is withdrawn with the same words, and its place is free again."""
        at = self._at(caller)
        with self._store.write() as transaction:
            _held(transaction, contract_id)
            for application in transaction.applications.of_contract(contract_id):
                if application.row.decision in (PENDING, "approved"):
                    withdraw(transaction, application.row.application_id, ENDS_IN_WORDS + reason, None, at)
            transaction.contracts.set_state(contract_id, CANCELLED)
            return _view(transaction, [_held(transaction, contract_id)], at.today)[0]

    def health_checked(self, contract_id: str, check: HealthCheck) -> Contract:
        """Note that a health check was done, and by whom."""
        today = self._time.today()
        check_past("done_on", check.done_on, today)
        with self._store.write() as transaction:
            held = _held(transaction, contract_id)
            noted = {"health_done_on": check.done_on, "health_done_by": check.done_by}
            transaction.contracts.put(ContractRow(**(held.__dict__ | noted)))
            return _view(transaction, [_held(transaction, contract_id)], today)[0]

    def get(self, contract_id: str) -> Contract:
        """Return a contract."""
        with self._store.read() as transaction:
            return _view(transaction, [_held(transaction, contract_id)], self._time.today())[0]

    def page(self, year: int | None, late: bool, after: tuple[str, str], limit: int) -> Contracts:
        """Return a page of contracts by start; `after`: (starts_on, contract_id) of the last one seen."""
        with self._store.read() as transaction:
            rows = transaction.contracts.page(year, late, after, limit + 1)
            views = _view(transaction, rows[:limit], self._time.today())
        last = rows[limit - 1] if len(rows) > limit else None
        return Contracts(contracts=views, next=cursor(last.starts_on, last.contract_id) if last else None)

    def ended(self, after: tuple[str, str], limit: int) -> Contracts:
        """Return a page of contracts that ended and lack certificate and appraisal, by start."""
        today = self._time.today()
        with self._store.read() as transaction:
            rows = transaction.contracts.uncertified_page(today, after, limit + 1)
            views = _view(transaction, rows[:limit], today)
        last = rows[limit - 1] if len(rows) > limit else None
        return Contracts(contracts=views, next=cursor(last.starts_on, last.contract_id) if last else None)

    def counts(self, year: int) -> YearCounts:
        """Return how many contracts a year has, and how many of them were concluded late."""
        with self._store.read() as transaction:
            return YearCounts(*transaction.contracts.of_year(year))

    def waiting(self) -> WaitingContracts:
        """Return the contracts to come that were concluded late, and how many certificates are asked for."""
        today = self._time.today()
        with self._store.read() as transaction:
            late = transaction.contracts.late_open(today)
            return WaitingContracts(len(late), late[:OLDEST], transaction.contracts.uncertified(today))

    def _at(self, caller: Caller) -> At:
        return At(caller, self._time.now_s(), self._time.today())


def _check(body: ContractBody, today: str) -> None:
    check_past("concluded_on", body.concluded_on, today)
    check_days(starts_on=body.starts_on, ends_on=body.ends_on)
    if body.ends_on < body.starts_on:
        raise not_valid("ends_on", f"it ends on {body.ends_on}, before it starts on {body.starts_on}")


def _row(contract_id: str, body: ContractBody, held: ContractRow | None) -> ContractRow:
    return ContractRow(
        contract_id=contract_id,
        year=year_of(body.starts_on),
        due_on=contract_due_on(body.starts_on),
        state=held.state if held else OPEN,
        health_done_on=held.health_done_on if held else None,
        health_done_by=held.health_done_by if held else None,
        **body.model_dump(),
    )


def _check_change(held: ContractRow, row: ContractRow) -> None:
    if held.state == CANCELLED and held != row:
        raise Problem(409, "contract-cancelled", f"The contract {held.contract_id} was cancelled; enter a new one.")
    if held.person != row.person:
        raise not_valid("person", f"the contract {held.contract_id} is another person's; enter a new one")
    if held.state == APPROVED and (held.year, held.department, held.kind) != (row.year, row.department, row.kind):
        detail = f"The contract {held.contract_id} holds a place of {held.department} in {held.year}; cancel it first."
        raise Problem(409, "place-taken", detail)


def _let_permits_follow(transaction: Transaction, row: ContractRow, at: At) -> None:
    for application in transaction.applications.of_contract(row.contract_id):
        if application.row.decision in (PENDING, "approved"):
            change_dates(transaction, application, row.starts_on, row.ends_on, at)


def _held(transaction: Transaction, contract_id: str) -> ContractRow:
    held = transaction.contracts.get([contract_id]).get(contract_id)
    if held is None:
        raise Problem(404, "unknown-contract", f"There is no contract {contract_id}.")
    return held


def _view(transaction: Transaction, rows: list[ContractRow], today: str) -> list[Contract]:
    certified = transaction.contracts.certified(row.contract_id for row in rows)
    verified = transaction.diplomas.verified_persons([row.person for row in rows])
    applications = transaction.applications.of_contracts(row.contract_id for row in rows)
    return [_shown(row, certified, verified, applications, today) for row in rows]


def _shown(
    row: ContractRow, certified: dict[str, str], verified: set[str], applications: dict[str, str], today: str
) -> Contract:
    attached = certified.get(row.contract_id)
    asked = row.ends_on if row.state == APPROVED and row.ends_on <= today and attached is None else None
    return Contract.model_validate(
        row.__dict__
        | {
            "late": row.concluded_on > row.due_on,
            "application": applications.get(row.contract_id),
            "missing": missing(row, verified) if row.state == OPEN else [],
            "certificate_asked_on": asked,
            "certificate": attached,
        }
    )
