"""The situation report: its figures are those of the areas, its page needs nothing else, and nobody is named."""

import re
import xml.etree.ElementTree as ET

import pytest

from gateway.office import printing
from tests.central.rights_support import IDENTIFIERS, MONDAY_S, crossings, people, permits
from tests.central.test_verify import give

DAYS = {"first": "2026-10-26", "last": "2026-11-01"}


@pytest.fixture
def board(small):
    permits(small)
    made = small.add_board("ONS")
    crossings(made)
    made.crossing(MONDAY_S + 86_400, "04DEADBEEF0001")
    made.crossing(MONDAY_S - 3 * 86_400)
    give(small, made, [])
    return made


def figures(report, title):
    return {one["name"]: (one["value"], one["before"]) for one in part(report, title)["figures"]}


def part(report, title):
    return next(one for one in report["parts"] if one["title"] == title)


@pytest.mark.both_stores  # every area counts here
def test_the_figures_stand_beside_those_of_the_days_before(small, board):
    report = small.good("office", "GET", "/v1/report", params=DAYS)
    assert (report["before_first"], report["before_last"]) == ("2026-10-19", "2026-10-25")
    assert figures(report, "Crossings")["crossings"] == (5, 1)
    assert figures(report, "Crossings")["referred"] == (1, 1)
    assert part(report, "Crossings")["tables"][0]["rows"] == [["ONS", "unknown-card", 1]]
    assert "Crossings, crossings: 5, up from 1" in report["changes"]


def test_a_report_says_what_changed_since_the_last_that_was_made(small, board):
    body = {"first": "2026-10-23", "last": "2026-10-25"}
    looked = small.good("office", "GET", "/v1/report", params=body)
    assert (looked["number"], looked["since"]) == (0, None)
    first = small.good("office", "POST", "/v1/reports", json=body)
    assert (first["number"], first["since"], figures(first, "Crossings")["crossings"][0]) == (1, None, 1)
    small.now_s += 86_400
    second = small.good("admin", "POST", "/v1/reports", json={"first": "2026-10-26", "last": "2026-10-28"})
    kept = {"number": 1, "made_by": "office", "made_s": first["made_s"], **body}
    assert (second["number"], second["since"]) == (2, kept)
    assert figures(second, "Crossings")["crossings"] == (5, 1)
    page = small.call(
        "office", "GET", "/v1/report", params={"first": "2026-10-26", "last": "2026-10-28", "form": "html"}
    )
    assert "Beside report 1 of 2026-10-23 to 2026-10-25, made by office" in page.text
    made = small.good("office", "GET", "/v1/reports")["reports"]
    assert [(one["number"], one["made_by"]) for one in made] == [(2, "admin"), (1, "office")]
    assert small.good("office", "GET", "/v1/reports", params={"limit": 1})["next"] == 2


def test_a_report_of_more_days_compares_only_what_holds_at_the_end(small, board):
    small.good("office", "POST", "/v1/reports", json={"first": "2026-10-23", "last": "2026-10-25"})
    week = small.good("office", "GET", "/v1/report", params=DAYS)
    assert week["since"]["number"] == 1 and figures(week, "Crossings")["crossings"] == (5, None)
    assert figures(week, "Applications")["pending"] == (0, 0)
    small.good("office", "POST", "/v1/reports", json=DAYS)
    again = small.good("office", "POST", "/v1/reports", json=DAYS)  # made anew, it is still beside what was before it
    assert again["since"]["number"] == 1


def test_the_page_needs_nothing_else_and_names_nobody(small, board):
    page = small.call("office", "GET", "/v1/report", params=DAYS | {"form": "html"}).text
    assert not re.search(r"(src|href)=", page) and "<script" not in page
    assert "<td>card is not known</td>" in page and "unknown-card" not in page
    assert not any(word in page for word in IDENTIFIERS)
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert [ET.fromstring(chart).get("aria-label") for chart in charts] == [
        "Crossings by day and verdict: 4 permitted, 1 referred, 0 cannot verify",
        "Referred crossings by point",
        "Open questions by point",
    ]


def test_what_is_open_is_said_in_words(small, board):
    people(small)
    body = {"person": "A-PERSON-77", "ground": "The traveller asked for it, and nothing is pending."}
    small.good("kim", "POST", "/v1/erasures", json=body)
    report = small.good("office", "GET", "/v1/report", params={"first": "2026-10-20", "last": "2026-11-30"})
    assert "Rights of travellers: 1 erasure waits for a second person" in report["issues"]


@pytest.mark.parametrize(
    "days", [("2026-11-01", "2026-10-26"), ("2026-02-30", "2026-03-01"), ("2024-01-01", "2026-01-02")]
)
def test_days_that_are_none_or_too_many_are_refused(small, days):
    answer = small.call("office", "GET", "/v1/report", params=dict(zip(("first", "last"), days, strict=True)))
    assert answer.status_code == 422 and answer.json()["errors"]


def test_a_year_is_shown_by_the_week(small, board):
    report = small.good("office", "GET", "/v1/report", params={"first": "2025-11-01", "last": "2026-10-31"})
    chart = part(report, "Crossings")["charts"][0]["svg"]
    assert re.findall(r"<title>(.*?)</title>", chart) == [
        "2026-10-17: 1 referred",
        "2026-10-24: 4 permitted",
        "2026-10-24: 1 referred",
    ]


def test_without_a_browser_the_page_alone_is_made_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    assert "no Chromium" in printing.print_page(tmp_path / "report.html", tmp_path / "report.pdf")
