"""A department's plan with its figures: what asks for its places, what is approved, whether it came late."""

from gateway.central.cases.terms import plan_due_on
from gateway.central.store.plans import PlanRow
from gateway.contract.programmes import OverQuota, PlacesOf, Plan

Asked = dict[tuple[int, str, str], int]  # contracts by year, department and kind


def plan_of(row: PlanRow, asked: Asked) -> Plan:
    """Return a plan with its figures. It is late when it was handed in, or changed, after the day it was due."""
    due_on = plan_due_on(row.year)
    trainees, workers = (asked.get((row.year, row.department, kind), 0) for kind in ("trainee", "worker"))
    return Plan(
        year=row.year,
        department=row.department,
        submitted_on=row.submitted_on,
        changed_on=row.changed_on,
        due_on=due_on,
        late=max(row.submitted_on, row.changed_on) > due_on,
        trainees=PlacesOf(places=row.trainees, asked=trainees, approved=row.trainees_approved),
        workers=PlacesOf(places=row.workers, asked=workers, approved=row.workers_approved),
        over_quota=trainees > row.trainees or workers > row.workers,
    )


def over_quota(plans: list[Plan]) -> list[OverQuota]:
    """Return for which places more contracts ask than there are."""
    found = []
    for plan in plans:
        for kind, places in (("trainee", plan.trainees), ("worker", plan.workers)):
            if places.asked > places.places:
                said = {"year": plan.year, "department": plan.department, "kind": kind} | places.model_dump()
                found.append(OverQuota.model_validate(said))
    return found
