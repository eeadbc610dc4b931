"""Keeps the office's queue beside what the centre knows of applications, whoever brought them."""

from collections.abc import Collection, Mapping

from gateway.central.access import Caller
from gateway.central.desk import Desk
from gateway.central.store import Transaction
from gateway.central.store.applications import PENDING, ApplicationRow, DecisionRow, Held
from gateway.central.store.knowledge import Body


def put_applications(
    transaction: Transaction, bodies: Mapping[str, Body], caller: Caller, rows: Mapping[str, ApplicationRow], day: str
) -> None:
    """Make bodies the newest revision of their applications: gateways hear of it, and what it touches is judged again.

    `rows`: the office's side of each; `day`: of the decisions among them.
    """
    before = transaction.applications.get(bodies)
    changed = transaction.knowledge.put("application", dict(bodies))
    transaction.applications.put(rows.values())
    transaction.applications.add_decisions(_decisions(rows, before, caller, day))
    desk = Desk(transaction)
    desk.applications_changed(set(changed))
    desk.settle()


def keep_imported(transaction: Transaction, bodies: Mapping[str, Body], changed: Collection[str]) -> None:
    """Take applications that were decided elsewhere, or are pending there, into the queue; their days are as given."""
    before = transaction.applications.get(changed)
    rows = {key: _imported(bodies[key], before.get(key)) for key in changed}
    transaction.applications.put(rows.values())
    for day in {row.decided_on for row in rows.values()}:
        some = {key: row for key, row in rows.items() if row.decided_on == day}
        transaction.applications.add_decisions(_decisions(some, before, Caller("import", ""), day))


def _imported(body: Body, held: Held | None) -> ApplicationRow:
    """Return the office's side of an application that came from elsewhere; what only the office knows stays."""
    same = held is not None and held.row.decision == body["decision"]
    return ApplicationRow(
        application_id=body["application_id"],
        person=body["applicant_ref"],
        grounds=body["purpose"],
        ground=(body["purpose"].split() or [""])[0],
        submitted_on=body["submitted_on"] or "",
        decision=body["decision"],
        decided_on="" if body["decision"] == PENDING else body["decided_on"] or (held.row.decided_on if held else ""),
        reason=held.row.reason if held and same else "",
        contract=held.row.contract if held else None,
    )


def _decisions(
    rows: Mapping[str, ApplicationRow], before: Mapping[str, Held], caller: Caller, day: str
) -> list[DecisionRow]:
    """Return what was decided: a row whose decision is another than before."""
    return [
        DecisionRow(key, row.ground, row.submitted_on, day, row.decision, row.reason, caller.role, caller.name)
        for key, row in rows.items()
        if row.decision != PENDING and (key not in before or before[key].row.decision != row.decision)
    ]
