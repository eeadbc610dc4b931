"""The answer to a card at a reader: by all that is held here, and in time."""

import time

import pytest

from checkpost import reasons as why
from checkpost import record
from gateway.boards.query import Asked
from gateway.boards.query import answer as answered
from gateway.contract import Application, Card
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, STRANGER, Journal

MANY = 10_000


def asked(card_uid=CARD, utc_s=MORNING_S, board=1, age_s=0, party=1, direction=record.ENTRY):
    crossing = record.Crossing(bytes.fromhex(card_uid), direction, party, record.UID if card_uid else record.NONE)
    raw = record.Record(record.CROSSING, 1, utc_s, 36, record.SYNCED, 2, crossing.pack()).pack()
    return Asked(board, 1, raw, NOW_S, age_s)


def answer(store, asked):
    """Return the verdict of an answer."""
    found = answered(store, asked)
    return found and found.verdict


def test_go_for_a_permit(small):
    assert answer(small, asked()).verdict == why.PERMITTED


def test_history_at_another_board_counts_at_once(small):
    journal = Journal(2)
    journal.outcome(MORNING_S - 60, journal.crossing(MORNING_S - 60, CARD), record.ADMITTED)
    Intake(small).take([journal.run()], NOW_S)
    assert answer(small, asked()).reasons == why.ENTRIES_EXHAUSTED


def test_a_card_tapped_again_is_one_passage(small):
    journal = Journal(1)
    journal.crossing(MORNING_S - 60, CARD)
    Intake(small).take([journal.run()], NOW_S)
    assert answer(small, asked()).verdict == why.PERMITTED


def test_an_unknown_card_is_unknown_only_as_far_as_knowledge_is_fresh(small):
    assert answer(small, asked(STRANGER)).reasons == why.UNKNOWN_CARD
    assert answer(small, asked(STRANGER, age_s=30 * DAY_S)).causes == why.NOT_ON_ROSTER


def test_old_knowledge_is_said_to_be_old(small):
    assert answer(small, asked(age_s=30 * DAY_S)).causes == why.STALE_ROSTER


def test_no_card_asks_for_a_person(small):
    assert answer(small, asked("")).reasons == why.NO_PERMIT


@pytest.mark.parametrize("question", [asked(board=77), asked(age_s=None), asked()._replace(raw=bytes(32))])
def test_where_nothing_is_known_the_board_judges_alone(small, question):
    assert answer(small, question) is None


def test_the_answer_takes_less_than_ten_milliseconds_among_many_permits(small):
    learning = Learning(small)
    for at in range(0, MANY, 1000):
        numbers = range(at, at + 1000)
        learning.take_imported([Application(application_id=f"B{n}", decision="approved") for n in numbers], NOW_S)
        cards = [Card(card_uid=f"06{n:012d}", application_id=f"B{n}", status="active") for n in numbers]
        learning.take_imported(cards, NOW_S)
    journal = Journal(1)
    for number in range(60):
        journal.outcome(MORNING_S, journal.crossing(MORNING_S, f"06{number % 6:012d}", number % 2), record.ADMITTED)
    Intake(small).take([journal.run()], NOW_S)
    took = []
    for number in range(200):
        began = time.perf_counter()
        answer(small, asked(f"06{number % 6:012d}"))
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.010
