"""Crossings entered by hand: records like any other, marked, with the person's name, in the order of their own time."""

import pytest

from checkpost import chain, record
from checkpost import reasons as why
from checkpost.source import HAND, PAPER
from gateway.boards.query import answer
from gateway.boards.roster import RosterKeeper
from gateway.contract import Board, CrossingPoint
from gateway.intake.explaining import explain_crossing
from gateway.intake.handentry import Entry, HandEntry, HandEntryError
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.review.reviews import Reviews
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, Journal, verdict_of
from tests.gateway.test_query import asked

CONSOLE = 9


@pytest.fixture
def hand(small):
    consoles = [Board(board=CONSOLE, epoch=1, crossing_point="ONS", lane="console", gateway="g", link_key="09" * 16)]
    Learning(small).take_imported(consoles, NOW_S)
    with small.transaction():
        small.knowledge.set_policy(small.knowledge.policy().model_copy(update={"assurance": "uid"}))
    return HandEntry(small)


def entry(**fields):
    return Entry(**({"crossing_point": "ONS", "direction": "entry", "utc_s": MORNING_S, "person": "Kim"} | fields))


def test_an_entry_becomes_a_record_of_the_console_and_a_crossing(small, hand):
    made = hand.enter(entry(outcome="referred", party=2), NOW_S)
    assert made[:3] == (CONSOLE, 1, 1) and made.taken.seq == 2
    raws = small.records.raw(CONSOLE, 1, 1, 9)
    assert [len(raw) for raw in raws] == [record.SIZE, record.SIZE]
    held = small.records.chain(CONSOLE, 1)
    assert held.head == chain.extend(chain.start(CONSOLE, 1), b"".join(raws))
    row = small.records.crossing(CONSOLE, 1, 1)
    assert (row.source, row.crossing_point, row.offset, row.outcome, row.outcome_party) == (HAND, "ONS", 36, 2, 2)
    assert small.hand.get(CONSOLE, 1, 1).person == "Kim"
    assert verdict_of(small, CONSOLE, 1) == ("refer", ["no-permit"], [])
    [review] = Reviews(small).list_open()
    assert review.evidence["crossing"]["source"] == "hand"


def test_a_typed_card_number_proves_no_card(small, hand):
    made = hand.enter(entry(card_uid=CARD), NOW_S)
    assert verdict_of(small, CONSOLE, made.seq) == ("unverifiable", ["card-unproven"], [])


def test_paper_forms_count_by_their_own_time_in_whatever_order_they_are_typed(small, hand):
    leave = hand.enter(entry(card_uid=CARD, direction="exit", utc_s=MORNING_S + 40_000, outcome="admitted"), NOW_S)
    form = {"source": "paper", "form": "17", "outcome": "admitted"}
    enter = hand.enter(entry(card_uid=CARD, utc_s=MORNING_S, **form), NOW_S)
    assert small.records.crossing(*enter[:3]).source == PAPER
    assert [verdict_of(small, CONSOLE, seq)[2] for seq in (leave.seq, enter.seq)] == [[], []]
    journal = Journal(1)
    journal.crossing(MORNING_S + DAY_S, CARD)
    Intake(small).take([journal.run()], NOW_S)
    assert verdict_of(small, 1, 1)[1] == ["entries-exhausted"]


def test_a_form_and_the_board_s_own_record_are_one_entry_and_a_question(small, hand):
    """The permit is good for one entry: written twice, it is none the less one."""
    said = {"card_uid": CARD, "source": "paper", "form": "17/1", "outcome": "admitted"}
    line = hand.enter(entry(**said), NOW_S)
    journal = Journal(1)
    journal.outcome(MORNING_S + 45, journal.crossing(MORNING_S + 40, CARD), record.ADMITTED)
    journal.crossing(MORNING_S + DAY_S, CARD, direction=1)
    Intake(small).take([journal.run()], NOW_S)
    assert verdict_of(small, 1, 1) == ("permitted", [], [])
    assert verdict_of(small, CONSOLE, line.seq) == ("permitted", [], ["written-twice"])
    assert verdict_of(small, 1, 3) == ("permitted", [], [])
    [review] = Reviews(small).list_open()
    assert (review.kind, review.board, review.seq) == ("written-twice", CONSOLE, line.seq)
    assert review.evidence["judged"]["notes"] == ["written-twice"]
    assert review.evidence["detail"] == "perhaps the same as 1/1/1"
    assert (review.evidence["beside"]["board"], review.evidence["beside"]["source"]) == (1, "tap")
    hand.enter(entry(**said | {"utc_s": MORNING_S + 90, "form": "18/4"}), NOW_S)  # and a second guard types it
    assert verdict_of(small, 1, 3) == ("permitted", [], [])
    assert len(Reviews(small).list_open()) == 2


def test_explaining_says_what_a_hand_wrote_twice(small, hand):
    line = hand.enter(entry(card_uid=CARD, outcome="admitted"), NOW_S)
    journal = Journal(1)
    journal.outcome(MORNING_S + 45, journal.crossing(MORNING_S + 40, CARD), record.ADMITTED)
    journal.outcome(MORNING_S + 205, journal.crossing(MORNING_S + 200, CARD, direction=1), record.ADMITTED)
    Intake(small).take([journal.run()], NOW_S)
    found = explain_crossing(small, line[:3], NOW_S)
    assert (found["verdict"], found["notes"]) == ("permitted", ["written-twice"])
    assert found["rests_on"][-1] == (
        "perhaps written twice: 1/1/1 says this crossing, which counts once, judged by that one"
    )
    assert explain_crossing(small, (1, 1, 1), NOW_S)["rests_on"][-1] == (
        f"{CONSOLE}/1/{line.seq}, written by hand, says this crossing, too"
    )
    after = hand.enter(entry(card_uid=CARD, outcome="admitted", utc_s=MORNING_S + 400), NOW_S)
    found = explain_crossing(small, after[:3], NOW_S)
    assert (found["verdict"], found["reasons"]) == ("unverifiable", ["card-unproven", "history-incomplete"])
    assert found["rests_on"][-1] == ("perhaps written twice: nobody can tell it from 1/1/1, so it counts neither way")


def test_who_taps_after_a_guard_wrote_it_down_is_let_through(small, hand):
    hand.enter(entry(card_uid=CARD, outcome="admitted"), NOW_S)
    assert answer(small, asked(utc_s=MORNING_S + 120)).verdict.verdict == why.PERMITTED
    assert answer(small, asked(utc_s=MORNING_S + 3600)).verdict.reasons == why.ENTRIES_EXHAUSTED


def test_a_form_is_entered_once(small, hand):
    hand.enter(entry(source="paper", form="17"), NOW_S)
    with pytest.raises(HandEntryError, match="Form 17 was entered before, by Kim"):
        hand.enter(entry(source="paper", form="17", person="Lee"), NOW_S)
    assert small.records.chain(CONSOLE, 1).seq == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"crossing_point": "HRY"}, "HRY has no console"),
        ({"person": " "}, "name of a person"),
        ({"source": "tap"}, "`hand`, or `paper`"),
        ({"source": "paper"}, "number of its form"),
        ({"form": "3"}, "number of its form"),
        ({"direction": "up"}, "no such direction"),
        ({"outcome": "shot"}, "no such direction or outcome"),
        ({"party": 16}, "1 to 15 persons"),
        ({"utc_s": NOW_S + 3600}, "in the future"),
        ({"utc_s": 7}, "before 2000"),
        ({"card_uid": "04AB"}, "no card number"),
        ({"card_uid": "04abcdefabcdef"}, "no card number"),
        ({"card_uid": "hello"}, "no card number"),
    ],
)
def test_what_no_record_can_hold_is_said_and_nothing_is_kept(small, hand, fields, words):
    with pytest.raises(HandEntryError, match=words):
        hand.enter(entry(**fields), NOW_S)
    assert small.records.chain(CONSOLE, 1) is None


def test_a_store_that_lost_its_entries_does_not_write_others_under_their_numbers(small, hand):
    hand.enter(entry(), NOW_S)
    with small.transaction():
        small.records.set_centre(CONSOLE, 1, 5, None)
    with pytest.raises(HandEntryError, match="open its next epoch"):
        hand.enter(entry(), NOW_S)


def test_a_point_whose_zone_is_unknown_is_said(small, hand):
    Learning(small).take_imported(
        [CrossingPoint(code="ONS", name="ONS", kind="border", zone="north", time_zone="Moon/Mare")], NOW_S
    )
    with pytest.raises(HandEntryError, match="Moon/Mare"):
        hand.enter(entry(), NOW_S)


def test_a_console_has_no_roster(small, hand):
    while RosterKeeper(small).refresh(NOW_S):
        pass
    assert small.rosters.count(1) == 1 and small.rosters.count(CONSOLE) == 0
