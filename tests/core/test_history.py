"""A permit's taps in the order of time: passages tapped twice, and entries that only what passed uses up."""

from checkpost.history import Step, replay
from checkpost.permit import BORDER, Card, Permit
from checkpost.record import ADMITTED, ENTRY, EXIT, NO_OUTCOME, TURNED_BACK
from checkpost.rules import Knowledge, Policy, Tap

START = 1_793_000_000


def _step(seq, after_s, direction=ENTRY, outcome=NO_OUTCOME, board=1, uid=b"card"):
    tap = Tap(START + after_s, 36, BORDER, "ONS", "north", direction)
    tap.outcome = outcome
    return Step((START + after_s, board, 1, seq), uid, tap, Card())


def _verdicts(steps, permit):
    usage = replay(steps, permit, Policy(), Knowledge())
    return usage, [step.verdict.reason_names() for step in steps]


def test_a_card_tapped_again_before_an_outcome_is_one_passage():
    steps = [_step(1, 0), _step(2, 290), _step(3, 300, outcome=ADMITTED), _step(4, 320, outcome=ADMITTED)]
    usage, found = _verdicts(steps, Permit(entries=1))
    assert found == [[], [], [], ["entries-exhausted"]]
    assert usage.entries == 2  # the guard let the fourth pass


def test_another_board_direction_or_card_is_another_passage():
    steps = [_step(1, 0), _step(2, 10, board=2), _step(3, 20, EXIT), _step(4, 30, uid=b"other")]
    usage, _ = _verdicts(steps, Permit())
    assert usage.entries == 3


def test_after_five_minutes_it_is_another_passage():
    usage, found = _verdicts([_step(1, 0), _step(2, 301)], Permit(entries=1))
    assert found == [[], ["entries-exhausted"]]
    assert usage.entries == 1


def test_the_last_tap_of_a_passage_says_whether_it_passed():
    usage, _ = _verdicts([_step(1, 0), _step(2, 60, outcome=TURNED_BACK)], Permit(entries=1))
    assert usage.entries == 0


def test_the_order_of_arrival_changes_nothing():
    def build():
        return [_step(n, n * 400, ENTRY if n % 3 else EXIT, n % 4, 1 + n % 2) for n in range(1, 13)]

    first, second = build(), build()
    replay(first, Permit(entries=3, max_stay_days=0), Policy(), Knowledge())
    replay(list(reversed(second)), Permit(entries=3, max_stay_days=0), Policy(), Knowledge())
    assert [step.verdict.reason_names() for step in first] == [step.verdict.reason_names() for step in second]
    assert [step.verdict.note_names() for step in first] == [step.verdict.note_names() for step in second]
