"""Decides applications. A decision is a new revision of what gateways know, so one sync brings it to each roster."""

from typing import Any, Literal

from gateway.central.cases.intake import At, decided_already, take
from gateway.central.cases.places import give_back_place, take_place
from gateway.central.cases.queue import put_applications
from gateway.central.cases.wrong import not_valid
from gateway.central.problems import Problem
from gateway.central.store import Transaction
from gateway.central.store.applications import PENDING, ApplicationRow, Held
from gateway.contract.applications import Asked


def decide(
    transaction: Transaction,
    application_id: str,
    decision: Literal["approved", "refused"],
    reason: str,
    at: At,
    revision: int | None = None,
) -> Held:
    """Decide a pending application; Problem when it is decided, or changed since `revision`, or a place is missing.

    `reason`: what the applicant reads; a refusal needs one.
    """
    held = found(transaction, application_id)
    if held.row.decision != PENDING:
        raise decided_already(held)
    if revision is not None and revision != held.revision:
        detail = f"The application {application_id} changed since you saw it; look at it again, and decide then."
        raise Problem(409, "changed-since", detail, revision=held.revision)
    if decision == "refused" and not reason.strip():
        raise not_valid("reason", "a refusal needs a reason, in words that the applicant can read")
    granted: dict[str, Any] = {"decision": decision, "decided_on": at.today}
    if decision == "approved" and held.row.contract:
        contract = take_place(transaction, held.row.contract, application_id)
        granted |= {"valid_from": contract.starts_on, "valid_until": contract.ends_on}
    return _put(
        transaction, held, granted, {"decision": decision, "decided_on": at.today, "reason": reason.strip()}, at
    )


def approve(transaction: Transaction, application_id: str, at: At, revision: int | None = None) -> Held:
    """Approve a pending application: its permit is issued."""
    return decide(transaction, application_id, "approved", "", at, revision)


def refuse(transaction: Transaction, application_id: str, reason: str, at: At, revision: int | None = None) -> Held:
    """Refuse a pending application, for a reason that the applicant can read."""
    return decide(transaction, application_id, "refused", reason, at, revision)


def withdraw(transaction: Transaction, application_id: str, reason: str, withdrawn_from: int | None, at: At) -> Held:
    """Take an approval back, or let a pending application go; what it held of a quota is free again.

    `withdrawn_from`: Unix UTC seconds from which an approval counts no more; None: now.
    """
    held = found(transaction, application_id)
    if held.row.decision not in (PENDING, "approved"):
        raise decided_already(held)
    if not reason.strip():
        raise not_valid("reason", "a withdrawal needs a reason, in words that the applicant can read")
    if held.row.decision == "approved" and held.row.contract:
        give_back_place(transaction, held.row.contract)
    moment = at.now_s if withdrawn_from is None else withdrawn_from
    granted = {"decision": "withdrawn", "withdrawn_from": moment}
    granted["decided_on"] = held.body["decided_on"] or at.today
    row = {"decision": "withdrawn", "reason": reason.strip(), "decided_on": held.row.decided_on or at.today}
    return _put(transaction, held, granted, row, at)


def issue_permit(transaction: Transaction, application_id: str, asked: Asked, fresh_person: str, at: At) -> Held:
    """Take an application in and approve it at once: for a disposition that regularises somebody's travel."""
    take(transaction, application_id, asked, fresh_person, at)
    return approve(transaction, application_id, at)


def change_dates(transaction: Transaction, held: Held, valid_from: str, valid_until: str, at: At) -> Held:
    """Let an approved permit begin and end with its contract."""
    return _put(transaction, held, {"valid_from": valid_from, "valid_until": valid_until}, {}, at)


def found(transaction: Transaction, application_id: str) -> Held:
    """Return an application; Problem when there is none."""
    held = transaction.applications.get([application_id]).get(application_id)
    if held is None:
        raise Problem(404, "unknown-application", f"There is no application {application_id}.")
    return held


def _put(transaction: Transaction, held: Held, granted: dict[str, Any], changed: dict[str, Any], at: At) -> Held:
    key = held.row.application_id
    row = ApplicationRow(**(held.row.__dict__ | changed))
    put_applications(transaction, {key: held.body | granted}, at.caller, {key: row}, at.today)
    return transaction.applications.get([key])[key]
