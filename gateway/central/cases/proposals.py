"""What the rules propose for an application. A proposal decides nothing: a clerk does."""

from collections.abc import Sequence

from gateway.contract_applications import Proposal

# Grounds that need no weighing. Gateways bring rows of older files, which say `family`.
PLAIN_GROUNDS = frozenset(("family", "family_visit", "resettlement"))


def propose(grounds: Sequence[str], pending_cases: Sequence[str]) -> Proposal:
    """Return approval for one whose only ground is family or resettlement and who has no pending case, else nothing."""
    if pending_cases:
        named = ", ".join(pending_cases)
        return Proposal(decision="", why=f"A case is pending: {named}.")
    other = [ground for ground in grounds if ground not in PLAIN_GROUNDS]
    if other or not grounds:
        return Proposal(decision="", why=f"Its ground needs weighing: {', '.join(other) or 'none is given'}.")
    return Proposal(decision="approved", why=f"{' and '.join(grounds)} is its only ground, and no case is pending.")
