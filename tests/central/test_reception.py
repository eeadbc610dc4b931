"""Reception stations: arrivals, days, releases and who may shorten them, what is counted, and who is gone."""

import pytest

from tests.central.conftest import A1
from tests.central.support import Centre, emptied

TODAY = "2026-10-26"  # of the centre's clock in these tests
STATION = {"name": "Kilju", "beds": 2, "blankets": 5}
ARRIVAL = {"station": "KIL", "person": "R-1", "application_id": "A1", "arrived_on": "2026-10-20"}
EARLY = {"released_on": "2026-10-24", "reason": "a hospital waits for her", "decided_by": "Dr Ri"}


@pytest.fixture(scope="module")
def laid(tmp_path_factory, shared_database):
    """One centre for all tests here: a new one each costs more than what is asked of it."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with made.http:
        yield made
    made.store.close()


@pytest.fixture
def station(laid):
    """A centre that knows one permit and one station, with nobody in it."""
    emptied(laid, "stays", "stay_events", "travel_passes", "stations", "reads", "knowledge")
    centre = laid
    centre.good("admin", "POST", "/v1/imports", json={"applications": [A1]})
    centre.good("admin", "PUT", "/v1/stations/KIL", json=STATION)
    return centre


def stay(centre, number="S-1", path="", method="PUT", **body):
    return centre.good("admin", method, f"/v1/stays/{number}{path}", json=body)


def refused(centre, status, path, body, method="POST"):
    answer = centre.call("admin", method, f"/v1/stays/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def pointers(problem):
    return [error["pointer"] for error in problem["errors"]]


def released(centre, application_id="A1"):
    with centre.store.read() as transaction:
        return transaction.knowledge.get("application", [application_id])[application_id].get("released_on", [])


def test_an_arrival_has_fifteen_days_and_is_the_same_when_entered_again(station):
    first = stay(station, **ARRIVAL)
    assert (first["state"], first["due_on"], first["days_over"], first["blankets"]) == ("here", "2026-11-04", 0, 1)
    assert stay(station, **ARRIVAL) == first
    problem = refused(station, 409, "S-1", ARRIVAL | {"person": "R-9"}, "PUT")
    assert problem["type"].endswith("stay-differs")
    assert len(station.good("office", "GET", "/v1/stays/S-1")["events"]) == 1


def test_the_policy_says_how_many_days(station):
    station.good("admin", "PUT", "/v1/policy", json={"reception_stay_days": 3})
    found = stay(station, **ARRIVAL)
    assert (found["due_on"], found["days_over"]) == ("2026-10-23", 3)


def test_nobody_is_at_two_stations_and_an_arrival_lies_not_ahead(station):
    stay(station, **ARRIVAL)
    assert pointers(refused(station, 422, "S-2", ARRIVAL, "PUT")) == ["#/person"]
    ahead = ARRIVAL | {"person": "R-2", "arrived_on": "2026-10-27"}
    assert pointers(refused(station, 422, "S-2", ahead, "PUT")) == ["#/arrived_on"]
    for field in ("station", "application_id"):
        assert pointers(refused(station, 422, "S-2", ARRIVAL | {"person": "R-2", field: "X"}, "PUT")) == [f"#/{field}"]


@pytest.mark.parametrize(
    ("lacking", "named"), [(("reason",), ["#/reason"]), (("reason", "decided_by"), ["#/reason", "#/decided_by"])]
)
def test_nobody_is_released_early_without_a_reason_and_a_person(station, lacking, named):
    stay(station, **ARRIVAL)
    for blank in ("", "   "):
        problem = refused(station, 422, "S-1/release", EARLY | dict.fromkeys(lacking, blank))
        assert problem["type"].endswith("early-release") and pointers(problem) == named
    assert released(station) == []
    assert station.good("office", "GET", "/v1/stays/S-1")["stay"]["state"] == "here"


def test_an_early_release_is_written_with_who_and_why(station):
    stay(station, **ARRIVAL)
    found = stay(station, path="/release", method="POST", **EARLY)
    assert (found["state"], found["early"], found["ended_on"]) == ("released", True, "2026-10-24")
    assert stay(station, path="/release", method="POST", **EARLY) == found
    assert released(station) == ["2026-10-24"]
    told = station.good("office", "GET", "/v1/stays/S-1")["events"]
    assert [event["what"] for event in told] == ["arrived", "released"]
    assert "Dr Ri" in told[1]["detail"] and "hospital" in told[1]["detail"] and told[1]["by"] == "admin"


def test_a_release_after_the_days_asks_for_nothing_more(station):
    stay(station, **ARRIVAL | {"arrived_on": "2026-10-01"})
    found = stay(station, path="/release", method="POST")
    assert (found["early"], found["ended_on"]) == (False, TODAY)
    for body in (EARLY, {"released_on": "2026-10-25"}):
        assert refused(station, 409, "S-1/release", body)["type"].endswith("stay-ended")


def test_a_release_lies_between_the_arrival_and_today(station):
    stay(station, **ARRIVAL)
    for day in ("2026-10-19", "2026-10-27", "2026-02-31"):
        assert pointers(refused(station, 422, "S-1/release", EARLY | {"released_on": day})) == ["#/released_on"]


def test_a_release_that_is_taken_back_leaves_the_permit_and_stays_in_the_story(station):
    stay(station, **ARRIVAL)
    stay(station, path="/release", method="POST", **EARLY)
    assert stay(station, path="/retraction", method="POST", reason="another person was meant")["state"] == "here"
    assert released(station) == []
    assert refused(station, 409, "S-1/retraction", {"reason": "again"})["type"].endswith("stay-goes-on")
    told = [event["what"] for event in station.good("office", "GET", "/v1/stays/S-1")["events"]]
    assert told == ["arrived", "released", "taken back"]


def test_two_of_one_permit_released_on_a_day_and_one_taken_back_leave_the_other_s_day(station):
    for number, person in (("S-1", "R-1"), ("S-2", "R-2")):
        stay(station, number, **ARRIVAL | {"person": person})
        stay(station, number, "/release", "POST", **EARLY)
    stay(station, "S-1", "/retraction", "POST", reason="the child still coughs")
    assert released(station) == ["2026-10-24"]


def test_an_import_takes_no_release_away_and_may_bring_one(station):
    stay(station, **ARRIVAL)
    stay(station, path="/release", method="POST", **EARLY)
    station.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"companions": 2}]})
    assert released(station) == ["2026-10-24"]
    station.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"released_on": ["2026-09-01"]}]})
    assert released(station) == ["2026-09-01", "2026-10-24"]
    wrong = {"applications": [A1 | {"released_on": ["2026-02-31"]}]}
    answer = station.call("gateway", "POST", "/v1/imports", json=wrong)
    assert pointers(answer.json()) == ["#/applications/0/released_on/0"]


def test_a_permit_that_comes_after_the_release_gets_it(station):
    stay(station, **ARRIVAL | {"application_id": None})
    stay(station, path="/release", method="POST", **EARLY)
    assert released(station) == []
    stay(station, path="/permit", application_id="A1")
    assert released(station) == ["2026-10-24"]


def test_who_is_gone_without_a_release_is_a_question_and_may_be_here_again(station):
    stay(station, **ARRIVAL)
    gone = stay(station, path="/departure", method="POST", left_on="2026-10-25", note="not at the evening count")
    assert (gone["state"], gone["ended_on"]) == ("left", "2026-10-25")
    [listed] = station.good("office", "GET", "/v1/stays", params={"state": "left"})["stays"]
    assert listed == gone and released(station) == []
    assert refused(station, 409, "S-1/release", EARLY)["type"].endswith("stay-ended")
    [asked] = station.good("admin", "GET", "/v1/reviews")["reviews"]
    assert (asked["kind"], asked["detail"]) == ("left-without-release", "gone from KIL since 2026-10-25")
    assert stay(station, path="/retraction", method="POST", reason="was at the doctor's")["state"] == "here"
    assert station.good("admin", "GET", "/v1/reviews")["reviews"] == []


def test_checks_are_yes_or_no_and_a_day(station):
    stay(station, **ARRIVAL)
    found = stay(station, path="/checks", medical={"done": True, "on": "2026-10-21"})
    assert found["medical"] == {"done": True, "on": "2026-10-21"} and found["vaccinated"] is None
    found = stay(station, path="/checks", vaccinated={"done": False, "on": "2026-10-22"})
    assert found["medical"]["done"] and not found["vaccinated"]["done"]
    assert pointers(refused(station, 422, "S-1/checks", {}, "PUT")) == ["#/medical"]
    refused(station, 422, "S-1/checks", {"medical": {"done": True, "on": TODAY, "finding": "flu"}}, "PUT")


def test_beds_blankets_and_passes_are_counted_and_what_is_lacking_shows(station):
    for at in range(3):
        stay(station, f"S-{at}", **ARRIVAL | {"person": f"R-{at}", "blankets": 2, "arrived_on": "2026-10-01"})
    [found] = station.good("office", "GET", "/v1/stations")["stations"]
    assert [found[name] for name in ("here", "beds_free", "blankets_out", "blankets_free", "over")] == [3, -1, 6, -1, 3]
    body = {"stay_id": "S-0", "zone": "south-hamgyong-line"}
    answer = station.call("admin", "PUT", "/v1/travel-passes/T-1", json=body)
    assert answer.json()["type"].endswith("not-released")
    stay(station, "S-0", "/release", "POST")
    first = station.good("admin", "PUT", "/v1/travel-passes/T-1", json=body)
    assert station.good("admin", "PUT", "/v1/travel-passes/T-1", json=body) == first
    other = station.call("admin", "PUT", "/v1/travel-passes/T-1", json=body | {"zone": "north-hamgyong"})
    assert other.json()["type"].endswith("pass-differs")
    [found] = station.good("office", "GET", "/v1/stations")["stations"]
    assert [found[name] for name in ("here", "beds_free", "blankets_free", "passes_today")] == [2, 0, 1, 1]


FILE = """stay_id,station,person,application_id,arrived_on,blankets
S-1,KIL,R-1,A1,2026-10-20,1
S-2,XXX,R-2,,2026-10-20,1
S-3,KIL,R-3,,2026-02-31,1
S-4,KIL,R-4,,2026-10-27,1
S-5,KIL,R-5,A9,2026-10-20,1
S-6,KIL,R-6,,2026-10-20,many
S-7,KIL,R-1,,2026-10-21,1
S-8,KIL,R-8,,2026-10-21,2
"""


def test_a_file_of_arrivals_is_named_row_by_row_and_changes_nothing_twice(station):
    def take(text):
        headers = {"content-type": "text/csv"}
        return station.good("office", "POST", "/v1/arrivals", content=text.encode(), headers=headers)

    first = take(FILE)
    assert (first["new"], first["known"]) == (2, 0)
    broken = {(row["line"], row["column"]) for row in first["broken"]}
    assert broken == {
        *((3, "station"), (4, "arrived_on"), (5, "arrived_on"), (6, "application_id"), (7, "blankets"), (8, "person"))
    }
    again = take(FILE)
    assert (again["new"], again["known"], again["broken"]) == (0, 2, first["broken"])
    assert (
        take(FILE.replace("S-8,KIL,R-8,,2026-10-21,2", "S-8,KIL,R-8,,2026-10-21,3"))["broken"][-1]["column"]
        == "blankets"
    )


def test_stays_come_in_pages_who_is_due_first_on_top(station):
    for at in range(5):
        stay(station, f"S-{at}", **ARRIVAL | {"person": f"R-{at}", "arrived_on": f"2026-10-2{5 - at}"})
    seen, after = [], ""
    while after or not seen:
        page = station.good("office", "GET", "/v1/stays", params={"limit": 2, "after": after, "station": "KIL"})
        seen += [one["stay_id"] for one in page["stays"]]
        after = page["next"]
    assert seen == ["S-4", "S-3", "S-2", "S-1", "S-0"]
    assert station.call("office", "GET", "/v1/stays", params={"after": "x"}).status_code == 422


def test_a_person_reads_stays_for_a_purpose_and_it_is_written_down(station):
    person = {"role": "clerk", "password": "a long sentence of one's own"}
    station.good("admin", "PUT", "/v1/people/kim", json=person)
    stay(station, **ARRIVAL)
    signed = {"name": "kim", "password": person["password"]}
    station.tokens["kim"] = station.good("", "POST", "/v1/sessions", json=signed)["token"]
    assert station.call("kim", "GET", "/v1/stays").status_code == 422
    station.good("kim", "GET", "/v1/stays/S-1", headers={"Checkpost-Purpose": "the evening count"})
    reads = station.good("admin", "GET", "/v1/reads")["reads"]
    assert [(read["what"], read["why"]) for read in reads if read["name"] == "kim"] == [
        ("stay S-1", "the evening count")
    ]
