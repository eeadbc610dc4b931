"""The archives' eighteen months end in the situation report: every figure that was played is found again in it."""

import json
import re
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from typer.testing import CliRunner

from gateway.central.access import CLERK
from gateway.central.cases.reminders import HEAD_OF_OFFICE
from gateway.central.pages.areas import AREAS
from gateway.commands.office import app
from gateway.contract.secrets import write_secret
from tests.central.office import Pages
from tests.central.story import (
    ANSWERED,
    APPROVED_ON,
    ARRIVALS,
    ASKED,
    BUSY_DAY,
    FIRST,
    LAST,
    LATE,
    OLDEST,
    OLDEST_DAYS,
    PASSES,
    PEOPLE,
    PERMITS,
    PERMITS_ON,
    QUESTIONS,
    RI,
    STATIONS,
    Story,
)

YEAR = "2026-01-01", "2026-12-31"
SCREENS = (
    *("/", *(area.path for area in AREAS), "/purpose", "/stations/stays", "/stations/arrival", "/exchange/open"),
    *("/exchange/cases/X-001", "/exchange/closed", "/exchange/files", "/exchange/reminders", "/applications/new"),
    *("/applications/figures", "/applications/W-168", "/programmes/contracts", "/programmes/settlement"),
)
TRAINEES = sum(ASKED.values())


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Story(tmp_path_factory.mktemp("story"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(office):
    made = Pages(office.centre)
    yield made
    made.close()


@pytest.fixture(scope="module")
def report(office, pages, tmp_path_factory):
    """The report as `checkpost office report --json` prints it, and as its page."""
    token = tmp_path_factory.mktemp("token") / "token"
    write_secret(token, office.centre.tokens["office"].encode())
    asked = ["report", "--url", pages.url, "--token-file", str(token), "--from", str(FIRST), "--to", str(LAST)]
    done = CliRunner().invoke(app, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output), office.parts.reporter.page(office.parts.reporter.look(str(FIRST), str(LAST)))


def figures(report, title):
    """The figures of a part of the report, the same in JSON and on its page."""
    found = {one["name"]: one["value"] for one in part(report, title)["figures"]}
    section = report[1].split(f"<h2>{title}</h2>", 1)[1].split("<h2>", 1)[0]
    shown = re.findall(r'<tr><th scope="row">(.*?)</th><td class="number">(.*?)</td>', section)
    assert {name: int(value.replace(",", "")) for name, value in shown} == found
    return found


def part(report, title):
    return next(one for one in report[0]["parts"] if one["title"] == title)


def table(report, title, caption):
    """The rows of a table of the report; each cell stands on its page, too."""
    rows = next(one["rows"] for one in part(report, title)["tables"] if one["caption"] == caption)
    section = report[1].split(f"<caption>{caption}</caption>", 1)[1].split("</table>", 1)[0]
    shown = re.findall(r"<td[^>]*>(.*?)</td>", section)
    cells = [cell for row in rows for cell in row]
    assert shown == ["" if cell is None else f"{cell:,}" if isinstance(cell, int) else cell for cell in cells]
    return rows


def among(report, *wanted):
    """Every one of these sentences is among what is open, on the page as in the JSON."""
    assert [issue for issue in wanted if issue not in report[0]["issues"] or f"<li>{issue}</li>" not in report[1]] == []


def test_the_report_has_each_arrival_at_its_station_and_the_passes_of_the_busiest_day(report, office):
    found = figures(report, "Reception")
    assert (found["arrivals"], found["arrivals without permit"]) == (ARRIVALS, ARRIVALS)
    assert (found["travel passes"], found["most travel passes in a day"]) == (PASSES + 10, PASSES)
    assert (found["released"], found["released early"]) == (PASSES + 12, 2)
    assert found["here at the end"] == ARRIVALS - PASSES - 12
    rows = table(report, "Reception", "Stations")
    assert {row[0]: row[1] for row in rows} == Counter(station for station, _ in office.arrived)
    assert len(rows) == STATIONS


def test_the_report_has_each_question_and_who_waits_longest(report, office):
    found = figures(report, "Exchange with the other side")
    never = QUESTIONS - ANSWERED
    assert (found["opened"], found["sent"], found["answered"], found["answered late"]) == (231, 231, 140, 140)
    assert (found["never answered"], found["overdue"], found["oldest days"]) == (never, never, OLDEST_DAYS)
    said = f"{never} answers are overdue; the oldest, {OLDEST}, since {OLDEST_DAYS} days"
    among(report, f"Exchange with the other side: {said}")


def test_the_report_has_the_year_s_programmes(report, office):
    found = figures(report, "Programmes")
    assert (found["diplomas"], found["diplomas verified"]) == (PEOPLE, PEOPLE)
    assert (found["contracts concluded"], found["contracts concluded late"]) == (TRAINEES, 1)
    assert (found["plans"], found["plans late"], found["trainee places"]) == (2, 0, 55)
    assert table(report, "Programmes", "Over quota") == [["2027", "mines", "trainee", 25, 28, 25]]
    assert table(report, "Programmes", "Contracts concluded late")[0][0] == LATE
    among(
        report,
        "Programmes: 1 plan is asked for more places than it has",
        "Programmes: 1 contract was concluded less than four months before its start",
    )


def test_the_report_has_the_permits_of_the_busiest_day_and_what_waits(report, office):
    found = figures(report, "Applications")
    issued = TRAINEES - len(office.refused)
    assert (found["submitted"], found["approved"], found["refused"]) == (PEOPLE + TRAINEES, PERMITS + issued, 1)
    assert found["permits on the busiest day"] == issued
    waiting = PEOPLE - PERMITS - 1
    assert found["pending"] == waiting + len(office.refused)
    among(report, f"Applications: {waiting} undecided for work, the oldest (W-168) since 364 days")
    day = office.parts.reporter.look(str(PERMITS_ON), str(PERMITS_ON))
    shown = {one.name: one.value for one in next(one for one in day.parts if one.title == "Applications").figures}
    assert (shown["approved"], shown["permits on the busiest day"]) == (PERMITS, PERMITS)


def test_every_arrival_is_found_again_by_station_and_day(office):
    found = office.parts.stations.figures(str(FIRST), str(LAST))
    assert {one.station: one.arrivals for one in found.stations} == Counter(station for station, _ in office.arrived)
    by_day = Counter(day for _, day in office.arrived)
    assert found.most_arrivals_in_a_day == max(by_day.values())
    half = [office.parts.stations.figures(*days) for days in ((str(FIRST), "2025-12-31"), YEAR)]
    assert sum(one.arrivals for one in half) == ARRIVALS


def test_eighty_passes_of_a_day_are_found_again_and_so_are_releases(office):
    found = office.parts.stations.figures(str(FIRST), str(LAST))
    assert (found.most_passes_in_a_day, found.most_passes_on) == (PASSES, str(BUSY_DAY))
    assert office.parts.stations.figures(str(BUSY_DAY), str(BUSY_DAY)).passes == PASSES
    before = office.parts.stations.figures(str(FIRST), str(BUSY_DAY - timedelta(days=1)))
    assert sum(one.here for one in before.stations) == before.arrivals  # nobody was released yet


def test_the_oldest_question_is_on_top_for_everybody(office):
    found = office.parts.batches.figures(str(FIRST), str(LAST))
    assert found.personal_messages_out == len([at for at in range(QUESTIONS) if at % 10 == 0])
    for owner in ("", "kim"):
        assert office.parts.exchange.page(owner, "", 10).cases[0].case_id == OLDEST
    oldest = office.parts.exchange.oldest()
    assert (oldest.case_id, oldest.days_open, oldest.days_overdue) == (OLDEST, OLDEST_DAYS, OLDEST_DAYS - 30)


def test_every_file_that_left_is_still_what_it_was(office):
    files = office.parts.batches.page(0, 500).batches
    out = [one for one in files if one.direction == "out"]
    assert sum(one.rows for one in out) == QUESTIONS and len(out) == len(set(office.days))
    assert all(len(office.parts.batches.file(one.number)[1]) == one.size for one in files)


def test_everybody_of_the_files_is_in_once_and_500_diplomas_are_verified(office):
    assert sum(reply.taken for reply in office.replies) == PEOPLE and not any(reply.broken for reply in office.replies)
    again = office.take_in(3)
    office.on(LAST)
    assert (again.taken, again.unchanged) == (0, len(range(2, PEOPLE, 12)))
    assert office.parts.casework.programmes.figures(*YEAR).health_checks == TRAINEES


def test_the_department_over_its_quota_is_found_with_its_figures(office):
    assert (
        office.refused
        == ["mines has 25 places for trainees in 2027, and 25 are approved: this would be number 26."] * 3
    )
    late = office.parts.casework.programmes.figures("2027-01-01", "2027-12-31")
    assert (late.plans, late.plans_late, late.trainee_places) == (1, 1, 40)
    plans = {plan.department: plan for plan in office.parts.casework.programmes.year(2027).plans}
    assert plans["textiles"].late and not plans["mines"].late
    assert {name: plan.trainees.approved for name, plan in plans.items()} == {"mines": 25, "rail": 30, "textiles": 31}


def test_the_contract_of_three_months_before_its_start_is_the_only_late_one(office):
    found = office.parts.casework.programmes.figures(*YEAR)
    assert [one.model_dump() for one in found.contracts_late] == [
        {
            "contract_id": LATE,
            "department": "rail",
            "concluded_on": "2026-11-01",
            "starts_on": "2027-02-01",
            "due_on": "2026-10-01",
        }
    ]


def test_permits_a_day_turn_around_and_age_are_those_of_the_year(office):
    found = office.parts.casework.applications.figures(*YEAR)
    issued = TRAINEES - len(office.refused)
    assert {day.day: day.approved for day in found.days} == {
        str(PERMITS_ON): PERMITS,
        str(APPROVED_ON): issued,
        "2026-12-30": 0,
    }
    turned = {one.ground: one for one in found.turnaround}
    of_training, of_work = turned["training"], turned["work"]
    assert (of_training.decided, of_training.median_days, of_training.longest_days) == (issued, 10, 10)
    assert (of_work.decided, of_work.median_days, of_work.longest_days) == (81, 122, 181)
    waits = {one.ground: one for one in found.waiting}
    assert waits["training"].pending == 3 and waits["training"].oldest_days == 51
    assert waits["work"].oldest_days == 364


def test_all_that_wait_are_due_for_a_reminder_and_the_head_of_office_hears_of_the_oldest(office):
    due = office.parts.exchange.reminders().reminders
    assert (len(due), due[0].case_id, due[0].to) == (QUESTIONS - ANSWERED, OLDEST, HEAD_OF_OFFICE)
    for one in due:
        office.parts.exchange.reminded(one.case_id, one.step, RI)
    assert office.parts.exchange.reminders().reminders == []
    assert office.parts.batches.figures(str(LAST), str(LAST)).reminders == len(due)


def test_the_longest_overdue_answer_is_on_top_of_every_screen_until_it_comes(office, pages):
    cookies = {one["name"]: one["value"] for one in pages.session("kim", CLERK)}
    with httpx.Client(base_url=pages.url, cookies=cookies, timeout=60) as browser:
        assert banners(browser) == {f"Overdue: no answer in case {OLDEST} for {OLDEST_DAYS} days, since 2025-08-30."}
        office.answer([(0, LAST)])
        after = office.never[1]
        days = (LAST - office.days[after]).days
        said = f"Overdue: no answer in case X-{after:03} for {days} days, since {office.days[after]}."
        assert banners(browser) == {said}
        office.answer([(at, LAST) for at in office.never[1:]])
        assert banners(browser) == {""}


def banners(browser):
    """What the pages' heads say of what is overdue: the same on all of them."""
    found = set()
    for path in SCREENS:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
        head = answer.text.split("<main", 1)[0]
        said = re.search(r'<p class="overdue">(.*?\.) ', head)
        found.add(re.sub(r"<kbd.*?</kbd>|<.*?>", "", said.group(1)) if said else "")
    return found
