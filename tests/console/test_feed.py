"""The stream: what comes in is told at once, and whoever was away is told what they missed, and nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from checkpost import record
from gateway.console.feed import MAX_BEHIND, Watcher
from gateway.intake.records import Intake
from gateway.store.arrivals import Cursor, parse_cursor
from tests.gateway.support import CARD, STRANGER

numbers = st.integers(0, 10**15 - 1)


def listen(guard, last_id="", header=False):
    """Yield (event, id, data) of a stream that goes on after an id, given as the browser or the page gives it."""
    where = {"headers": {"last-event-id": last_id}} if header else {"params": {"after": last_id}}
    name = number = ""
    with guard.http.stream("GET", "/events", **where) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                name, number = value, ""
            elif key == "id":
                number = value
            elif key == "data":
                yield name, number, json.loads(value)


def until_id(guard, last_id="", header=False):
    """What the stream tells up to its next id: (keys of crossings, the id, the pieces)."""
    keys = []
    for name, number, data in listen(guard, last_id, header):
        if name == "crossing":
            keys.append(data["key"])
        if number:
            return keys, number, data
    raise AssertionError("the stream ended")


def test_who_was_away_is_told_what_they_missed_and_nothing_else(served):
    guard = served.guard()
    served.tap(1, CARD, outcome=record.ADMITTED)
    keys, seen, pieces = until_id(guard)
    assert keys == ["1.1.1"] and "Admitted" in pieces["lane-1"] and pieces["order"] == "2 1"
    assert until_id(guard, seen, header=True)[0] == []
    served.tap(2, STRANGER, verdict=1)
    served.tap(1, CARD, direction=1)
    keys, seen, pieces = until_id(guard, seen, header=True)
    assert sorted(keys) == ["1.1.3", "2.1.1"] and "ASK" in pieces["lane-2"]
    assert until_id(guard, seen)[0] == []


def test_a_later_outcome_is_told_and_a_restart_changes_no_place(served):
    guard = served.guard()
    seen = until_id(guard)[1]
    served.stop()
    journal = served.journals[2]
    crossing = journal.crossing(served.now_s, STRANGER, verdict=1)
    served.start()
    served.do(lambda store: Intake(store).take([journal.run(crossing)], served.now_s))
    keys, seen, _ = until_id(guard, seen)
    assert keys == [f"2.1.{crossing}"]
    outcome = journal.outcome(served.now_s + 9, crossing, record.TURNED_BACK)
    served.do(lambda store: Intake(store).take([journal.run(outcome)], served.now_s))
    keys, _, pieces = until_id(guard, seen)
    assert keys == [f"2.1.{crossing}"] and "Turned back" in pieces["lane-2"]


def test_what_comes_in_reaches_a_stream_that_is_open(served):
    stream = listen(served.guard())
    while next(stream)[0] != "state":
        pass
    seq = served.tap(1, CARD, party=3)
    for name, _, data in stream:
        if name == "crossing" and data["key"] == f"1.1.{seq}":
            assert "3 persons" in data["html"] and "lane 1: ASK, All entries are used" in data["say"]
            assert CARD not in json.dumps(data)
            break


def test_every_language_is_told_in_its_own(served):
    for language, word in (("ko", "통과"), ("zh", "放行")):
        stream = listen(served.guard(language=language))
        assert any(word in data.get("html", "") for name, _, data in stream if name == "crossing")


def test_who_falls_behind_is_let_go_and_nobody_waits_for_them():
    watcher = Watcher("en")
    for number in range(10 * MAX_BEHIND):
        watcher.put(str(number))
    told = [watcher.messages.get_nowait() for _ in range(watcher.messages.qsize())]
    assert told == [*map(str, range(MAX_BEHIND)), None]


@given(numbers, st.dictionaries(st.tuples(numbers, numbers), numbers, max_size=5))
def test_a_cursor_survives_its_way_through_the_browser(verdict, seqs):
    cursor = Cursor(verdict, seqs)
    assert parse_cursor(cursor.text()) == cursor


@given(st.text(alphabet="0123456789.-x ", max_size=20))
def test_any_text_is_a_cursor_or_none(text):
    cursor = parse_cursor(text)
    assert cursor is None or parse_cursor(cursor.text()) == cursor


def test_a_stream_ends_with_the_session_of_its_page(served):
    guard = served.guard()
    stream = listen(guard)
    while next(stream)[0] != "state":
        pass
    other = served.guard()
    assert other.send("/sign-out").status_code == 200
    assert guard.http.get("/alive").status_code == 204
    assert guard.send("/sign-out").status_code == 200
    for _ in stream:
        served.tap(1, CARD, direction=1)  # whatever comes in: the stream ends all the same
    assert guard.http.get("/alive", headers={"accept": "text/event-stream"}).status_code == 401
