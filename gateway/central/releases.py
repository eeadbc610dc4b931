"""Releases of reception stations in a permit: the fact by which the rules open onward travel early."""

from collections.abc import Callable
from typing import Any

from gateway.central.desk import Desk
from gateway.central.problems import Problem
from gateway.central.store import Transaction
from gateway.contract import MAX_RELEASES


def change_releases(
    transaction: Transaction, application_id: str, change: Callable[[set[str]], set[str]]
) -> dict[str, Any]:
    """Write a permit's days of release anew and judge its crossings again; Problem when there is no such permit."""
    body = transaction.knowledge.get("application", [application_id]).get(application_id)
    if body is None:
        raise Problem(409, "unknown-permit", f"There is no application {application_id}.")
    released = sorted(change(set(body.get("released_on", []))))
    if len(released) > MAX_RELEASES:
        detail = f"{application_id} has {MAX_RELEASES} releases, which is all that a permit holds; approve a new one."
        raise Problem(409, "too-many-releases", detail)
    body = body | {"released_on": released}
    if transaction.knowledge.put("application", {application_id: body}):
        desk = Desk(transaction)
        desk.applications_changed({application_id})
        desk.settle()
    return body
