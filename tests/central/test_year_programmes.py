"""A year of the office, from the archives' figures: 500 people with diplomas, next year's trainees, a late contract."""

from datetime import UTC, datetime

import pytest

from gateway.central.access import Caller
from gateway.central.cases.casework import Casework
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.reads import Reads
from gateway.central.store import STORE_NAME, Store
from gateway.central.store.diplomas import DiplomaRow
from gateway.contract_applications import Asked, DecisionBody
from gateway.contract_programmes import ContractBody, DiplomaBody, HealthCheck, PlanBody, Verification

CLERK = Caller("clerk", "kim")
PEOPLE = 500
FEW = 10
PLACES = {"mines": 25, "rail": 30, "textiles": 40}  # of trainees in 2027
ASKED = {"mines": 28, "rail": 30, "textiles": 31}  # contracts that ask for one
LATE = "rail-0"  # concluded three months before its start
APPROVED_ON = "2026-11-20"


class Office:
    """A centre's casework, and the day it is there."""

    def __init__(self, folder):
        self.store = Store.create(folder / STORE_NAME)
        self.day = "2026-01-01"
        time = OfficeTime(
            lambda: int(datetime.fromisoformat(f"{self.day}T12:00+09:00").astimezone(UTC).timestamp()) * 1000
        )
        self.work = Casework(self.store, Reads(self.store, lambda: 0.0), time, lambda letters: letters[0])

    def take_in(self, month):
        """A month's file: every twelfth of the people, who ask for work; handed in on the 1st, taken in on the 3rd."""
        self.day = f"2026-{month:02d}-03"
        lines = ["application_id,person,name,grounds,submitted_on"]
        lines += [f"W-{at},P-{at},Person {at},work,2026-{month:02d}-01" for at in range(month - 1, PEOPLE, 12)]
        return self.work.applications.take_csv("\n".join(lines), CLERK)

    def decide(self, number, day, decision="approved", reason=""):
        self.day = day
        return self.work.applications.decide(number, DecisionBody(decision=decision, reason=reason), CLERK)

    def verify_diplomas(self):
        """All at once, as rows, for the disk's sake; a few as a clerk does it."""
        self.day = "2026-09-15"
        said = Verification(verified_on=self.day, against="the school's register")
        noted = {"verified_by": "kim"} | said.model_dump()
        body = {"title": "Technician", "institution": "Second Technical School", "issued_on": None}
        with self.store.write() as transaction:
            for at in range(FEW, PEOPLE):
                row = DiplomaRow(f"D-{at}", f"P-{at}", entered_on=self.day, **(body | noted))
                transaction.diplomas.put(row)
        for at in range(FEW):
            self.work.certificates.put_diploma(f"D-{at}", DiplomaBody(person=f"P-{at}", **body))
            self.work.certificates.verify(f"D-{at}", said, CLERK)

    def conclude(self):
        """The trainees' contracts, in time but for one, with health checks and applications."""
        self.day = "2026-11-10"
        people = iter(range(PEOPLE))
        for department, count in ASKED.items():
            for at in range(count):
                number, person = f"{department}-{at}", f"P-{next(people)}"
                concluded_on = "2026-11-01" if number == LATE else "2026-09-20"
                body = ContractBody(
                    department=department,
                    kind="trainee",
                    person=person,
                    institution="Institute of Technology",
                    higher=True,
                    concluded_on=concluded_on,
                    starts_on="2027-02-01",
                    ends_on="2028-01-31",
                )
                self.work.contracts.put(number, body, CLERK)
                check = HealthCheck(done_on="2026-11-05", done_by="District clinic 2")
                self.work.contracts.health_checked(number, check)
                asked = Asked(person=person, grounds=["training"], submitted_on="2026-11-10", contract=number)
                self.work.applications.take(f"T-{number}", asked, CLERK)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """The year 2026, played to its last day; `refused`: approvals that the quota refused, in words."""
    made = Office(tmp_path_factory.mktemp("year"))
    made.replies = [made.take_in(month) for month in range(1, 13)]
    made.verify_diplomas()
    for department, places in PLACES.items():
        made.day = "2026-10-01" if department != "textiles" else "2027-01-04"
        made.work.programmes.put_plan(2027, department, PlanBody(trainees=places, workers=0, submitted_on=made.day))
    made.conclude()
    made.refused = []
    for department, count in ASKED.items():
        for at in range(count):
            try:
                made.decide(f"T-{department}-{at}", APPROVED_ON)
            except Problem as problem:
                made.refused.append(problem.detail)
    for at in [at for at in range(PEOPLE) if at % 12 < 6][:80]:  # eighty passes in a day, of the first half's
        made.decide(f"W-{at}", "2026-07-01")
    made.decide("W-80", "2026-12-30", "refused", "The mine has no lodging.")
    made.day = "2026-12-31"
    yield made
    made.store.close()


def test_everybody_of_the_files_is_in_once_and_500_diplomas_are_verified(year):
    assert sum(reply.taken for reply in year.replies) == PEOPLE and not any(reply.broken for reply in year.replies)
    again = year.take_in(3)
    assert (again.taken, again.unchanged) == (0, len(range(2, PEOPLE, 12)))
    found = year.work.programmes.figures("2026-01-01", "2026-12-31")
    assert (found.diplomas, found.diplomas_verified) == (PEOPLE, PEOPLE)
    assert found.health_checks == found.contracts_concluded == sum(ASKED.values())


def test_the_department_over_its_quota_is_found_with_its_figures(year):
    found = year.work.programmes.figures("2026-01-01", "2026-12-31")
    assert [tuple(one.model_dump().values()) for one in found.over_quota] == [(2027, "mines", "trainee", 25, 28, 25)]
    assert (
        year.refused == ["mines has 25 places for trainees in 2027, and 25 are approved: this would be number 26."] * 3
    )
    assert (found.plans, found.plans_late, found.trainee_places) == (2, 0, 55)
    late = year.work.programmes.figures("2027-01-01", "2027-12-31")
    assert (late.plans, late.plans_late, late.trainee_places) == (1, 1, 40)
    plans = {plan.department: plan for plan in year.work.programmes.year(2027).plans}
    assert plans["textiles"].late and not plans["mines"].late
    assert {name: plan.trainees.approved for name, plan in plans.items()} == {"mines": 25, "rail": 30, "textiles": 31}


def test_the_contract_of_three_months_before_its_start_is_the_only_late_one(year):
    found = year.work.programmes.figures("2026-01-01", "2026-12-31")
    assert found.contracts_late_count == 1
    assert [one.model_dump() for one in found.contracts_late] == [
        {
            "contract_id": LATE,
            "department": "rail",
            "concluded_on": "2026-11-01",
            "starts_on": "2027-02-01",
            "due_on": "2026-10-01",
        }
    ]


def test_permits_a_day_turn_around_and_age_are_those_of_the_year(year):
    found = year.work.applications.figures("2026-01-01", "2026-12-31")
    trainees = sum(ASKED.values()) - len(year.refused)
    assert (found.submitted, found.approved, found.refused) == (PEOPLE + sum(ASKED.values()), 80 + trainees, 1)
    assert {day.day: day.approved for day in found.days} == {"2026-07-01": 80, APPROVED_ON: trainees, "2026-12-30": 0}
    assert found.busiest_day and (found.busiest_day.day, found.busiest_day.approved) == (APPROVED_ON, trainees)
    turned = {one.ground: one for one in found.turnaround}
    of_training, of_work = turned["training"], turned["work"]
    assert (of_training.decided, of_training.median_days, of_training.longest_days) == (trainees, 10, 10)
    assert (of_work.decided, of_work.median_days, of_work.longest_days) == (81, 122, 181)
    waits = {one.ground: one for one in found.waiting}
    assert waits["training"].pending == 3 and waits["training"].oldest_days == 51
    assert waits["work"].pending == PEOPLE - 81 and waits["work"].oldest_days == 364
