"""Counts by day move with every change, and are those of the crossings; charts of them, and the page."""

import re
from collections import Counter

import pytest
from sqlalchemy import text

from tests.central.conftest import A1, CARD, ONS

MONDAY_S = 1_792_962_000
DAY_S = 86_400


@pytest.fixture
def days(small):
    """Three days of crossings, some with an outcome of another party."""
    board = small.add_board("ONS")
    for at in range(12):
        seq = board.crossing(MONDAY_S + at * DAY_S // 4, CARD["card_uid"] if at % 3 else "", party=1 + at % 2)
        if at % 4 == 0:
            board.outcome(MONDAY_S + at * DAY_S // 4 + 9, seq, "admitted", 3)
    small.take(board.run())
    return small


def counted(centre):
    found = Counter()
    for row in centre.crossings():
        found[row["crossing_point"], row["local_time"][:10], row["verdict"], "crossings"] += 1
        found[row["crossing_point"], row["local_time"][:10], row["verdict"], "persons"] += row["party"]
    return found


def told(centre):
    span = {"first": "2026-10-20", "last": "2026-11-20"}
    found = Counter()
    for row in centre.good("office", "GET", "/v1/statistics", params=span)["counts"]:
        for name in ("crossings", "persons"):
            found[row["crossing_point"], row["day"], row["verdict"], name] = row[name]
    return found


@pytest.mark.both_stores
def test_counts_by_day_are_those_of_the_crossings_whatever_is_judged_again(days):
    assert told(days) == counted(days) and len(told(days)) > 6
    for change in ({"decision": "pending"}, {"entries": None}, {"entries": 2, "valid_until": "2026-10-27"}):
        days.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | change]})
        assert told(days) == counted(days)


@pytest.mark.sqlite_only  # PostgreSQL plans by what a table holds, and here it holds little
def test_counts_of_days_are_read_without_the_crossings(days):
    with days.store.read() as transaction:
        query = "EXPLAIN QUERY PLAN SELECT crossing_point FROM days WHERE day BETWEEN 20000 AND 20010"
        (row,) = transaction.tally._connection.execute(text(query)).all()
    assert "SEARCH days USING PRIMARY KEY (day>? AND day<?)" in row[3]


@pytest.mark.both_stores
def test_a_store_that_had_no_counts_by_day_counts_what_it_holds(days):
    before = told(days)
    migration = __import__("gateway.central.store.migrations.versions.r0014_days", fromlist=["_COUNTED"])
    with days.store.write() as transaction:
        transaction.tally._connection.execute(text("DELETE FROM days"))
        transaction.tally._connection.execute(text(migration._COUNTED))
    assert told(days) == before


def test_the_page_has_the_counts_as_chart_and_as_numbers(days):
    page = days.http.get("/statistics").text
    assert page.count('class="chart"') == 2 and 'aria-label="All points: 1 permitted, ' in page
    assert "No permit card" in page and 'href="/reviews?point=ONS"' in page
    wrong = days.http.get("/statistics", params={"first": "2026-11-09", "last": "2026-11-01"})
    assert wrong.status_code == 422 and 'id="first-wrong"' in wrong.text
    assert days.http.get("/statistics", params={"first": "x"}).status_code == 422


def test_where_points_are_many_the_busiest_have_a_chart_and_all_a_number(days, monkeypatch):
    monkeypatch.setattr("gateway.central.pages.statistics.MAX_CHARTS", 1)
    days.good("admin", "PUT", "/v1/crossing-points/HRY", json=ONS | {"code": "HRY", "name": "Hoeryong"})
    board = days.add_board("HRY")
    board.crossing(MONDAY_S)
    days.take(board.run())
    page = days.http.get("/statistics").text
    assert "The busiest 1 points, on one scale" in page and 'aria-label="Onsong: ' in page
    assert 'aria-label="Hoeryong: ' not in page and '<th scope="row">Hoeryong' in page


def test_a_year_is_drawn_by_the_week(days):
    page = days.http.get("/statistics", params={"first": "2025-11-09", "last": "2026-11-08"}).text
    assert re.findall(r"<title>(\S+): .*?</title>", page)[0] == "2026-10-25"
