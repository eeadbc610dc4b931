"""A board of this gateway that is silent may hold a traveller's exit: nobody is guilty of its gap until it is heard."""

import pytest

from checkpost import reasons as why
from gateway.boards.query import answer
from gateway.boards.roster import RosterKeeper
from gateway.contract import Application, Board, Card, CrossingPoint, Policy
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.intake.vouching import SILENT_S, Vouching
from gateway.review.reviews import Reviews
from gateway.view import Held
from tests.gateway.support import CARD, DAY_S, MORNING_S, Journal, verdict_of
from tests.gateway.test_elsewhere import CONSOLE, LANE, Parts, told
from tests.gateway.test_query import asked

NOW_S = MORNING_S + 10 * DAY_S
ENTRY, EXIT = 0, 1
HRY = LANE.model_copy(update={"board": 2, "crossing_point": "HRY"})
STARTED = 120_000, 120.0  # as `Parts` begins


class Pair:
    """A gateway with boards at two border points, a permit of five days for both, and a traveller who came in."""

    def __init__(self, store):
        self.store = store
        points = [CrossingPoint(code=code, name=code, kind="border", zone="north") for code in ("ONS", "HRY")]
        boards = [
            Board(board=at, epoch=1, crossing_point=code, lane="1", gateway="g", link_key=f"{at:032x}")
            for at, code in ((1, "ONS"), (2, "HRY"))
        ]
        permit = Application(application_id="A1", decision="approved", max_stay_days=5, crossing_points=["HRY", "ONS"])
        card = Card(card_uid=CARD, application_id="A1", status="active")
        Learning(store).take_imported([*points, *boards, permit, card], MORNING_S)
        with store.transaction():
            store.knowledge.set_policy(Policy(assurance="uid"))
            store.knowledge.set(AS_OF, NOW_S)
        self.journals = {1: Journal(1), 2: Journal(2)}
        self.tap(1, 0, ENTRY)

    def tap(self, board, day, direction):
        """Return the sequence of a crossing that is taken in."""
        journal = self.journals[board]
        seq = journal.crossing(MORNING_S + int(day * DAY_S), CARD, direction, verdict=why.UNVERIFIABLE)
        Intake(self.store).take([journal.run(seq, seq)], NOW_S)
        return seq

    def hears(self, silent, heard=()):
        Learning(self.store).own_silent(silent, heard)
        while Learning(self.store).settle_provisional(NOW_S):
            pass

    def kinds(self):
        return [review.kind for review in Reviews(self.store).list_open()]


@pytest.fixture
def pair(store):
    return Pair(store)


def test_a_stay_is_no_overstay_while_a_silent_board_may_hold_its_end(pair):
    pair.hears({"HRY": MORNING_S + DAY_S})
    exit_seq = pair.tap(1, 9.9, EXIT)
    assert verdict_of(pair.store, 1, exit_seq) == ("unverifiable", ["history-incomplete"], [])
    assert pair.kinds() == []
    pair.tap(2, 2, EXIT)
    pair.tap(2, 9, ENTRY)
    pair.hears({}, ["HRY"])
    assert verdict_of(pair.store, 1, exit_seq) == ("permitted", [], [])
    assert pair.kinds() == []


def test_once_it_was_heard_the_verdict_follows_by_itself(pair):
    pair.hears({"HRY": MORNING_S + DAY_S})
    exit_seq = pair.tap(1, 9.9, EXIT)
    pair.hears({"HRY": MORNING_S + 2 * DAY_S})  # another board of the point is silent for less long
    assert verdict_of(pair.store, 1, exit_seq)[0] == "unverifiable"
    pair.hears({}, ["HRY"])
    assert verdict_of(pair.store, 1, exit_seq) == ("refer", ["overstay"], [])
    assert pair.kinds() == ["refer"]


def test_a_question_of_a_board_is_answered_alike_and_rosters_stay_as_they_are(pair):
    keeper = RosterKeeper(pair.store)
    keeper.refresh(NOW_S)
    before = pair.store.rosters.changes(1, 0, 9, True)
    question = asked(utc_s=NOW_S - 60, direction=EXIT)
    assert answer(pair.store, question).verdict.reasons == why.OVERSTAY
    pair.hears({"HRY": MORNING_S + DAY_S})
    assert answer(pair.store, question).verdict.causes == why.HISTORY_INCOMPLETE
    pair.store.rosters.mark_due(["A1"])
    keeper.refresh(NOW_S)
    assert pair.store.rosters.changes(1, 0, 9, True) == before


def test_what_was_noted_stays_until_every_board_of_the_point_was_heard(pair):
    pair.hears({"HRY": 5_000})
    pair.hears({}, [])  # after a restart nothing is known of it yet
    pair.hears({"HRY": 9_000})
    assert pair.store.knowledge.get("own_silent") == '{"HRY": 5000}'
    pair.hears({}, ["HRY"])
    assert pair.store.knowledge.get("own_silent") == "{}"


def test_a_board_is_silent_once_both_clocks_say_so():
    parts = Parts([LANE, HRY, CONSOLE], {(1, 1): Held(5, 5), (2, 1): Held(3, 3), (9, 1): Held(2, 1)})
    vouching = Vouching(parts)
    boards = [told(1, 110_000, 6), told(2, 111_000, 4)]
    assert vouching.listened(boards, STARTED, 121.0) == ({}, {"ONS", "HRY"})
    parts.now_ms += SILENT_S * 1000  # a demo's leap: the machine's clock says that a second went by
    assert vouching.listened(boards, STARTED, 122.0) == ({}, {"ONS", "HRY"})
    boards[0] = told(1, parts.now_ms, 6)
    silent, heard = vouching.listened(boards, STARTED, 111.0 + SILENT_S + 1)
    assert (silent, heard) == ({"HRY": parts.clock.utc_ms() // 1000 - SILENT_S - 9}, {"ONS"})
    boards[1] = told(2, parts.now_ms, 5)  # it speaks, and has a record that is not here
    assert vouching.listened(boards, STARTED, 111.0 + SILENT_S + 1) == (silent, {"ONS"})
    parts.view.held[2, 1] = Held(4, 3)
    assert vouching.listened(boards, STARTED, 111.0 + SILENT_S + 1) == ({}, {"ONS", "HRY"})


def test_a_board_that_was_not_heard_since_the_start_is_waited_for_if_it_ever_wrote_anything():
    parts = Parts([LANE, HRY], {(1, 1): Held(5, 5)})
    vouching = Vouching(parts)
    assert vouching.listened([], STARTED, 121.0) == ({}, {"HRY"})
    parts.now_ms += SILENT_S * 1000 + 1
    silent, heard = vouching.listened([], STARTED, 121.0 + SILENT_S)
    assert (set(silent), heard) == ({"ONS"}, {"HRY"})
