"""What gateways hear of crossings, wherever they were, and up to when none can be missing."""

from collections import Counter

import pytest

from gateway.contract import Changes
from tests.central.conftest import CARD, ONS

pytestmark = pytest.mark.both_stores

UID = CARD["card_uid"]
INLAND = {"kind": "internal", "zone": "south-hamgyong"}
MONDAY_S = 1_792_962_000


def told(centre, position=0, **more):
    answer = centre.good("gateway", "GET", "/v1/changes", params={"position": position} | more)
    return Changes.model_validate(answer)


def test_a_border_crossing_with_a_permit_is_told_with_the_facts_of_the_rules(small):
    board = small.add_board("ONS")
    seq = board.crossing(MONDAY_S, UID, party=2)
    board.outcome(MONDAY_S + 5, seq, "admitted", 3)
    board.crossing(MONDAY_S + 60)  # no card: nobody's history
    small.take(board.run())
    found = told(small)
    [crossing] = found.crossings
    assert (crossing.board, crossing.seq, crossing.card_uid, crossing.crossing_point) == (1, seq, UID, "ONS")
    assert (crossing.order_s, crossing.utc_s, crossing.clock, crossing.uncertainty) == (MONDAY_S, MONDAY_S, "synced", 2)
    assert (crossing.outcome, crossing.party, crossing.genuine, crossing.direction) == ("admitted", 3, True, "entry")
    assert told(small, found.position).crossings == []


def test_a_crossing_that_is_put_right_to_another_kind_of_point_is_told_there_and_back(small):
    small.good("admin", "PUT", "/v1/crossing-points/KIL", json=ONS | {"code": "KIL", "name": "Kilju"} | INLAND)
    small.sign_in("pak", "reviewer")
    board, inland = small.add_board("ONS"), small.add_board("KIL")
    seq = board.crossing(MONDAY_S, UID)
    board.outcome(MONDAY_S + 5, seq, "admitted")
    second = board.crossing(MONDAY_S + 900, UID)  # the permit has one entry
    inland.crossing(MONDAY_S + 500, UID)
    small.take(board.run(), inland.run())
    before = told(small)
    assert [(one.board, one.kind) for one in before.crossings] == [(1, "border"), (1, "border")]
    seen = []
    for point in ("KIL", "ONS"):
        body = {"fields": {"crossing_point": point}, "reason": "The lane's board stood elsewhere that day."}
        small.good("pak", "POST", f"/v1/crossings/1/1/{seq}/corrections", json=body)
        after = told(small, before.position)
        seen += [(one.kind, one.corrected) for one in after.crossings if one.seq == seq]
        seen += [row["verdict"] for row in small.crossings() if (row["board"], row["seq"]) == (1, second)]
        assert counted(small) == Counter((row["crossing_point"], row["verdict"]) for row in small.crossings())
        before = after
    corrected = ["crossing_point"]
    assert seen == [("internal", corrected), "permitted", ("border", corrected), "refer"]


def counted(centre):
    """Crossings by point and verdict, as the statistics count them."""
    rows = centre.good("office", "GET", "/v1/statistics", params={"first": "2026-10-01", "last": "2026-12-01"})[
        "counts"
    ]
    return Counter({(row["crossing_point"], row["verdict"]): row["crossings"] for row in rows})


def test_without_a_position_no_crossing_is_told(small):
    board = small.add_board("ONS")
    board.crossing(MONDAY_S, UID)
    small.take(board.run())
    assert small.good("gateway", "GET", "/v1/changes")["crossings"] == []


def test_an_outcome_tells_the_crossing_again(small):
    board = small.add_board("ONS")
    seq = board.crossing(MONDAY_S, UID)
    small.take(board.run())
    before = told(small)
    board.outcome(MONDAY_S + 5, seq, "turned_back")
    small.take(board.run(2))
    [again] = told(small, before.position).crossings
    assert again.outcome == "turned_back"


def test_crossings_come_in_pages(small):
    board = small.add_board("ONS")
    for at in range(1200):
        board.crossing(MONDAY_S + 400 * at, UID, "exit")
    for first in range(1, 1201, 400):
        small.take(board.run(first, first + 399))
    page = told(small)
    rest = told(small, page.position)
    assert (len(page.crossings), page.more) == (1000, True)
    keys = {(one.board, one.epoch, one.seq) for one in page.crossings + rest.crossings}
    assert len(keys) == 1200 and not rest.more


def test_complete_is_what_every_gateway_of_a_point_vouches_for(small):
    small.add_board("ONS")
    other = {"crossing_point": "ONS", "gateway": "other", "link_key": "c" * 32}
    console = {"crossing_point": "ONS", "gateway": "third", "link_key": "d" * 32, "lane": "console"}
    for board in (other, console):
        small.good("admin", "POST", "/v1/boards", json=board)
    assert told(small).complete_to == {"ONS": 0}
    small.tokens["gateway"] = small.good("admin", "POST", "/v1/gateways", json={"name": "other"})["token"]
    told(small, vouched=MONDAY_S + 100)
    small.tokens["gateway"] = small.good("admin", "POST", "/v1/gateways", json={"name": "gw"})["token"]
    assert told(small, vouched=MONDAY_S).complete_to == {"ONS": MONDAY_S}
    assert told(small, vouched=MONDAY_S + 500).complete_to == {"ONS": MONDAY_S + 100}
    assert told(small, vouched=MONDAY_S).complete_to == {"ONS": MONDAY_S + 100}
