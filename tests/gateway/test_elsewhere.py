"""Crossings that the centre tells of count as this gateway's own, and their absence is no finding."""

import sqlite3
from types import SimpleNamespace

import pytest
from sqlite_utils import Database

from checkpost import reasons as why
from checkpost import record
from gateway.boards.query import answer
from gateway.boards.roster import RosterKeeper
from gateway.contract import Application, Board, Card, CrossingPoint, Policy
from gateway.intake.freshness import Freshness
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.intake.vouching import Vouching
from gateway.review.reviews import Reviews
from gateway.store.schema import migrations
from gateway.store.store import Store
from gateway.view import Held, View
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, Journal, elsewhere, verdict_of
from tests.gateway.test_query import asked

HOUR_S = 3600


@pytest.fixture
def half(store):
    """A gateway with a board at ONS, of two border points, and a permit of one entry at either."""
    points = [CrossingPoint(code=code, name=code, kind="border", zone="north") for code in ("ONS", "HRY")]
    board = Board(board=1, epoch=1, crossing_point="ONS", lane="1", gateway="g", link_key="01" * 16)
    permit = Application(application_id="A1", decision="approved", entries=1, crossing_points=["HRY", "ONS"])
    card = Card(card_uid=CARD, application_id="A1", status="active")
    Learning(store).take_imported([*points, board, permit, card], NOW_S)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)
    return store


def tap(store, utc_s=MORNING_S + HOUR_S):
    journal = Journal(1)
    journal.crossing(utc_s, CARD, verdict=why.UNVERIFIABLE)
    Intake(store).take([journal.run()], NOW_S)


def settle(store):
    while Learning(store).settle_provisional(NOW_S):
        pass


def test_without_news_a_limited_permit_of_several_points_cannot_be_verified(half):
    Learning(half).complete_to({"ONS": NOW_S, "HRY": 0})
    tap(half)
    assert verdict_of(half, 1, 1) == ("unverifiable", ["history-incomplete"], [])
    assert answer(half, asked(utc_s=MORNING_S)).verdict.causes == why.HISTORY_INCOMPLETE


def test_fresh_news_of_the_other_point_is_enough(half):
    Learning(half).complete_to({"HRY": MORNING_S})
    assert answer(half, asked(utc_s=MORNING_S + 900)).verdict.verdict == why.PERMITTED
    assert answer(half, asked(utc_s=MORNING_S + 901)).verdict.causes == why.HISTORY_INCOMPLETE


def test_a_point_without_a_board_can_miss_nothing(half):
    Learning(half).complete_to({"ONS": 0})
    assert answer(half, asked(utc_s=NOW_S)).verdict.verdict == why.PERMITTED


def test_an_entry_elsewhere_counts_whenever_it_comes(half):
    Learning(half).complete_to({"HRY": NOW_S})
    tap(half)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    Learning(half).take_elsewhere([elsewhere()], 7, NOW_S)
    assert verdict_of(half, 1, 1) == ("refer", ["entries-exhausted"], ["missing-exit"])
    assert [review.kind for review in Reviews(half).list_open()] == ["refer", "answer-changed"]
    Learning(half).take_elsewhere([elsewhere(outcome="turned_back")], 8, NOW_S)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    assert half.knowledge.number("position") == 8


def test_news_settle_what_could_not_be_verified(half):
    Learning(half).complete_to({"HRY": MORNING_S - DAY_S})
    tap(half)
    settle(half)
    assert verdict_of(half, 1, 1)[0] == "unverifiable"
    Learning(half).complete_to({"HRY": MORNING_S + HOUR_S})
    settle(half)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    assert [row.verdict for row in half.verdicts.history(1, 1, 1)] == [why.UNVERIFIABLE, why.PERMITTED]


def test_a_crossing_that_came_back_from_the_centre_counts_once(half):
    Learning(half).complete_to({"HRY": NOW_S})
    lost = elsewhere(board=1, crossing_point="ONS", utc_s=MORNING_S + HOUR_S, outcome="")
    Learning(half).take_elsewhere(
        [lost], 3, NOW_S
    )  # this store was lost: the centre has what the board will bring again
    assert answer(half, asked(utc_s=MORNING_S + DAY_S)).verdict.reasons == why.ENTRIES_EXHAUSTED
    tap(half)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    Learning(half).take_elsewhere([lost], 4, NOW_S)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])


def test_a_form_typed_at_another_gateway_is_no_second_entry(half):
    Learning(half).complete_to({"HRY": NOW_S})
    tap(half)
    far = {"crossing_point": "ONS", "board": 9, "utc_s": MORNING_S + HOUR_S - 40, "assurance": "none"}
    Learning(half).take_elsewhere([elsewhere(**far, uncertainty=11)], 7, NOW_S)
    assert verdict_of(half, 1, 1)[:2] == ("refer", ["entries-exhausted"])  # as another board's word
    Learning(half).take_elsewhere([elsewhere(**far, uncertainty=11, source="paper")], 8, NOW_S)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    assert answer(half, asked(utc_s=MORNING_S + DAY_S)).verdict.reasons == why.ENTRIES_EXHAUSTED


def test_what_was_told_before_hands_were_is_told_again():
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrations().apply(Database(conn), stop_before="0018_written")
    Store(conn).knowledge.set("position", 77)
    migrations().apply(Database(conn))
    assert Store(conn).knowledge.number("position") == 0
    conn.close()


def test_what_the_centre_put_right_of_a_crossing_judges_again_what_it_touches(half):
    Learning(half).complete_to({"HRY": NOW_S})
    tap(half)
    Learning(half).take_elsewhere([elsewhere()], 7, NOW_S)
    assert verdict_of(half, 1, 1)[:2] == ("refer", ["entries-exhausted"])
    Learning(half).take_elsewhere([elsewhere(direction="exit", corrected=["direction"])], 8, NOW_S)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])  # it was an exit: no entry is used


def test_what_the_centre_put_right_of_a_crossing_of_this_gateway_holds_and_its_record_stays(half):
    Learning(half).complete_to({"HRY": NOW_S})
    tap(half)
    Learning(half).take_elsewhere([elsewhere(utc_s=MORNING_S + 2 * HOUR_S)], 7, NOW_S)
    mine = {
        "board": 1,
        "crossing_point": "ONS",
        "utc_s": MORNING_S + HOUR_S,
        "direction": "exit",
        "outcome": "referred",
    }
    told = elsewhere(**mine, party=2, corrected=["direction", "outcome", "party"])
    raw = half._conn.execute("SELECT raw FROM records").fetchone()
    Learning(half).take_elsewhere([told], 8, NOW_S)
    row = half.records.crossing(1, 1, 1)
    assert (row.direction, row.outcome, row.outcome_party or row.party) == (1, 2, 2)
    assert half._conn.execute("SELECT raw FROM records").fetchone() == raw
    assert verdict_of(half, 1, 1) == ("permitted", [], ["missing-entry"])
    judged = len(half.verdicts.history(1, 1, 1))
    Learning(half).take_elsewhere([told], 9, NOW_S)  # told again, nothing is new
    assert len(half.verdicts.history(1, 1, 1)) == judged


def test_a_crossing_that_was_put_right_to_an_internal_point_uses_no_entry_and_back_it_does(half):
    Learning(half).complete_to({"HRY": NOW_S})
    tap(half)
    moved = {"crossing_point": "KIL", "corrected": ["crossing_point"]}
    Learning(half).take_elsewhere([elsewhere()], 7, NOW_S)
    assert verdict_of(half, 1, 1)[:2] == ("refer", ["entries-exhausted"])
    Learning(half).take_elsewhere([elsewhere(**moved, kind="internal")], 8, NOW_S)
    assert verdict_of(half, 1, 1) == ("permitted", [], [])
    judged = len(half.verdicts.history(1, 1, 1))
    Learning(half).take_elsewhere([elsewhere(**moved, kind="internal")], 9, NOW_S)  # told again, nothing is new
    assert len(half.verdicts.history(1, 1, 1)) == judged
    Learning(half).take_elsewhere([elsewhere(corrected=["crossing_point"])], 10, NOW_S)
    assert verdict_of(half, 1, 1)[:2] == ("refer", ["entries-exhausted"])


def test_an_entry_of_this_gateway_that_was_put_right_to_an_internal_point_frees_the_entry(half):
    inland = CrossingPoint(code="KIL", name="Kilju", kind="internal", zone="south")
    Learning(half).take_imported([inland], NOW_S)
    Learning(half).complete_to({"HRY": NOW_S})
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    journal.outcome(MORNING_S + 5, 1, record.ADMITTED)
    journal.crossing(MORNING_S + HOUR_S, CARD, verdict=why.REFER)
    Intake(half).take([journal.run()], NOW_S)
    assert verdict_of(half, 1, 3)[:2] == ("refer", ["entries-exhausted"])
    mine = {"board": 1, "seq": 1, "crossing_point": "KIL", "corrected": ["crossing_point"], "kind": "internal"}
    Learning(half).take_elsewhere([elsewhere(**mine)], 8, NOW_S)
    assert half.records.crossing(1, 1, 1).kind == "internal"
    assert verdict_of(half, 1, 3) == ("permitted", [], [])


def test_what_was_put_right_holds_when_a_store_was_lost_and_boards_bring_their_records_again(half):
    inland = CrossingPoint(code="KIL", name="Kilju", kind="internal", zone="south")
    Learning(half).take_imported([inland], NOW_S)
    Learning(half).complete_to({"HRY": NOW_S})
    moved = {"board": 1, "crossing_point": "KIL", "kind": "internal", "corrected": ["crossing_point", "party"]}
    Learning(half).take_elsewhere([elsewhere(**moved, party=3)], 3, NOW_S)
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    Intake(half).take([journal.run()], NOW_S)
    row = half.records.crossing(1, 1, 1)
    assert (row.crossing_point, row.kind, row.party) == ("KIL", "internal", 3)
    journal.outcome(MORNING_S + 5, 1, record.ADMITTED)  # later, and its party is the record's
    Intake(half).take([journal.run(2)], NOW_S)
    row = half.records.crossing(1, 1, 1)
    assert (row.outcome, row.outcome_party, row.crossing_point) == (record.ADMITTED, 3, "KIL")


def test_a_later_outcome_of_the_board_does_not_undo_what_was_put_right(half):
    tap(half)
    mine = {"board": 1, "crossing_point": "ONS", "utc_s": MORNING_S + HOUR_S}
    Learning(half).take_elsewhere([elsewhere(**mine, outcome="referred", corrected=["outcome"])], 8, NOW_S)
    journal = Journal(1)
    journal.crossing(MORNING_S + HOUR_S, CARD, verdict=why.UNVERIFIABLE)
    journal.outcome(MORNING_S + HOUR_S + 5, 1, record.ADMITTED)
    Intake(half).take([journal.run()], NOW_S)
    assert half.records.crossing(1, 1, 1).outcome == record.OUTCOMES.index("referred")


def test_a_board_s_roster_counts_entries_elsewhere_and_knows_that_more_may_come(half):
    Learning(half).take_elsewhere([elsewhere()], 7, NOW_S)
    while RosterKeeper(half).refresh(NOW_S):
        pass
    [entry], _ = half.rosters.changes(1, 0, 9, True)
    Learning(half).take_elsewhere([elsewhere(outcome="turned_back")], 8, NOW_S)
    while RosterKeeper(half).refresh(NOW_S):
        pass
    [other], _ = half.rosters.changes(1, 0, 9, True)
    assert entry != other


class Parts:
    """A view, a clock and how fresh knowledge is, as `gateway.parts.Parts` has them."""

    def __init__(self, boards, held):
        self.view = View({board.board: board for board in boards}, {}, None, 1, {}, False, held, {})
        self.freshness = Freshness(None)
        self.freshness.caught_up(NOW_S)
        self.now_ms = 120_000
        self.clock = SimpleNamespace(steady_ms=lambda: self.now_ms, utc_ms=lambda: NOW_S * 1000 + self.now_ms - 120_000)

    def held(self, board, epoch):
        return self.view.held.get((board, epoch), Held(0, 0))


def told(number, told_ms, next_seq, epoch=1):
    """Return a board whose status came at `told_ms`; None: none came."""
    status = SimpleNamespace(next_seq=next_seq, epoch=epoch) if told_ms is not None else None
    return SimpleNamespace(number=number, told_ms=told_ms, told_s=told_ms and told_ms / 1000, status=status)


LANE = Board(board=1, epoch=1, crossing_point="ONS", lane="1", gateway="g", link_key="01" * 16)
CONSOLE = LANE.model_copy(update={"board": 9, "lane": "console"})


@pytest.mark.parametrize(
    ("held", "boards", "until_s"),
    [
        ({(1, 1): Held(5, 5)}, [told(1, 100_000, 6)], NOW_S - 20),
        ({(1, 1): Held(5, 4)}, [told(1, 100_000, 6)], None),
        ({(1, 1): Held(5, 5)}, [told(1, 100_000, 7)], None),
        ({(1, 1): Held(5, 5)}, [told(1, 100_000, 6, epoch=2)], None),
        ({(1, 1): Held(5, 5)}, [told(1, None, 6)], None),
        ({(1, 1): Held(5, 5)}, [], None),
        ({(1, 1): Held(5, 5), (9, 1): Held(3, 2)}, [told(1, 100_000, 6)], None),
    ],
)
def test_a_gateway_vouches_only_for_what_it_knows(held, boards, until_s):
    assert Vouching(Parts([LANE, CONSOLE], held)).until(boards) == until_s


def test_a_gateway_whose_store_is_new_vouches_for_nothing_before_it_knows_its_boards():
    parts = Parts([LANE], {(1, 1): Held(5, 5)})
    parts.freshness.lost()
    assert Vouching(parts).until([told(1, 100_000, 6)]) is None
    assert Vouching(Parts([], {})).until([]) is None


def test_boards_that_are_never_quiet_at_once_are_vouched_for_each_by_its_own_last_quiet_moment():
    parts = Parts([LANE, LANE.model_copy(update={"board": 2})], {(1, 1): Held(5, 5), (2, 1): Held(3, 2)})
    vouching = Vouching(parts)
    assert vouching.until([told(1, 110_000, 6), told(2, 110_000, 4)]) is None
    parts.now_ms = 130_000
    parts.view.held.update({(1, 1): Held(6, 5), (2, 1): Held(3, 3)})
    assert vouching.until([told(1, 129_000, 7), told(2, 125_000, 4)]) == NOW_S - 10  # board 1 was quiet at 110
    parts.now_ms = 140_000
    parts.view.held.update({(1, 1): Held(6, 6), (2, 1): Held(4, 3)})
    assert vouching.until([told(1, 139_000, 7), told(2, 139_000, 5)]) == NOW_S + 5  # board 2 at 125


INNER = CrossingPoint(code="INN", name="Inner", kind="internal", zone="north")


def pass_inner(store, journal):
    journal.crossing(MORNING_S + HOUR_S * (1 + len(journal.records)), CARD)
    Intake(store).take([journal.run()], NOW_S)


@pytest.fixture
def inner(half):
    """A board more, at a point that the centre has not named yet, and a permit of ONS and the zone `north`."""
    board = Board(board=3, epoch=1, crossing_point="INN", lane="1", gateway="g", link_key="03" * 16)
    permit = Application(application_id="A1", decision="approved", crossing_points=["ONS"], zones=["north"])
    Learning(half).take_imported([board, permit], NOW_S)
    return half


def test_a_crossing_whose_point_is_named_late_ends_as_if_it_had_been_known(inner):
    pass_inner(inner, Journal(3))
    Learning(inner).take_imported([INNER], NOW_S)
    settle(inner)
    assert verdict_of(inner, 3, 1) == ("permitted", [], [])


def test_a_zone_that_changes_makes_no_earlier_traveller_wrong(inner):
    Learning(inner).take_imported([INNER], NOW_S)
    journal = Journal(3)
    pass_inner(inner, journal)
    Learning(inner).take_imported([INNER.model_copy(update={"zone": "south"})], NOW_S)
    pass_inner(inner, journal)
    assert verdict_of(inner, 3, 2) == ("refer", ["outside-zone"], [])
    assert verdict_of(inner, 3, 1) == ("permitted", [], [])
