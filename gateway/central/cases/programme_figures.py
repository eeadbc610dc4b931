"""Figures of programmes from one day to another: for the office's page and for its report."""

from gateway.central.cases.plans import over_quota, plan_of
from gateway.central.cases.terms import year_of
from gateway.central.store import Transaction
from gateway.central.store.contracts import ContractRow
from gateway.contract.programmes import MAX_CONTRACTS, LateContract, ProgrammeFigures


def figures(transaction: Transaction, first: str, last: str) -> ProgrammeFigures:
    """Return what was handed in, concluded, verified and attached, both days included.

    `over_quota` speaks of the years from the first day's to the one after the last's, as they stand now.
    """
    years = year_of(first), year_of(last) + 1
    asked = transaction.plans.asked(*years)
    handed_in = [plan_of(row, asked) for row in transaction.plans.submitted(first, last)]
    return ProgrammeFigures(
        first=first,
        last=last,
        plans=len(handed_in),
        plans_late=sum(plan.late for plan in handed_in),
        trainee_places=sum(plan.trainees.places for plan in handed_in),
        worker_places=sum(plan.workers.places for plan in handed_in),
        contracts_concluded=transaction.contracts.concluded(first, last),
        contracts_late_count=transaction.contracts.count_late(first, last),
        contracts_late=[_late(row) for row in transaction.contracts.late(first, last, MAX_CONTRACTS)],
        over_quota=over_quota([plan_of(row, asked) for row in transaction.plans.of_years(*years)]),
        health_checks=transaction.contracts.health_checks(first, last),
        diplomas=transaction.diplomas.entered(first, last),
        diplomas_verified=transaction.diplomas.verified(first, last),
        certificates_asked=transaction.contracts.uncertified(last),
        certificates_attached=transaction.contracts.attached(first, last),
    )


def _late(row: ContractRow) -> LateContract:
    return LateContract(
        contract_id=row.contract_id,
        department=row.department,
        concluded_on=row.concluded_on,
        starts_on=row.starts_on,
        due_on=row.due_on,
    )
