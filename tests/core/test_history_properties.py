"""Any order of arrival of the same taps ends in the same verdicts, notes and use."""

from hypothesis import given
from hypothesis import strategies as st

from checkpost.calendar import DAY_S, local_day
from checkpost.history import replay
from checkpost.passage import Step
from checkpost.permit import BORDER, INTERNAL, Card, Permit
from checkpost.record import ENTRY, EXIT
from checkpost.roster import unpack_entry
from checkpost.roster_pack import pack_entry
from checkpost.rules import Knowledge, Policy, Tap, judge

START = 1_793_000_000
taps = st.tuples(
    st.integers(0, 40 * 86400),  # seconds after the start
    st.integers(1, 3),  # board
    st.sampled_from([ENTRY, EXIT]),
    st.sampled_from([BORDER, BORDER, INTERNAL]),
    st.integers(0, 3),  # outcome
    st.integers(1, 4),  # party
    st.sampled_from([b"card-a1", b"card-b2"]),
)
permits = st.builds(
    Permit,
    entries=st.none() | st.integers(0, 3),
    max_stay_days=st.none() | st.integers(0, 20),
    reception_days=st.none() | st.integers(0, 15),
    companions=st.none() | st.integers(0, 3),
)


def _steps(drawn):
    steps = []
    for seq, (after_s, board, direction, kind, outcome, party, uid) in enumerate(drawn, 1):
        tap = Tap(START + after_s, 36, kind, "ONS", "north", direction)
        tap.outcome, tap.party = outcome, party
        steps.append(Step((START + after_s, board, 1, seq), uid, tap, Card()))
    return steps


def _told(steps):
    return {step.key: (step.verdict.verdict, step.verdict.reasons, step.verdict.notes) for step in steps}


@given(st.lists(taps, max_size=25), permits, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(drawn, permit, random):
    first, second = _steps(drawn), _steps(drawn)
    random.shuffle(second)
    usage = replay(first, permit, Policy(), Knowledge())
    other = replay(second, permit, Policy(), Knowledge())
    assert _told(first) == _told(second)
    assert (usage.entries, usage.inside, usage.entry_day, usage.recent) == (
        other.entries,
        other.inside,
        other.entry_day,
        other.recent,
    )


@given(st.lists(taps, max_size=25), permits)
def test_every_tap_gets_a_verdict_and_use_never_exceeds_what_passed(drawn, permit):
    steps = _steps(drawn)
    usage = replay(steps, permit, Policy(), Knowledge())
    assert all(step.verdict is not None for step in steps)
    assert usage.entries <= len([step for step in steps if step.tap.kind == BORDER and step.tap.direction == ENTRY])


@given(st.lists(taps, max_size=12), permits, st.lists(st.integers(0, 40), max_size=3), st.integers(0, 20))
def test_a_board_says_of_the_next_onward_tap_what_history_says(drawn, permit, released, later_days):
    today = local_day(START, 36) + 41 + later_days
    permit.released_days = tuple(sorted(local_day(START, 36) + day for day in released))
    tap = Tap((today * DAY_S) - 36 * 900, 36, INTERNAL, "KIL", "south")
    onward = Step((tap.utc_s, 9, 1, 1), b"card-a1", tap, Card())
    usage = replay(_steps(drawn), permit, Policy(), Knowledge())
    entry = unpack_entry(pack_entry(b"\x04" * 7, Card(), permit, usage, b"abcd", "KIL", "south"), "KIL", "south")
    replay([*_steps(drawn), onward], permit, Policy(), Knowledge())
    alone = judge(tap, entry.card, entry.permit, entry.usage, Policy(), Knowledge())
    assert alone.reason_names() == onward.verdict.reason_names()
