"""A crossing that a hand wrote besides a board, or another hand: it counts once, and nobody is found guilty by it."""

from checkpost.calendar import DAY_S
from checkpost.history import replay
from checkpost.passage import WRITTEN_WITHIN_S, Step
from checkpost.permit import APPROVED, BORDER, INTERNAL, PENDING, Card, Permit, Usage
from checkpost.reasons import NOTES, names
from checkpost.record import ADMITTED, ENTRY, EXIT, NO_OUTCOME, NONE, REFERRED, TURNED_BACK
from checkpost.rules import Knowledge, Policy, Tap

NOON = 20000 * DAY_S + DAY_S // 2
CARD = bytes(7)
OTHER_CARD = bytes(6) + b"\x01"
BOARD, CONSOLE, SECOND_CONSOLE = 1, 9, 10
HAND_S, PAPER_S = 64, 512  # what the time of an entry, and of a paper form, is unsure of


def _tap(at_s: int, seq: int = 1, direction: int = ENTRY, outcome: int = ADMITTED) -> Step:
    """What a board wrote, so many seconds after noon."""
    return _step(at_s, BOARD, seq, direction, outcome)


def _line(at_s: int, seq: int = 1, direction: int = ENTRY, outcome: int = ADMITTED, board: int = CONSOLE) -> Step:
    """What a person typed."""
    step = _step(at_s, board, seq, direction, outcome)
    step.tap.by_hand = True
    step.tap.assurance = NONE
    step.tap.uncertainty_s = HAND_S
    return step


def _step(at_s: int, board: int, seq: int, direction: int, outcome: int) -> Step:
    tap = Tap(NOON + at_s, 0, BORDER, "NORTH", "Z", direction)
    tap.outcome = outcome
    return Step((tap.utc_s, board, 1, seq), CARD, tap, Card())


def _told(steps: list[Step], permit: Permit) -> tuple[list[list[str]], Usage]:
    usage = replay(steps, permit, Policy(), Knowledge())
    return [step.verdict.reason_names() if step.verdict else [] for step in steps], usage


def _noted(step: Step) -> list[str]:
    return names(step.verdict.notes, NOTES) if step.verdict else []


def _entries(*steps: Step) -> int:
    return _told(list(steps), Permit())[1].entries


def test_a_line_and_the_board_s_own_record_are_one_entry() -> None:
    line, tap, later = _line(0), _tap(40), _tap(3 * 3600, 5)
    later.tap.direction = EXIT
    told, usage = _told([line, tap, later], Permit(entries=1))
    assert told == [[], [], []]
    assert (usage.entries, usage.complete, usage.counted) == (1, True, True)
    assert [_noted(step) for step in (line, tap, later)] == [["written-twice"], [], []]
    assert line.verdict and line.verdict.beside == (BOARD, 1, 1)


def test_the_board_judges_whichever_came_first() -> None:
    for line_s, tap_s in ((0, 40), (40, 0)):
        line, tap = _line(line_s), _tap(tap_s)
        told, _ = _told([line, tap], Permit(entries=1))
        assert told == [[], []]  # by a card that was proven live: of the line alone nothing could be said
        assert (_noted(line), _noted(tap)) == (["written-twice"], [])
    alone = _line(0)
    assert _told([alone], Permit())[0] == [["card-unproven"]] and _noted(alone) == []


def test_the_span_is_ten_minutes_and_what_the_times_are_unsure_of() -> None:
    for unsure_s in (HAND_S, PAPER_S):
        for late_s in (WRITTEN_WITHIN_S + unsure_s, -WRITTEN_WITHIN_S - unsure_s):
            beyond_s = late_s + (1 if late_s > 0 else -1)
            for apart_s, entries in ((late_s, 1), (beyond_s, 2)):
                line = _line(apart_s)
                line.tap.uncertainty_s = unsure_s
                assert _entries(_tap(0), line) == entries


def test_what_the_board_s_clock_is_unsure_of_counts_up_to_the_policy_s_most() -> None:
    for unsure_s, more_s in ((30, 30), (600, 600), (90_000, 600)):
        for beyond_s in (0, 1):
            tap, line = _tap(0), _line(WRITTEN_WITHIN_S + HAND_S + more_s + beyond_s)
            tap.tap.uncertainty_s = unsure_s
            assert _entries(tap, line) == 1 + beyond_s


def test_another_direction_point_or_kind_is_another_crossing() -> None:
    exit_ = _line(40, direction=EXIT)
    assert _told([_tap(0), exit_], Permit())[1].inside is False and _noted(exit_) == []
    south, inside = _line(40), _line(40)
    south.tap.point = "SOUTH"
    inside.tap.kind = INTERNAL
    assert _entries(_tap(0), south) == 2
    _told([_tap(0), inside], Permit())
    assert (_noted(south), _noted(inside)) == (["missing-exit"], [])


def test_a_form_that_two_guards_typed_is_one_entry() -> None:
    first, second = _line(0), _line(60, board=SECOND_CONSOLE)
    told, usage = _told([first, second], Permit(entries=1))
    assert told == [["card-unproven"]] * 2
    assert (usage.entries, usage.counted) == (1, True)
    assert (_noted(first), _noted(second)) == ([], ["written-twice"])
    assert _entries(_line(0), _line(WRITTEN_WITHIN_S + 2 * HAND_S, 3)) == 1
    assert _entries(_line(0), _line(WRITTEN_WITHIN_S + 2 * HAND_S + 1, 3)) == 2


def test_a_line_a_tap_and_a_line_are_one_entry() -> None:
    steps = [_line(0), _tap(300), _line(600, 3)]
    told, usage = _told(steps, Permit(entries=1))
    assert told == [[], [], []] and usage.entries == 1
    assert [_noted(step) for step in steps] == [["written-twice"], [], ["written-twice"]]


def test_a_line_goes_to_the_nearest_crossing() -> None:
    near, far = _tap(100, 3), _tap(900, 7)
    for at_s, other in ((300, near), (700, far), (500, near)):
        line = _line(at_s)
        _told([near, far, line], Permit())
        assert line.verdict and line.verdict.beside == other.key[1:]


def test_without_the_board_s_word_a_line_can_say_that_it_passed() -> None:
    for said, entries, counted in ((ADMITTED, 1, True), (REFERRED, 0, False), (TURNED_BACK, 0, False)):
        usage = _told([_tap(0, outcome=NO_OUTCOME), _line(40, outcome=said)], Permit(entries=0))[1]
        assert usage.entries == int(said == ADMITTED)  # by its verdict alone it would not have
        usage = _told([_tap(0, outcome=NO_OUTCOME), _line(40, outcome=said)], Permit())[1]
        assert (usage.entries, usage.counted) == (entries, counted)
        usage = _told([_tap(0), _line(40, outcome=said)], Permit())[1]
        assert (usage.entries, usage.counted) == (1, True)  # the board has its guard's word
    assert _entries(_tap(0, outcome=NO_OUTCOME), _line(40, outcome=NO_OUTCOME)) == 1


def test_who_was_not_admitted_at_the_board_was_perhaps_let_in_by_hand_afterwards() -> None:
    for said in (REFERRED, TURNED_BACK):
        tap, line, leave = _tap(0, outcome=said), _line(300), _tap(DAY_S, 9, EXIT)
        usage = _told([tap, line, leave], Permit())[1]
        assert (usage.entries, usage.counted) == (0, False)
        assert (_noted(line), _noted(leave)) == (["written-twice"], [])


def test_whose_outcome_a_line_tells_is_open_between_two_crossings() -> None:
    first, second, line = _tap(0, outcome=NO_OUTCOME), _tap(310, 3, outcome=NO_OUTCOME), _line(200)
    usage = _told([first, second, line], Permit())[1]
    assert (usage.entries, usage.counted) == (1, False)


def test_the_party_is_of_whoever_told_the_outcome() -> None:
    tap, line = _tap(0, outcome=NO_OUTCOME), _line(40)
    line.tap.party = 3
    assert _told([tap, line], Permit(companions=1))[0] == [["party-too-large"]] * 2
    tap = _tap(0)
    assert _told([tap, line], Permit(companions=1))[0] == [[], []]


def test_hands_that_contradict_each_other_count_neither_way() -> None:
    lines = [_line(0), _line(60, outcome=TURNED_BACK, board=SECOND_CONSOLE)]
    last = _tap(DAY_S, 5)
    told, usage = _told(lines + [last], Permit(entries=1))
    assert told[2] == ["history-incomplete"] and (usage.entries, usage.counted) == (1, False)
    assert _noted(last) == []


def test_with_another_crossing_between_nobody_can_tell_and_it_counts_neither_way() -> None:
    entry, leave, line = _tap(0), _tap(200, 3, EXIT), _line(400)
    told, usage = _told([entry, leave, line], Permit(entries=1))
    assert told == [[], [], ["card-unproven", "history-incomplete"]]  # the entry before it is perhaps its own
    assert (usage.entries, usage.complete, usage.counted) == (1, False, False)
    assert _noted(line) == ["written-twice"]
    assert line.verdict and line.verdict.beside == (BOARD, 1, 1)
    later = _tap(DAY_S, 9, EXIT)
    _told([entry, leave, line, later], Permit(max_stay_days=0))
    assert _noted(later) == []  # no missing entry: the line may be it


def test_as_many_entries_as_are_certain_use_up_a_permit_all_the_same() -> None:
    steps = [_tap(0), _tap(200, 3, EXIT), _line(400), _tap(DAY_S, 9, EXIT), _tap(2 * DAY_S, 11), _tap(3 * DAY_S, 13)]
    steps[5].tap.outcome = NO_OUTCOME
    assert _told(steps, Permit(entries=2))[0][4:] == [["history-incomplete"], ["entries-exhausted"]]


def test_a_line_before_the_board_s_record_leaves_that_open_too() -> None:
    line, leave, entry = _line(0), _tap(200, 3, EXIT), _tap(400, 5)
    told, usage = _told([line, leave, entry], Permit(entries=1, max_stay_days=5))
    assert told == [["card-unproven", "history-incomplete"], ["history-incomplete"], ["history-incomplete"]]
    assert [_noted(step) for step in (line, leave, entry)] == [["written-twice"], [], []]
    assert usage.entries == 1


def test_another_card_of_the_permit_is_perhaps_another_traveller() -> None:
    tap, line = _tap(0), _line(40)
    line.uid = OTHER_CARD
    told, usage = _told([tap, line], Permit(entries=1))
    assert told[1] == ["card-unproven", "history-incomplete"]
    assert (usage.entries, usage.counted, _noted(line)) == (1, False, ["written-twice"])


def test_a_line_beside_a_card_that_failed_its_proof_may_be_of_that_card_and_counts_neither_way() -> None:
    copy, line = _tap(0, outcome=REFERRED), _line(40)
    copy.tap.genuine = False
    said, usage = _told([copy, line], Permit())
    assert said == [["card-not-genuine"], ["card-unproven"]]
    assert _noted(line) == ["written-twice"]
    assert (usage.entries, usage.recent, usage.counted) == (0, [], False)


def test_two_days_that_hands_wrote_are_not_taken_for_one() -> None:
    midnight = DAY_S // 2
    first, second = _line(midnight - 60), _line(midnight + 60, 3)
    leave = _tap(midnight + 5 * DAY_S, 7, EXIT)
    told, usage = _told([first, second, leave], Permit(max_stay_days=4))
    assert told[2] == ["history-incomplete"] and usage.counted is False
    tap = _tap(midnight + 60)
    assert _told([first, tap, leave], Permit(max_stay_days=5))[0][2] == []  # the board's clock says the day


def test_of_a_permit_that_is_not_approved_no_note_is_asked() -> None:
    for decision, noted in ((APPROVED, ["written-twice"]), (PENDING, [])):
        line = _line(0)
        _told([line, _tap(40)], Permit(decision))
        assert _noted(line) == noted


def test_the_order_of_arrival_changes_nothing() -> None:
    def build() -> list[Step]:
        lines = [_line(0, 1), _line(700, 3, EXIT), _line(1400, 5), _line(130, 7, board=SECOND_CONSOLE)]
        return lines + [_tap(200, 1), _tap(720, 3, EXIT), _tap(1900, 5), _tap(2100, 7, EXIT)]

    ones = build()
    first, _ = _told(ones, Permit(entries=3, max_stay_days=0))
    for turn in range(1, len(ones)):
        others = build()
        told, _ = _told(others[turn:] + others[:turn], Permit(entries=3, max_stay_days=0))
        assert told == first[turn:] + first[:turn]
        assert [_noted(step) for step in others] == [_noted(step) for step in ones]
