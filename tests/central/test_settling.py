"""A missing packet makes nobody guilty at the centre either: verdicts wait for gateways that have not vouched."""

import pytest

from gateway.central.access import ADMIN, GATEWAY, OFFICE
from gateway.central.settling import AT_ONCE
from tests.central.conftest import A1, ONS
from tests.central.support import Board

pytestmark = pytest.mark.both_stores
DAY_S, START_S = 86_400, 1_793_000_000
CARD = "04000000000001"
OTHER = "other"  # the gateway of HRY


class Two:
    """A centre with a gateway at ONS and another at HRY, and one permit of five days for both."""

    def __init__(self, small):
        self.centre = small
        small.now_s = START_S + 100 * DAY_S
        small.tokens[OTHER] = small.good(ADMIN, "POST", "/v1/gateways", json={"name": OTHER})["token"]
        small.good(ADMIN, "PUT", "/v1/crossing-points/HRY", json=ONS | {"code": "HRY", "name": "HRY"})
        self.permit = A1 | {"entries": None, "max_stay_days": 5, "crossing_points": ["ONS", "HRY"]}
        self.permit |= {"valid_from": None, "valid_until": None}
        self.know()
        self.here = small.add_board("ONS")
        key = {"crossing_point": "HRY", "gateway": OTHER, "link_key": "77" * 16}
        self.there = Board(small.good(ADMIN, "POST", "/v1/boards", json=key)["board"])

    def know(self):
        self.centre.good(GATEWAY, "POST", "/v1/imports", json={"applications": [self.permit]})

    def vouch(self, who, day):
        answer = self.centre.good(who, "GET", f"/v1/changes?after=0&position=0&vouched={at(day)}")
        return answer["complete_to"]

    def tap(self, board, day, direction):
        board.crossing(at(day), CARD, direction)
        who = GATEWAY if board is self.here else OTHER
        self.centre.good(who, "POST", "/v1/batches", json={"runs": [board.run()]})

    def said(self):
        """Return verdict, reasons and notes of the newest crossing at ONS, and how many questions are open."""
        rows = self.centre.good(OFFICE, "GET", "/v1/crossings?after=0&limit=1000")["crossings"]
        last = max((row for row in rows if row["board"] == self.here.number), key=lambda row: row["seq"])
        asked = self.centre.good(ADMIN, "GET", "/v1/reviews")["reviews"]
        return last["verdict"], last["reasons"], last["notes"], len(asked)


def at(day):
    return START_S + int(day * DAY_S)


@pytest.fixture
def two(small):
    return Two(small)


def test_a_stay_is_no_overstay_while_another_gateway_may_hold_its_end(two):
    two.vouch(GATEWAY, 0)
    two.vouch(OTHER, 0)
    two.tap(two.here, 0, "entry")
    two.vouch(GATEWAY, 10)  # HRY is behind since day 0
    two.tap(two.here, 10, "exit")
    assert two.said() == ("unverifiable", ["history-incomplete"], [], 0)
    two.tap(two.there, 2, "exit")
    two.tap(two.there, 9, "entry")
    assert two.said() == ("permitted", [], [], 0)  # a stay of a day, whatever else may be missing
    two.vouch(OTHER, 10)
    assert two.said() == ("permitted", [], [], 0)


def test_with_the_news_of_all_the_verdict_follows_by_itself(two):
    two.vouch(GATEWAY, 0)
    two.vouch(OTHER, 0)
    two.tap(two.here, 0, "entry")
    two.tap(two.here, 10, "exit")
    assert two.said()[:2] == ("unverifiable", ["history-incomplete"])
    two.vouch(OTHER, 10)
    assert two.said()[:2] == ("unverifiable", ["history-incomplete"])  # its own gateway's news count as well
    two.vouch(GATEWAY, 10)
    assert two.said() == ("refer", ["overstay"], [], 1)


def test_notes_wait_as_well(two):
    two.vouch(OTHER, 0)
    two.tap(two.here, 0.5, "entry")
    two.tap(two.here, 1, "entry")
    assert two.said()[2] == []
    two.vouch(OTHER, 1)
    assert two.said()[2] == ["missing-exit"]


def test_a_permit_waits_for_its_own_points_alone_and_for_no_gateway_that_never_vouched(two):
    two.tap(two.here, 0, "entry")
    two.tap(two.here, 10, "exit")
    assert two.said()[:2] == ("refer", ["overstay"])
    two.vouch(OTHER, 0)
    two.tap(two.here, 11, "entry")
    two.tap(two.here, 20, "exit")
    assert two.said()[:2] == ("unverifiable", ["history-incomplete"])
    two.permit["crossing_points"] = ["ONS"]
    two.know()
    assert two.said()[:2] == ("refer", ["overstay"])


@pytest.mark.parametrize(("late_s", "said"), [(900, "refer"), (901, "unverifiable")])
def test_news_are_as_old_as_the_policy_allows(two, late_s, said):
    two.vouch(OTHER, 10)
    two.tap(two.here, 0, "entry")
    two.here.crossing(at(10) + late_s, CARD, "exit")
    two.centre.take(two.here.run())
    assert two.said()[0] == said


def test_nobody_vouches_for_what_is_to_come(two):
    assert two.vouch(OTHER, 5000) == {"HRY": two.centre.now_s, "ONS": 0}


def test_what_waited_is_judged_a_piece_at_a_time_and_each_once(two):
    two.vouch(OTHER, 0)
    two.tap(two.here, 0, "entry")
    for number in range(AT_ONCE + 50):
        two.here.crossing(at(10) + number // 3, CARD, "exit")
    two.centre.take(two.here.run())
    store = two.centre.app.state.parts.ledger._store
    with store.read() as transaction:
        waiting = transaction.crossings.waiting(at(0), at(20), 1000)
        assert len(waiting) == AT_ONCE + 50
        assert [one[1] for one in waiting] == sorted(one[1] for one in waiting)
        part = transaction.crossings.waiting(at(0), at(20), 4)
        assert len(part) == 6 and part[-1][1] == part[3][1]  # with whatever shares the last one's second
    two.vouch(OTHER, 11)
    with store.read() as transaction:
        assert transaction.crossings.waiting(at(0), at(20), 1000) == []
        assert transaction.vouched.settled(OTHER) == at(11) + 900
    position = two.centre.crossings()[-1]["position"]
    two.vouch(OTHER, 12)
    assert two.centre.crossings()[-1]["position"] == position
