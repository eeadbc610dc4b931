"""When somebody is reminded of an overdue answer: at 7, 30 and 45 days, then the head of office each week."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.central.cases.reminders import HEAD_OF_OFFICE, due, step_of
from gateway.central.store.exchange import SENT, CaseRow

DUE = "2026-01-31"


def case(reminded=0, owner="kim"):
    return CaseRow("EX-1", "an address", owner, "", "", 30, SENT, "2026-01-01", "2026-01-01", DUE, reminded=reminded)


def told(days, reminded=0):
    today = (date.fromisoformat(DUE) + timedelta(days=days)).isoformat()
    return [(one.step, one.to, one.days_overdue) for one in due([case(reminded)], today)]


def test_the_owner_is_reminded_three_times_and_then_the_head_of_office_each_week():
    steps = {days: told(days) for days in (-5, 0, 6, 7, 29, 30, 44, 45, 51, 52, 59, 458)}
    assert [steps[days] for days in (-5, 0, 6)] == [[], [], []]
    assert [steps[days][0][:2] for days in (7, 29, 30, 44, 45, 51)] == [
        *((1, "kim"), (1, "kim"), (2, "kim"), (2, "kim"), (3, "kim"), (3, "kim"))
    ]
    assert [steps[days][0] for days in (52, 59, 458)] == [
        *((4, HEAD_OF_OFFICE, 52), (5, HEAD_OF_OFFICE, 59), (62, HEAD_OF_OFFICE, 458))
    ]


@given(st.integers(0, 600))
def test_whoever_looks_every_day_sends_each_reminder_once(days):
    sent = 0
    for day in range(days + 1):
        for step, _, _ in told(day, sent):
            assert step == sent + 1
            sent = step
    assert sent == step_of(days)


@given(st.lists(st.integers(0, 400), max_size=12))
def test_whoever_looks_seldom_gets_the_newest_alone(visits):
    sent = 0
    for day in sorted(visits):
        found = told(day, sent)
        assert len(found) <= 1 and all(step > sent for step, _, _ in found)
        sent = found[0][0] if found else sent
    assert sent == (step_of(max(visits)) if visits else 0)
