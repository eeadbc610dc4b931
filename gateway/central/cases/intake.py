"""Takes applications in. The same one handed in again changes nothing; a decided one is not changed any more."""

from typing import Any, NamedTuple

from gateway.central.access import Caller
from gateway.central.cases.persons import known_name
from gateway.central.cases.queue import put_applications
from gateway.central.cases.wrong import check_days, check_past, not_valid
from gateway.central.problems import Problem
from gateway.central.store import Transaction
from gateway.central.store.applications import PENDING, ApplicationRow, Held
from gateway.central.store.persons import ApplicantRow
from gateway.contract import Application
from gateway.contract.applications import Asked

_GRANTED = ("crossing_points", "entries", "max_stay_days", "zones", "reception_days", "companions")


class At(NamedTuple):
    """Who does something, and when: Unix UTC seconds and the office's local day."""

    caller: Caller
    now_s: int
    today: str


def take(transaction: Transaction, application_id: str, asked: Asked, fresh_person: str, at: At) -> bool:
    """Take an application in; return False when it is known like that. Problem by field, before anything is written.

    `fresh_person`: the reference of a person who comes without one.
    """
    held = transaction.applications.get([application_id]).get(application_id)
    _check(transaction, asked, at.today)
    person, entered = _person(transaction, asked, held, fresh_person, at)
    wanted = _wanted(transaction, application_id, asked, person)
    same = held is not None and all(held.body.get(name) == value for name, value in wanted.items())
    if held and same and held.row.contract == asked.contract:
        return False
    if held and held.row.decision != PENDING:
        raise decided_already(held)
    plain = Application(application_id=application_id, decision="pending").model_dump(mode="json")
    row = ApplicationRow(
        application_id=application_id,
        person=person,
        grounds=" ".join(asked.grounds),
        ground=asked.grounds[0],
        submitted_on=asked.submitted_on,
        decision=PENDING,
        decided_on="",
        reason="",
        contract=asked.contract,
    )
    if entered:
        transaction.persons.put([entered])
    body = plain | (held.body if held else {}) | wanted
    put_applications(transaction, {application_id: body}, at.caller, {application_id: row}, at.today)
    return True


def decided_already(held: Held) -> Problem:
    """Return the problem of a decision that is made."""
    row = held.row
    detail = (
        f"The application {row.application_id} was {row.decision}{f' on {row.decided_on}' if row.decided_on else ''}."
    )
    return Problem(409, "decided-already", detail, decision=row.decision)


def _check(transaction: Transaction, asked: Asked, today: str) -> None:
    check_past("submitted_on", asked.submitted_on, today)
    check_days(valid_from=asked.valid_from, valid_until=asked.valid_until)
    if asked.valid_from and asked.valid_until and asked.valid_until < asked.valid_from:
        raise not_valid("valid_until", f"it ends on {asked.valid_until}, before it begins on {asked.valid_from}")
    if asked.contract and (asked.valid_from or asked.valid_until):
        raise not_valid(
            "valid_from" if asked.valid_from else "valid_until", "its contract says when it begins and ends"
        )
    if len(set(asked.grounds)) != len(asked.grounds):
        raise not_valid("grounds", "a ground is named twice")
    known = transaction.knowledge.get("crossing_point", asked.crossing_points)
    for place, code in enumerate(asked.crossing_points):
        if code not in known:
            raise not_valid(f"crossing_points/{place}", f"there is no crossing point {code}")


def _person(
    transaction: Transaction, asked: Asked, held: Held | None, fresh: str, at: At
) -> tuple[str, ApplicantRow | None]:
    """Return an applicant's reference, and the person to enter when it is a new one."""
    reference = asked.person or (held.row.person if held else "") or fresh
    name = known_name(transaction, reference)
    if name is not None and asked.name not in (None, name):
        raise not_valid("name", f"{reference} is known by another name; correct the person, or leave the name out")
    if name is not None or (asked.name is None and held and held.row.person == reference):
        return reference, None
    if asked.name is None:
        detail = f"nobody is known as {asked.person}" if asked.person else "neither a person nor a name is given"
        raise not_valid("name", f"{detail}; give a name")
    return reference, ApplicantRow(reference, asked.name, asked.contact, at.now_s, at.caller.name)


def _wanted(transaction: Transaction, application_id: str, asked: Asked, person: str) -> dict[str, Any]:
    """Return what is asked for, in the fields of the contract with gateways."""
    dates = (asked.valid_from, asked.valid_until)
    if asked.contract:
        dates = _contract_dates(transaction, application_id, asked.contract, person)
    given = asked.model_dump(mode="json")
    return {
        "application_id": application_id,
        "applicant_ref": person,
        "purpose": " ".join(asked.grounds),
        "submitted_on": asked.submitted_on,
        "valid_from": dates[0],
        "valid_until": dates[1],
    } | {name: given[name] for name in _GRANTED}


def _contract_dates(transaction: Transaction, application_id: str, contract_id: str, person: str) -> tuple[str, str]:
    contract = transaction.contracts.get([contract_id]).get(contract_id)
    if contract is None:
        raise not_valid("contract", f"there is no contract {contract_id}")
    if contract.person != person:
        raise not_valid("contract", f"the contract {contract_id} is another person's")
    if contract.state == "cancelled":
        raise not_valid("contract", f"the contract {contract_id} was cancelled")
    for other in transaction.applications.of_contract(contract_id):
        if other.row.application_id != application_id and other.row.decision in (PENDING, "approved"):
            raise not_valid("contract", f"the contract {contract_id} has the application {other.row.application_id}")
    return contract.starts_on, contract.ends_on
