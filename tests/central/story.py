"""Eighteen months of the office from the archives' figures, played through its own parts over one store.

20,517 arrivals at six stations, eighty travel passes on one day; 231 questions to the other side that were answered
late or never, the oldest of them 488 days ago; 500 people with diplomas; the plans of next year's trainees, one of them
over its quota; a contract three months before its start; eighty permits on one day.
"""

import random
from datetime import UTC, date, datetime, timedelta

from gateway.central.access import CLERK, Caller
from gateway.central.problems import Problem
from gateway.central.store.diplomas import DiplomaRow
from gateway.contract.applications import Asked, DecisionBody
from gateway.contract.exchange import CaseBody, MessageBody
from gateway.contract.programmes import ContractBody, DiplomaBody, HealthCheck, PlanBody, Verification
from gateway.contract.reception import PassBody, Release, StationBody
from tests.central.support import Centre

FIRST, LAST = date(2025, 7, 1), date(2026, 12, 31)
ARRIVALS, STATIONS, PASSES, QUESTIONS, ANSWERED, OLDEST_DAYS = 20_517, 6, 80, 231, 140, 488
OLDEST = "X-000"
BUSY_DAY = date(2026, 9, 14)
ROWS = 5000  # of one file
PEOPLE = 500
FEW = 10
PLACES = {"mines": 25, "rail": 30, "textiles": 40}  # of trainees in 2027
ASKED = {"mines": 28, "rail": 30, "textiles": 31}  # contracts that ask for one
LATE = "rail-0"  # concluded three months before its start
PERMITS, PERMITS_ON, APPROVED_ON = 80, date(2026, 7, 1), date(2026, 11, 20)
KIM, RI = Caller(CLERK, "kim"), Caller(CLERK, "ri")


class Story:
    """A centre, its parts, and the clock that the story moves; `refused`: approvals that the quota refused."""

    def __init__(self, folder):
        self.centre = Centre(folder)
        self.parts = self.centre.app.state.parts
        self.dice = random.Random(488)
        with self.centre.store.write() as transaction:
            for person in (KIM, RI):
                transaction.people.put(person.name, CLERK, "no password: nobody signs in here")
        self.arrive()
        self.leave()
        self.ask()
        self.replies = [self.take_in(month) for month in range(1, 13)]
        self.verify_diplomas()
        self.plan()
        self.conclude()
        self.decide_all()
        self.on(LAST)

    def on(self, day):
        """It is noon of a day in the office."""
        self.centre.now_s = int(datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp())

    def close(self):
        self.centre.store.close()

    def arrive(self):
        """Take in the arrivals, file by file, as stations hand them in."""
        for at in range(STATIONS):
            self.parts.stations.put(f"ST{at}", StationBody(name=f"Station {at}", beds=600, blankets=1400))
        days = (LAST - FIRST).days + 1
        self.arrived = [(f"ST{at % STATIONS}", FIRST + timedelta(days=at * days // ARRIVALS)) for at in range(ARRIVALS)]
        self.on(LAST)
        for begin in range(0, ARRIVALS, ROWS):
            some = enumerate(self.arrived[begin : begin + ROWS], begin)
            lines = [f"S-{at},{station},R-{at},{day}" for at, (station, day) in some]
            taken = self.parts.stations.take_file("\n".join(["stay_id,station,person,arrived_on", *lines]), KIM)
            assert (taken.new, taken.known, taken.broken) == (len(lines), 0, [])

    def leave(self):
        """Release some, and issue passes: eighty on one day, ten on the next; two are released early."""
        self.on(BUSY_DAY)
        due = [at for at, (_, day) in enumerate(self.arrived) if day <= BUSY_DAY - timedelta(days=15)]
        for number, at in enumerate(due[-PASSES:]):
            self._let_go(number, at)
        self.on(BUSY_DAY + timedelta(days=1))
        for number, at in enumerate(due[-PASSES - 10 : -PASSES], PASSES):
            self._let_go(number, at)
        early = Release(reason="a hospital waits", decided_by="Dr Ri")
        for at in (due[-1] + 150, due[-1] + 151):
            self.parts.reception.release(f"S-{at}", early, KIM)

    def _let_go(self, number, at):
        self.parts.reception.release(f"S-{at}", Release(), KIM)
        self.parts.reception.issue_pass(f"T-{number}", PassBody(stay_id=f"S-{at}", zone="hamhung"), KIM)

    def ask(self):
        """Ask 231 questions over the months, a file a week; the oldest first, and it is never answered."""
        begin = LAST - timedelta(days=OLDEST_DAYS)
        spread = OLDEST_DAYS - 120  # all of them are late by the end
        self.days = sorted(begin + timedelta(days=at * spread // QUESTIONS // 7 * 7) for at in range(QUESTIONS))
        late = set(self.dice.sample(range(1, QUESTIONS), ANSWERED))
        self.never = [at for at in range(QUESTIONS) if at not in late]
        for day in sorted(set(self.days)):
            self.on(day)
            for at in (at for at, one in enumerate(self.days) if one == day):
                self._question(at)
            self.parts.batches.send("csv", KIM)
        self.on(LAST - timedelta(days=1))
        taken = self.answer([(at, self.days[at] + timedelta(days=31 + at % 60)) for at in sorted(late)])
        assert (taken.new, taken.broken) == (ANSWERED, [])

    def _question(self, at):
        person = f"R-{at}" if at % 10 == 0 else None
        self.parts.exchange.put(f"X-{at:03}", CaseBody(subject=f"question {at}", owner="kim", person=person), KIM)
        body = MessageBody(text="?", ground="agreement of 1953")
        said = self.parts.exchange.write(f"X-{at:03}", body, KIM)
        if person:
            self.parts.exchange.approve(f"X-{at:03}", said.number, True, "", RI)

    def answer(self, answers):
        """Take a file of the other side: (question, day) of each answer."""
        rows = [f"X-{at:03},T-{at},{day},late as it is" for at, day in answers]
        return self.parts.batches.take("\n".join(["case_id,answer_id,answered_on,text", *rows]).encode(), "csv", KIM)

    def take_in(self, month):
        """A month's file: every twelfth of the people, who ask for work; handed in on the 1st, taken in on the 3rd."""
        self.on(date(2026, month, 3))
        lines = ["application_id,person,name,grounds,submitted_on"]
        lines += [f"W-{at},P-{at},Person {at},work,2026-{month:02d}-01" for at in range(month - 1, PEOPLE, 12)]
        return self.parts.casework.applications.take_csv("\n".join(lines), KIM)

    def decide(self, number, day, decision="approved", reason=""):
        self.on(day)
        body = DecisionBody(decision=decision, reason=reason)
        return self.parts.casework.applications.decide(number, body, KIM)

    def verify_diplomas(self):
        """All at once, as rows, for the disk's sake; a few as a clerk does it."""
        self.on(date(2026, 9, 15))
        said = Verification(verified_on="2026-09-15", against="the school's register")
        noted = {"verified_by": "kim"} | said.model_dump()
        body = {"title": "Technician", "institution": "Second Technical School", "issued_on": None}
        with self.centre.store.write() as transaction:
            for at in range(FEW, PEOPLE):
                row = DiplomaRow(f"D-{at}", f"P-{at}", entered_on="2026-09-15", **(body | noted))
                transaction.diplomas.put(row)
        for at in range(FEW):
            self.parts.casework.certificates.put_diploma(f"D-{at}", DiplomaBody(person=f"P-{at}", **body))
            self.parts.casework.certificates.verify(f"D-{at}", said, KIM)

    def plan(self):
        """Next year's plans: two in time, one in January."""
        for department, places in PLACES.items():
            day = date(2026, 10, 1) if department != "textiles" else date(2027, 1, 4)
            self.on(day)
            body = PlanBody(trainees=places, workers=0, submitted_on=str(day))
            self.parts.casework.programmes.put_plan(2027, department, body)

    def conclude(self):
        """The trainees' contracts, in time but for one, with health checks and applications."""
        self.on(date(2026, 11, 10))
        people = iter(range(PEOPLE))
        for department, count in ASKED.items():
            for at in range(count):
                self._contract(f"{department}-{at}", department, f"P-{next(people)}")

    def _contract(self, number, department, person):
        body = ContractBody(
            department=department,
            kind="trainee",
            person=person,
            institution="Institute of Technology",
            higher=True,
            concluded_on="2026-11-01" if number == LATE else "2026-09-20",
            starts_on="2027-02-01",
            ends_on="2028-01-31",
        )
        work = self.parts.casework
        work.contracts.put(number, body, KIM)
        work.contracts.health_checked(number, HealthCheck(done_on="2026-11-05", done_by="District clinic 2"))
        asked = Asked(person=person, grounds=["training"], submitted_on="2026-11-10", contract=number)
        work.applications.take(f"T-{number}", asked, KIM)

    def decide_all(self):
        """Decide the trainees' applications as far as places go, eighty others in a day, and refuse one."""
        self.refused = []
        for department, count in ASKED.items():
            for at in range(count):
                try:
                    self.decide(f"T-{department}-{at}", APPROVED_ON)
                except Problem as problem:
                    self.refused.append(problem.detail)
        for at in [at for at in range(PEOPLE) if at % 12 < 6][:PERMITS]:  # of those who asked in the first half
            self.decide(f"W-{at}", PERMITS_ON)
        self.decide("W-80", date(2026, 12, 30), "refused", "The mine has no lodging.")
