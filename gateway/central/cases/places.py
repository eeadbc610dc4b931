"""What an approval in a programme takes: a place of its department's plan, a health check, a verified diploma."""

from gateway.central.problems import Problem
from gateway.central.store import Transaction
from gateway.central.store.contracts import APPROVED, OPEN, ContractRow


def take_place(transaction: Transaction, contract_id: str, application_id: str) -> ContractRow:
    """Take the place of a contract whose permit is approved, and return it; Problem says what is missing."""
    contract = transaction.contracts.get([contract_id])[contract_id]
    lacking = missing(contract, transaction.diplomas.verified_persons([contract.person]))
    if contract.state != OPEN:
        raise Problem(409, "contract-not-open", f"The contract {contract_id} is {contract.state}.")
    if lacking:
        detail = f"The application {application_id} cannot be approved yet: {'; '.join(lacking)}."
        raise Problem(409, "not-ready", detail, missing=lacking)
    if not transaction.plans.take(contract.year, contract.department, contract.kind):
        raise _no_place(transaction, contract)
    transaction.contracts.set_state(contract_id, APPROVED)
    return contract


def give_back_place(transaction: Transaction, contract_id: str) -> None:
    """Free the place of a contract whose permit is withdrawn."""
    contract = transaction.contracts.get([contract_id])[contract_id]
    if contract.state == APPROVED:
        transaction.plans.give_back(contract.year, contract.department, contract.kind)
        transaction.contracts.set_state(contract_id, OPEN)


def missing(contract: ContractRow, verified: set[str]) -> list[str]:
    """Return what an approval still needs besides a place. `verified`: persons with a verified diploma."""
    lacking = []
    if contract.health_done_on is None:
        lacking.append("its health check is not recorded")
    if contract.higher and contract.person not in verified:
        lacking.append("a placement at a higher institution needs a verified diploma")
    return lacking


def _no_place(transaction: Transaction, contract: ContractRow) -> Problem:
    plan = transaction.plans.get(contract.year, contract.department)
    if plan is None:
        detail = f"{contract.department} has no plan for {contract.year}, so it has no places; hand the plan in first."
        return Problem(409, "no-plan", detail)
    places = plan.trainees if contract.kind == "trainee" else plan.workers
    approved = plan.trainees_approved if contract.kind == "trainee" else plan.workers_approved
    detail = (
        f"{contract.department} has {places} places for {contract.kind}s in {contract.year}, and {approved} are "
        f"approved: this would be number {approved + 1}."
    )
    return Problem(409, "quota-reached", detail, places=places, approved=approved)
