"""A permit's taps in the order of time: passages tapped twice, and entries that only what passed uses up."""

from checkpost.calendar import local_day
from checkpost.history import replay
from checkpost.passage import Step
from checkpost.permit import BORDER, INTERNAL, Card, Permit
from checkpost.record import ADMITTED, ENTRY, EXIT, NO_OUTCOME, TURNED_BACK, UNSET
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


def test_a_card_that_failed_its_proof_is_no_part_of_the_genuine_one_s_passage():
    copy = _step(2, 30)
    copy.tap.genuine = False
    usage, found = _verdicts([_step(1, 0), copy, _step(3, 60)], Permit(entries=1))
    assert found == [[], ["card-not-genuine"], []]
    assert usage.entries == 1


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


def _undated(step):
    step.tap.utc_s, step.tap.trust = 0, UNSET
    return step


def test_an_entry_whose_day_nobody_knows_counts_and_makes_no_overstay():
    steps = [_undated(_step(1, 0, outcome=ADMITTED)), _step(2, 40 * 86400, EXIT), _step(3, 41 * 86400)]
    usage, found = _verdicts(steps, Permit(entries=1, max_stay_days=10))
    assert found == [["clock-untrusted"], ["clock-untrusted"], ["entries-exhausted"]]
    assert usage.entries == 1


def test_after_an_entry_whose_day_nobody_knows_reception_cannot_be_told():
    onward = _step(2, 86400)
    onward.tap.kind = INTERNAL
    usage, found = _verdicts([_undated(_step(1, 0, outcome=ADMITTED)), onward], Permit(reception_days=15))
    assert found[1] == ["clock-untrusted"]
    assert usage.inside


def test_a_passage_whose_day_nobody_knows_makes_nobody_frequent():
    steps = [_undated(_step(seq, 0, outcome=ADMITTED)) for seq in range(1, 9)]
    replay(steps, Permit(), Policy(), Knowledge())
    assert not [step for step in steps if "frequent" in step.verdict.note_names()]


def _onward(seq, after_days):
    step = _step(seq, after_days * 86400)
    step.tap.kind = INTERNAL
    return step


def _released(*after_days):
    return Permit(reception_days=15, released_days=tuple([local_day(START, 36) + days for days in after_days]))


def test_a_release_ends_the_reception_of_its_own_stay_and_of_no_other():
    for released, last in (((3,), ["reception-incomplete"]), ((3, 12), [])):
        stays = [_step(1, 0), _onward(2, 2), _onward(3, 3), _step(4, 9 * 86400, EXIT), _step(5, 10 * 86400)]
        usage, found = _verdicts(stays + [_onward(6, 11), _onward(7, 12)], _released(*released))
        assert found == [[], ["reception-incomplete"], [], [], [], ["reception-incomplete"], last]
    assert usage.released_day == local_day(START, 36) + 12


def test_who_was_released_without_an_entry_that_is_known_is_free_until_an_exit():
    steps = [_onward(1, 0), _onward(2, 4), _step(3, 5 * 86400, EXIT), _onward(4, 5), _onward(5, 6)]
    usage, found = _verdicts(steps, _released(4))
    assert found == [["reception-incomplete"], [], [], ["reception-incomplete"], ["reception-incomplete"]]
    assert usage.released_day is None


def test_a_release_on_the_day_of_the_entry_is_one_of_that_stay():
    _, found = _verdicts([_step(1, 0), _onward(2, 0)], _released(0))
    assert found == [[], []]


def test_an_exit_whose_day_nobody_knows_leaves_no_release_before_it():
    away = _undated(_step(2, 5 * 86400, EXIT, outcome=ADMITTED))
    _, found = _verdicts([_step(1, 0), away, _onward(3, 6)], _released(4))
    assert found[2] == ["reception-incomplete"]
