"""What a record that nobody can read leaves open of a permit's history: nobody is found guilty by it."""

from checkpost.calendar import DAY_S
from checkpost.history import replay
from checkpost.hole import OUTCOME_WITHIN_S, Hole
from checkpost.passage import Step
from checkpost.permit import BORDER, INTERNAL, Card, Permit, Usage
from checkpost.reasons import NOTES, names
from checkpost.record import ADMITTED, ENTRY, EXIT, NO_OUTCOME, TURNED_BACK
from checkpost.rules import Knowledge, Policy, Tap

DAY0 = 20000
CARD = bytes(7)
NORTH, SOUTH = 1, 2  # boards, each at the point of its name


def _step(day: int, board: int, seq: int, direction: int = ENTRY, outcome: int = ADMITTED, kind: int = BORDER) -> Step:
    """One tap at noon of a day (UTC)."""
    utc_s = (DAY0 + day) * DAY_S + DAY_S // 2
    tap = Tap(utc_s, 0, kind, {NORTH: "NORTH", SOUTH: "SOUTH"}[board], "Z", direction)
    tap.outcome = outcome
    return Step((utc_s, board, 1, seq), CARD, tap, Card())


def _hole(board: int, seq: int, after: int, before: int | None, **more: str) -> Hole:
    """A hole between noon of two days."""
    noon = DAY0 * DAY_S + DAY_S // 2
    point = more.get("point", {NORTH: "NORTH", SOUTH: "SOUTH"}[board])
    return Hole(board, 1, seq, point, noon + after * DAY_S, None if before is None else noon + before * DAY_S)


def _told(steps: list[Step], permit: Permit, *holes: Hole) -> tuple[list[list[str]], Usage]:
    usage = replay(steps, permit, Policy(), Knowledge(), None, holes)
    return [step.verdict.reason_names() if step.verdict else [] for step in steps], usage


def _noted(step: Step) -> list[str]:
    return names(step.verdict.notes, NOTES) if step.verdict else []


STAY = Permit(max_stay_days=10)


def test_a_lost_exit_is_no_overstay() -> None:
    steps = [_step(0, NORTH, 1), _step(30, NORTH, 9, EXIT)]
    assert _told(steps, STAY)[0] == [[], ["overstay"]]
    assert _told(steps, STAY, _hole(NORTH, 5, 0, 30))[0] == [[], ["history-incomplete"]]
    assert _told(steps, STAY, _hole(SOUTH, 5, 3, 20))[0] == [[], ["history-incomplete"]]
    assert _told(steps, STAY, _hole(SOUTH, 5, 3, None))[0] == [[], ["history-incomplete"]]


def test_a_hole_before_the_entry_that_stands_leaves_its_stay_whole() -> None:
    steps = [_step(0, NORTH, 5), _step(30, NORTH, 9, EXIT)]
    assert _told(steps, STAY, _hole(NORTH, 4, -9, 0))[0] == [[], ["overstay"]]  # same board: the sequence says it
    assert _told(steps, STAY, _hole(SOUTH, 4, -9, -1))[0] == [[], ["overstay"]]
    assert _told(steps, STAY, _hole(SOUTH, 4, -9, 0))[0] == [[], ["history-incomplete"]]  # perhaps in the same second
    assert _told(steps, STAY, _hole(SOUTH, 4, -9, 1))[0] == [[], ["history-incomplete"]]


def test_a_hole_behind_a_step_says_nothing_of_it() -> None:
    steps = [_step(0, NORTH, 1), _step(30, NORTH, 9, EXIT)]
    assert _told(steps, STAY, _hole(NORTH, 10, 30, None))[0] == [[], ["overstay"]]
    assert _told(steps, STAY, _hole(SOUTH, 10, 31, None))[0] == [[], ["overstay"]]


def test_holes_of_any_border_point_since_the_permits_first_day_count_for_a_stay() -> None:
    steps = [_step(0, NORTH, 1), _step(30, NORTH, 9, EXIT)]
    permit = Permit(max_stay_days=10, points=("NORTH",), valid_from_day=DAY0)
    elsewhere, usage = _told(steps, permit, _hole(SOUTH, 5, 3, 20))
    assert (elsewhere, usage.counted) == ([[], ["history-incomplete"]], True)  # entries are granted at NORTH alone
    here, usage = _told(steps, permit, _hole(NORTH, 5, 3, 20))
    assert (here, usage.counted) == ([[], ["history-incomplete"]], False)
    assert _told(steps, permit, _hole(NORTH, 5, -9, -2))[1].counted
    assert not _told(steps, permit, _hole(NORTH, 5, -9, -1))[1].counted  # a local day begins hours before UTC's


def test_a_lost_entry_is_not_blamed_on_who_travels_on() -> None:
    onward = [_step(1, NORTH, 9, kind=INTERNAL)]
    permit = Permit(reception_days=15)
    assert _told(onward, permit)[0] == [["reception-incomplete"]]
    assert _told(onward, permit, _hole(SOUTH, 5, 0, None))[0] == [["history-incomplete"]]


def test_no_note_says_that_a_lost_crossing_is_missing() -> None:
    steps = [_step(0, NORTH, 1), _step(3, NORTH, 9), _step(4, NORTH, 11, EXIT), _step(5, NORTH, 13, EXIT)]
    _told(steps, Permit())
    assert [_noted(step) for step in steps] == [[], ["missing-exit"], [], ["missing-entry"]]
    _told(steps, Permit(), _hole(NORTH, 5, 0, 3))
    assert [_noted(step) for step in steps] == [[], [], [], ["missing-entry"]]
    assert steps[1].verdict and steps[1].verdict.unchecked  # and says that it could not look


def test_entries_are_a_lower_bound_behind_a_hole_for_good() -> None:
    steps = [_step(0, NORTH, 1), _step(1, NORTH, 3, EXIT), _step(2, NORTH, 9), _step(3, NORTH, 11, EXIT)]
    last = _step(4, NORTH, 13)
    hole = _hole(NORTH, 5, 1, 2)
    assert _told(steps + [last], Permit(entries=3), hole)[0] == [
        [],
        [],
        ["history-incomplete"],
        [],
        ["history-incomplete"],
    ]
    assert _told(steps + [last], Permit(entries=2), hole)[0][-1] == ["entries-exhausted"]  # as many are certain
    usage = _told(steps, Permit(), hole)[1]
    assert (usage.complete, usage.counted) == (True, False)


def test_a_permitted_crossing_whose_outcome_may_be_lost_counts_neither_way() -> None:
    steps = [_step(0, NORTH, 1, outcome=NO_OUTCOME), _step(1, NORTH, 9)]
    assert _told(steps, Permit(entries=1))[0] == [[], ["entries-exhausted"]]
    assert _told(steps, Permit(entries=1), _hole(NORTH, 2, 0, 1))[0] == [[], ["history-incomplete"]]
    for outcome in (ADMITTED, TURNED_BACK):  # which may have been put right
        steps[0].tap.outcome = outcome
        assert _told(steps, Permit(entries=1), _hole(NORTH, 3, 0, 1))[0] == [[], ["history-incomplete"]]


def test_an_outcome_is_looked_for_no_longer_than_guards_take() -> None:
    first, second = _step(0, NORTH, 1, outcome=NO_OUTCOME), _step(1, NORTH, 9)
    for late_s, names_ in ((OUTCOME_WITHIN_S, ["history-incomplete"]), (OUTCOME_WITHIN_S + 1, ["entries-exhausted"])):
        hole = Hole(NORTH, 1, 5, "NORTH", first.key[0] + late_s, second.key[0])
        assert _told([first, second], Permit(entries=1), hole)[0] == [[], names_]
    other_board = Hole(SOUTH, 1, 2, "SOUTH", first.key[0] + 1, second.key[0])
    assert _told([first, second], Permit(entries=1), other_board)[0] == [[], ["entries-exhausted"]]
    # Whoever is at another board before the hole begins meets it all the same: the outcome is missing from here on.
    leaves = Step((first.key[0] + 60, SOUTH, 1, 1), CARD, Tap(first.key[0] + 60, 0, BORDER, "SOUTH", "Z", EXIT), Card())
    leaves.tap.outcome = ADMITTED
    hole = Hole(NORTH, 1, 5, "NORTH", first.key[0] + 120, None)
    _told([first, leaves], Permit(), hole)
    assert _noted(leaves) == []


def test_what_boards_are_told_is_one_bit() -> None:
    hole = _hole(SOUTH, 5, 0, None)
    usage = _told([_step(0, NORTH, 1)], Permit(), hole)[1]
    assert (usage.complete, usage.counted) == (False, False)
    usage = _told([_step(0, NORTH, 1)], Permit())[1]
    assert (usage.complete, usage.counted) == (True, True)


def test_what_is_not_judged_for_a_hole_opens_what_follows_from_it() -> None:
    # Perhaps the first entry of two, perhaps the third: without an outcome nobody knows if it passed.
    steps = [_step(2, NORTH, 9, outcome=NO_OUTCOME), _step(3, NORTH, 11, EXIT), _step(4, SOUTH, 1, outcome=NO_OUTCOME)]
    told, usage = _told(steps, Permit(entries=2), _hole(NORTH, 5, 0, 2))
    assert told == [["history-incomplete"], [], ["history-incomplete"]]
    assert (usage.entries, usage.complete, usage.counted) == (0, False, False)
    onward = _step(5, NORTH, 13, kind=INTERNAL)
    assert _told(steps + [onward], Permit(entries=2, reception_days=15), _hole(NORTH, 5, 0, 2))[0][3] == [
        "history-incomplete"
    ]


def test_an_exit_without_its_entry_is_judged_by_nobody_behind_a_hole() -> None:
    steps = [_step(2, NORTH, 9, EXIT, NO_OUTCOME), _step(3, NORTH, 11, EXIT)]
    assert _told(steps, STAY)[0] == [[], []]
    assert _told(steps, STAY, _hole(SOUTH, 5, 0, 1))[0] == [["history-incomplete"], ["history-incomplete"]]
    assert _told(steps, Permit(), _hole(SOUTH, 5, 0, 1))[0] == [[], []]


def test_a_crossing_entered_by_hand_lies_where_its_time_says() -> None:
    late = _step(0, NORTH, 20)  # written behind the hole, of a day before it
    steps = [late, _step(30, NORTH, 21, EXIT)]
    assert _told(steps, STAY, _hole(NORTH, 15, 3, 20))[0] == [[], ["history-incomplete"]]


def test_two_taps_with_a_hole_between_them_are_no_one_passage() -> None:
    entry, first, second = _step(0, NORTH, 1), _step(30, NORTH, 5, EXIT, NO_OUTCOME), _step(30, NORTH, 7, EXIT)
    assert _told([entry, first, second], STAY)[0] == [[], ["overstay"], ["overstay"]]
    hole = Hole(NORTH, 1, 6, "NORTH", first.key[0], second.key[0])
    assert _told([entry, first, second], STAY, hole)[0] == [[], ["overstay"], ["history-incomplete"]]


def test_behind_a_crossing_that_certainly_passed_nothing_of_the_hole_is_left_in_the_stay() -> None:
    steps = [_step(2, NORTH, 9), _step(3, NORTH, 11, EXIT), _step(4, NORTH, 13, EXIT)]
    assert _told(steps, STAY, _hole(NORTH, 5, 0, 2))[0] == [[], [], []]
    assert _noted(steps[2]) == ["missing-entry"]


def test_an_outcome_is_missed_where_another_board_has_a_step_in_the_same_second() -> None:
    steps = [_step(0, NORTH, 1), _step(0, SOUTH, 1, outcome=NO_OUTCOME)]
    hole = Hole(SOUTH, 1, 2, "SOUTH", steps[1].key[0], None)
    assert _told(steps, Permit())[1].entries == 2
    usage = _told(steps, Permit(), hole)[1]
    assert (usage.entries, len(usage.recent), usage.counted) == (1, 1, False)
