"""Whatever a hand writes near to what boards wrote: it accuses nobody, be it the same crossing or another one."""

from hypothesis import given
from hypothesis import strategies as st

from checkpost.history import replay
from checkpost.passage import WRITTEN_WITHIN_S, Step
from checkpost.permit import BORDER, Card, Permit
from checkpost.record import ENTRY, EXIT, NO_OUTCOME, NONE
from checkpost.rules import Knowledge, Policy, Tap

START = 1_793_000_000
SPAN_S = WRITTEN_WITHIN_S + 64
POINTS = ("NORTH", "SOUTH")
taps = st.tuples(
    st.integers(0, 3600),  # seconds after the start
    st.integers(0, 1),  # point
    st.sampled_from([ENTRY, EXIT]),
    st.integers(0, 3),  # outcome
)
told_taps = taps.filter(lambda tap: tap[3] != NO_OUTCOME)  # else a milder verdict lets others through
lines = st.tuples(
    st.integers(0, 7),  # which tap it may be
    st.integers(-SPAN_S, SPAN_S) | st.sampled_from([-SPAN_S, SPAN_S]),
    st.booleans(),  # by another card of the permit
)
permits = st.builds(Permit, entries=st.none() | st.integers(0, 3), max_stay_days=st.none() | st.just(0))


def _step(board, seq, after_s, point, direction, outcome, uid=b"card-a1"):
    tap = Tap(START + after_s, 36, BORDER, POINTS[point], "north", direction)
    tap.outcome = outcome
    return Step((START + after_s, board, 1, seq), uid, tap, Card())


def _taps(drawn):
    return [_step(1 + point, seq, at, point, *said) for seq, (at, point, *said) in enumerate(drawn, 1)]


def _lines(drawn, written, by_hand):
    found = []
    for seq, (at, after_s, other_card) in enumerate(written, 1):
        begun_s, point, direction, outcome = drawn[at % len(drawn)]
        uid = b"card-b2" if other_card else b"card-a1"
        # A tap in its stead is one of a board of its own: nothing of it is tapped again.
        board = 9 if by_hand else 10 + seq
        found.append(_step(board, seq, begun_s + after_s, point, direction, outcome, uid))
        found[-1].tap.by_hand = by_hand
        found[-1].tap.uncertainty_s = 64
        found[-1].tap.assurance = NONE
    return found


def _told(steps, permit):
    usage = replay(steps, permit, Policy(), Knowledge())
    return usage, {step.key: (step.verdict.reasons, step.verdict.notes) for step in steps}


def _accuses_nobody(found, truth):
    for key, (reasons, notes) in truth.items():
        assert not found[key][0] & ~reasons and not found[key][1] & ~notes, (key, found[key], truth[key])


@given(st.lists(taps, min_size=1, max_size=8), st.lists(lines, min_size=1, max_size=3), permits)
def test_where_a_hand_wrote_what_boards_wrote(drawn, written, permit):
    certain, truth = _told(_taps(drawn), permit)
    same = [(at, after_s, False) for at, after_s, _ in written]
    usage, found = _told(_taps(drawn) + _lines(drawn, same, True), permit)
    _accuses_nobody(found, truth)
    assert usage.entries <= certain.entries


@given(st.lists(told_taps, min_size=1, max_size=8), st.lists(lines, min_size=1, max_size=3), permits)
def test_where_a_hand_wrote_what_no_board_did(drawn, written, permit):
    _, truth = _told(_taps(drawn) + _lines(drawn, written, False), permit)
    _, found = _told(_taps(drawn) + _lines(drawn, written, True), permit)
    _accuses_nobody(found, {key: told for key, told in truth.items() if key[1] <= len(POINTS)})


@given(st.lists(taps, min_size=1, max_size=8), st.lists(lines, max_size=3), permits, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(drawn, written, permit, random):
    steps, others = (_taps(drawn) + _lines(drawn, written, True) for _ in range(2))
    random.shuffle(others)
    one, first = _told(steps, permit)
    other, second = _told(others, permit)
    assert first == second and vars(one) == vars(other)
