"""What an applicant is given to read: a receipt, or the decision with its reason and what can be done about it."""

from gateway.central.store.applications import PENDING, Held

APPEAL = (
    "You may apply again at any time. If you think that this decision is wrong, tell this office in writing within 30 "
    "days: somebody else then decides."
)
_WORDS = {
    PENDING: "has been received. It will be decided in the order in which applications came in.",
    "approved": "has been approved.",
    "refused": "has not been approved.",
    "withdrawn": "is no longer valid.",
}


def letter(held: Held, name: str) -> str:
    """Return the text for an applicant, by the state of the application."""
    row = held.row
    lines = [f"To: {name}", f"Application {row.application_id}", ""]
    when = f", handed in on {row.submitted_on}," if row.submitted_on else ""
    lines.append(f"Your application{when} {_WORDS[row.decision]}")
    if row.decision != PENDING and row.decided_on:
        lines.append(f"Decided on {row.decided_on}.")
    if row.decision == "approved":
        lines += _granted(held)
    if row.reason:
        lines += ["", f"Reason: {row.reason}"]
    if row.decision in ("refused", "withdrawn"):
        lines += ["", APPEAL]
    return "\n".join(lines) + "\n"


def _granted(held: Held) -> list[str]:
    body = held.body
    days = f"{body['valid_from'] or 'now'} until {body['valid_until'] or 'further notice'}"
    points = ", ".join(body["crossing_points"]) or "every crossing point"
    entries = "any number of entries" if body["entries"] is None else f"{body['entries']} entries"
    stay = "" if body["max_stay_days"] is None else f", {body['max_stay_days']} days each at most"
    return [f"Valid from {days}, at {points}: {entries}{stay}."]
