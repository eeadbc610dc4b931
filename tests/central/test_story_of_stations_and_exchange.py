"""Eighteen months of the office's archives, played through its own parts, and each figure found again in its reports.

20,517 arrivals at six stations, eighty travel passes on one day; 231 questions to the other side that were answered
late or never, the oldest of them 488 days ago.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.central.access import CLERK, Caller
from gateway.central.cases.batches import BatchOffice
from gateway.central.cases.exchange import Exchange
from gateway.central.cases.reception import Reception
from gateway.central.cases.reminders import HEAD_OF_OFFICE
from gateway.central.cases.stations import StationOffice
from gateway.central.officetime import OfficeTime
from gateway.central.store import STORE_NAME, Store
from gateway.contract_exchange import CaseBody, MessageBody
from gateway.contract_reception import PassBody, Release, StationBody

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 30)
ARRIVALS, STATIONS, PASSES, QUESTIONS, ANSWERED, OLDEST_DAYS = 20_517, 6, 80, 231, 140, 488
BUSY_DAY = date(2026, 3, 14)
ROWS = 5000  # of one file
KIM, RI = Caller(CLERK, "kim"), Caller(CLERK, "ri")
NOON_S = 43_200


class Office:
    """The parts over one store, and the clock that the story moves."""

    def __init__(self, folder):
        self.store = Store.create(folder / STORE_NAME)
        self.utc_ms = 0
        self.on(FIRST)
        time = OfficeTime(lambda: self.utc_ms)
        self.reception = Reception(self.store, lambda: self.utc_ms)
        self.stations = StationOffice(self.store, lambda: self.utc_ms)
        self.exchange, self.batches = Exchange(self.store, time), BatchOffice(self.store, time)
        self.dice = random.Random(488)

    def on(self, day):
        self.utc_ms = (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + NOON_S) * 1000


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("story"))
    with made.store.write() as transaction:
        for person in (KIM, RI):
            transaction.people.put(person.name, CLERK, "no password: nobody signs in here")
    arrive(made)
    leave(made)
    ask(made)
    made.on(LAST)
    yield made
    made.store.close()


def arrive(office):
    """Take in the arrivals, file by file, as stations hand them in."""
    for at in range(STATIONS):
        office.stations.put(f"ST{at}", StationBody(name=f"Station {at}", beds=600, blankets=1400))
    days = (LAST - FIRST).days + 1
    office.arrived = [(f"ST{at % STATIONS}", FIRST + timedelta(days=at * days // ARRIVALS)) for at in range(ARRIVALS)]
    office.on(LAST)
    for begin in range(0, ARRIVALS, ROWS):
        some = enumerate(office.arrived[begin : begin + ROWS], begin)
        lines = [f"S-{at},{station},R-{at},{day}" for at, (station, day) in some]
        taken = office.stations.take_file("\n".join(["stay_id,station,person,arrived_on", *lines]), KIM)
        assert (taken.new, taken.known, taken.broken) == (len(lines), 0, [])


def leave(office):
    """Release some, and issue passes: eighty on one day, fewer on every other; two are released early, one is gone."""
    office.on(BUSY_DAY)
    due = [at for at, (_, day) in enumerate(office.arrived) if day <= BUSY_DAY - timedelta(days=15)]
    for number, at in enumerate(due[-PASSES:]):
        office.reception.release(f"S-{at}", Release(), KIM)
        office.reception.issue_pass(f"T-{number}", PassBody(stay_id=f"S-{at}", zone="hamhung"), KIM)
    office.on(BUSY_DAY + timedelta(days=1))
    for number, at in enumerate(due[-PASSES - 10 : -PASSES]):
        office.reception.release(f"S-{at}", Release(), KIM)
        office.reception.issue_pass(f"T-{PASSES + number}", PassBody(stay_id=f"S-{at}", zone="hamhung"), KIM)
    early = Release(reason="a hospital waits", decided_by="Dr Ri")
    for at in (due[-1] + 150, due[-1] + 151):
        office.reception.release(f"S-{at}", early, KIM)


def ask(office):
    """Ask 231 questions over the months; the oldest first, and it is never answered."""
    begin = LAST - timedelta(days=OLDEST_DAYS)
    spread = OLDEST_DAYS - 120  # all of them are late by the end
    office.days = sorted(begin + timedelta(days=at * spread // QUESTIONS) for at in range(QUESTIONS))
    late = set(office.dice.sample(range(1, QUESTIONS), ANSWERED))
    for day in sorted(set(office.days)):
        office.on(day)
        for at in (at for at, one in enumerate(office.days) if one == day):
            person = f"R-{at}" if at % 10 == 0 else None
            body = CaseBody(subject=f"question {at}", owner="kim", person=person)
            office.exchange.put(f"X-{at:03}", body, KIM)
            said = office.exchange.write(f"X-{at:03}", MessageBody(text="?", ground="agreement of 1953"), KIM)
            if person:
                office.exchange.approve(f"X-{at:03}", said.number, True, "", RI)
        office.batches.send("csv", KIM)
    office.on(LAST - timedelta(days=1))
    rows = [f"X-{at:03},T-{at},{office.days[at] + timedelta(days=31 + at % 60)},late as it is" for at in sorted(late)]
    taken = office.batches.take("\n".join(["case_id,answer_id,answered_on,text", *rows]).encode(), "csv", KIM)
    assert (taken.new, taken.broken) == (ANSWERED, [])


def test_every_arrival_is_found_again_by_station_and_day(office):
    found = office.stations.figures(str(FIRST), str(LAST))
    assert (found.arrivals, len(found.stations)) == (ARRIVALS, STATIONS)
    assert {one.station: one.arrivals for one in found.stations} == Counter(station for station, _ in office.arrived)
    by_day = Counter(day for _, day in office.arrived)
    assert found.most_arrivals_in_a_day == max(by_day.values())
    half = office.stations.figures(str(FIRST), "2025-12-31"), office.stations.figures("2026-01-01", str(LAST))
    assert sum(one.arrivals for one in half) == ARRIVALS


def test_eighty_passes_of_a_day_are_found_again_and_so_are_releases(office):
    found = office.stations.figures(str(FIRST), str(LAST))
    assert (found.most_passes_in_a_day, found.most_passes_on, found.passes) == (PASSES, str(BUSY_DAY), PASSES + 10)
    assert office.stations.figures(str(BUSY_DAY), str(BUSY_DAY)).passes == PASSES
    assert sum(one.released for one in found.stations) == PASSES + 12
    assert sum(one.released_early for one in found.stations) == 2
    assert sum(one.here for one in found.stations) == ARRIVALS - PASSES - 12
    before = office.stations.figures(str(FIRST), str(BUSY_DAY - timedelta(days=1)))
    assert sum(one.here for one in before.stations) == before.arrivals  # nobody was released yet


def test_each_question_is_found_again_and_the_oldest_is_on_top_until_it_ends(office):
    found = office.batches.figures(str(FIRST), str(LAST))
    never = QUESTIONS - ANSWERED
    assert (found.opened, found.sent, found.answered, found.answered_late) == (QUESTIONS, QUESTIONS, ANSWERED, ANSWERED)
    assert (found.never_answered, found.overdue) == (never, never)
    assert (found.oldest_case, found.oldest_days) == ("X-000", OLDEST_DAYS)
    assert found.personal_messages_out == len([at for at in range(QUESTIONS) if at % 10 == 0])
    for owner in ("", "kim"):
        assert office.exchange.page(owner, "", 10).cases[0].case_id == "X-000"
    oldest = office.exchange.oldest()
    assert (oldest.case_id, oldest.days_open, oldest.days_overdue) == ("X-000", OLDEST_DAYS, OLDEST_DAYS - 30)


def test_all_that_wait_are_due_for_a_reminder_and_the_head_of_office_hears_of_the_oldest(office):
    due = office.exchange.reminders().reminders
    assert (len(due), due[0].case_id, due[0].to) == (QUESTIONS - ANSWERED, "X-000", HEAD_OF_OFFICE)
    for one in due:
        office.exchange.reminded(one.case_id, one.step, RI)
    assert office.exchange.reminders().reminders == []
    assert office.batches.figures(str(LAST), str(LAST)).reminders == len(due)


def test_every_file_that_left_is_still_what_it_was(office):
    files = office.batches.page(0, 500).batches
    out = [one for one in files if one.direction == "out"]
    assert sum(one.rows for one in out) == QUESTIONS and len(out) == len(set(office.days))
    assert all(len(office.batches.file(one.number)[1]) == one.size for one in files)
