"""What the rules propose for an application. A proposal decides nothing: a clerk does."""

from collections.abc import Sequence

from gateway.contract.applications import Proposal

# Grounds that need no weighing. Gateways bring rows of older files, which say `family`.
PLAIN_GROUNDS = frozenset(("family", "family_visit", "resettlement"))


def propose(grounds: Sequence[str], pending_cases: Sequence[str], open_reviews: Sequence[int] = ()) -> Proposal:
    """Return approval where family or resettlement is the only ground, else nothing.

    A case that is pending, or a question that is open about the person's travel, is looked at first.
    """
    if pending_cases:
        named = ", ".join(pending_cases)
        return Proposal(decision="", why=f"A case is pending: {named}.")
    if open_reviews:
        return Proposal(decision="", why=f"A review is open: {', '.join(map(str, open_reviews))}.")
    other = [ground for ground in grounds if ground not in PLAIN_GROUNDS]
    if other or not grounds:
        return Proposal(decision="", why=f"Its ground needs weighing: {', '.join(other) or 'none is given'}.")
    said = " and ".join(ground.replace("_", " ") for ground in grounds)
    only = "is its only ground" if len(grounds) == 1 else "are its only grounds"
    return Proposal(decision="approved", why=f"{said[:1].upper()}{said[1:]} {only}, and no case is pending.")
