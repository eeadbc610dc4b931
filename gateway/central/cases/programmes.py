"""Yearly plans of host departments, and how full they are."""

from gateway.central.cases import programme_figures
from gateway.central.cases.plans import plan_of
from gateway.central.cases.terms import plan_due_on
from gateway.central.cases.wrong import check_past
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store
from gateway.central.store.plans import PlanRow
from gateway.contract.programmes import Plan, PlanBody, Programme, ProgrammeFigures


class Programmes:
    """Reads and writes through one store."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def put_plan(self, year: int, department: str, body: PlanBody) -> Plan:
        """Take a department's plan in, or change its places; Problem when more are approved than it would have."""
        check_past("submitted_on", body.submitted_on, self._time.today())
        with self._store.write() as transaction:
            held = transaction.plans.get(year, department)
            if held:
                _check_room(held, body)
            day = held.submitted_on if held else body.submitted_on
            same = held is not None and (held.trainees, held.workers) == (body.trainees, body.workers)
            changed = held.changed_on if held and same else body.submitted_on
            transaction.plans.put(PlanRow(year, department, day, changed, body.trainees, body.workers))
            asked = transaction.plans.asked(year, year)
            row = transaction.plans.get(year, department)
        assert row is not None
        return plan_of(row, asked)

    def year(self, year: int) -> Programme:
        """Return every department's plan of a year, and those who have contracts and no plan."""
        with self._store.read() as transaction:
            rows = transaction.plans.of_years(year, year)
            asked = transaction.plans.asked(year, year)
        planned = {row.department for row in rows}
        missing = sorted({department for _, department, _ in asked} - planned)
        plans = [plan_of(row, asked) for row in rows]
        return Programme(year=year, due_on=plan_due_on(year), plans=plans, missing=missing)

    def figures(self, first: str, last: str) -> ProgrammeFigures:
        """Return the figures from one day to another."""
        with self._store.read() as transaction:
            return programme_figures.figures(transaction, first, last)


def _check_room(held: PlanRow, body: PlanBody) -> None:
    for kind, places, approved in (
        ("trainees", body.trainees, held.trainees_approved),
        ("workers", body.workers, held.workers_approved),
    ):
        if places < approved:
            detail = (
                f"{held.department} has {approved} approved {kind} in {held.year}; a plan of {places} places would "
                "have no room for them."
            )
            raise Problem(409, "places-taken", detail, places=places, approved=approved)
