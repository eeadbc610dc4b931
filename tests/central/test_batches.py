"""Batches: exactly once, in order, proven by the chain; what the guard did reaches its crossing."""

import zlib

import pytest

from checkpost import record
from gateway.contract import MAX_BATCH, MAX_SEQ

pytestmark = pytest.mark.both_stores

MONDAY_S = 1_792_962_000  # 2026-10-26 06:00 +09:00
UID = "04000000000001"


@pytest.fixture
def board(small):
    return small.add_board("ONS")


def held(reply):
    return [(row["board"], row["epoch"], row["seq"]) for row in reply["held"]]


def test_a_batch_sent_twice_is_held_once(small, board):
    board.crossing(MONDAY_S, UID)
    board.outcome(MONDAY_S + 5, 1, "admitted")
    assert small.take(board.run()) == {"held": [{"board": 1, "epoch": 1, "seq": 2}], "new": 2, "known": 0}
    before = small.crossings("/v1/feed")
    assert small.take(board.run()) == {"held": [{"board": 1, "epoch": 1, "seq": 2}], "new": 0, "known": 2}
    assert small.crossings("/v1/feed") == before and len(before) == 1


def test_a_run_that_overlaps_brings_its_new_part(small, board):
    for at in range(6):
        board.crossing(MONDAY_S + at)
    small.take(board.run(1, 4))
    assert small.take(board.run(3, 6)) == {"held": [{"board": 1, "epoch": 1, "seq": 6}], "new": 2, "known": 2}
    assert [row["seq"] for row in small.crossings()] == [1, 2, 3, 4, 5, 6]


def test_a_run_after_a_gap_is_left_alone_and_the_reply_says_from_where(small, board):
    for at in range(6):
        board.crossing(MONDAY_S + at)
    assert small.take(board.run(3, 6)) == {"held": [{"board": 1, "epoch": 1, "seq": 0}], "new": 0, "known": 0}
    small.take(board.run(1, 2))
    assert held(small.take(board.run(5, 6))) == [(1, 1, 2)]
    assert held(small.take(board.run(1, 6))) == [(1, 1, 6)]
    assert small.good("office", "GET", "/v1/held")["held"] == [{"board": 1, "epoch": 1, "seq": 6}]


def test_a_gap_of_one_board_does_not_hold_up_another(small, board):
    other = small.good("admin", "POST", "/v1/boards", json=new_board("b" * 32))["board"]
    neighbour = type(board)(other)
    board.crossing(MONDAY_S)
    board.crossing(MONDAY_S + 1)
    neighbour.crossing(MONDAY_S)
    assert held(small.take(board.run(2, 2), neighbour.run())) == [(1, 1, 0), (2, 1, 1)]


@pytest.mark.parametrize("spoilt", ["record", "head", "order"])
def test_a_run_that_breaks_the_chain_is_refused_whole(small, board, spoilt):
    for at in range(4):
        board.crossing(MONDAY_S + at, UID)
    small.take(board.run(1, 2))
    run = board.run(3, 4)
    if spoilt == "head":
        run["head"] = "0" * 64
    elif spoilt == "order":
        run["records"] = run["records"][::-1]
    else:
        run["records"][0] = board.raws[0].hex()
    refused = small.call("gateway", "POST", "/v1/batches", json={"runs": [run]})
    assert refused.status_code == 409 and refused.json()["type"] == "urn:checkpost:problem:chain-broken"
    assert refused.json()["board"] == 1 and refused.json()["first_seq"] == 3
    assert len(small.crossings()) == 2 and held(small.take(board.run(1, 4))) == [(1, 1, 4)]


def test_a_record_that_differs_from_the_one_that_is_held_is_refused(small, board):
    board.crossing(MONDAY_S, UID)
    small.take(board.run())
    other = type(board)(board.number)
    other.crossing(MONDAY_S, UID, party=9)
    refused = small.call("gateway", "POST", "/v1/batches", json={"runs": [other.run()]})
    assert refused.status_code == 409 and refused.json()["type"] == "urn:checkpost:problem:record-differs"
    assert small.crossings()[0]["party"] == 1


def test_boards_of_others_and_unknown_boards_are_refused(small, board):
    board.crossing(MONDAY_S)
    for number, epoch in ((9, 1), (1, 2)):
        stranger = type(board)(number, epoch)
        stranger.crossing(MONDAY_S)
        refused = small.call("gateway", "POST", "/v1/batches", json={"runs": [stranger.run()]})
        assert refused.status_code == 403 and refused.json()["type"] == "urn:checkpost:problem:not-your-board"
    small.good("admin", "POST", "/v1/boards", json=new_board() | {"link_key": "ab" * 16, "gateway": "other"})
    stranger = type(board)(2)
    stranger.crossing(MONDAY_S)
    assert small.call("gateway", "POST", "/v1/batches", json={"runs": [stranger.run()]}).status_code == 403


def test_what_a_board_wrote_before_it_was_moved_may_come_by_its_earlier_gateway(small, board):
    """A full journal lets go of what a gateway holds: then it lies nowhere else."""
    board.crossing(MONDAY_S, UID)
    small.good("admin", "POST", "/v1/boards", json=new_board() | {"gateway": "other"})
    assert held(small.take(board.run())) == [(1, 1, 1)]
    told = small.good("gateway", "GET", "/v1/changes?after=0")
    assert told["revision"] == small.good("admin", "GET", "/v1/changes?after=0")["revision"]
    assert not [change for change in told["changes"] if "board" in change]
    forged = type(board)(1)
    forged.crossing(MONDAY_S, UID, party=9)
    assert small.call("gateway", "POST", "/v1/batches", json={"runs": [forged.run()]}).status_code == 409


def test_a_new_epoch_begins_its_own_chain(small, board):
    board.crossing(MONDAY_S)
    small.take(board.run())
    assert small.good("admin", "POST", "/v1/boards/1/epochs")["epoch"] == 2
    renewed = type(board)(1, 2)
    renewed.crossing(MONDAY_S + 60)
    assert held(small.take(renewed.run())) == [(1, 2, 1)]
    assert [(row["epoch"], row["seq"]) for row in small.crossings()] == [(1, 1), (2, 1)]


def test_an_outcome_comes_later_and_the_last_one_counts(small, board):
    board.crossing(MONDAY_S, UID)
    small.take(board.run(1, 1))
    assert small.crossings()[0]["outcome"] == ""
    board.outcome(MONDAY_S + 4, 1, "admitted", party=2)
    small.take(board.run(2, 2))
    board.outcome(MONDAY_S + 60, 1, "turned_back", party=1)
    small.take(board.run(3, 3))
    feed = [(row["position"], row["outcome"], row["party"]) for row in small.crossings("/v1/feed")]
    assert feed == [(1, "", 1), (2, "admitted", 2), (3, "turned_back", 1)]
    assert [row["position"] for row in small.crossings()] == [3]
    assert small.good("office", "GET", "/v1/table")["persons"] == 1


def test_a_crossing_is_shown_as_the_record_says(small, board):
    board.crossing(MONDAY_S, UID, "exit", 3, offset=34)
    small.take(board.run())
    assert small.crossings() == [
        {
            "position": 1,
            "board": 1,
            "epoch": 1,
            "seq": 1,
            "crossing_point": "ONS",
            "direction": "exit",
            "local_time": "2026-10-26T05:30:00+08:30",
            "utc": "2026-10-25T21:00:00Z",
            "clock": "synced",
            "card_uid": UID,
            "permit": "A1",
            "party": 3,
            "assurance": "uid",
            "board_verdict": "unverifiable",
            "verdict": "permitted",
            "reasons": [],
            "notes": ["missing-entry"],
            "outcome": "",
            "source": "tap",
            "unchecked": [],
            "rule_version": 1,
        }
    ]


def test_a_clock_that_was_never_set_leaves_the_order_to_the_sequence(small, board):
    board.crossing(MONDAY_S, UID)
    board.crossing(77, UID, "exit", trust=record.UNSET)
    board.crossing(MONDAY_S + 9000, UID, "exit")
    small.take(board.run())
    assert [(row["utc"][11:], row["clock"], row["verdict"]) for row in small.crossings()] == [
        ("21:00:00Z", "synced", "permitted"),
        ("21:00:00Z", "unset", "unverifiable"),
        ("23:30:00Z", "synced", "permitted"),
    ]


def test_what_is_not_understood_is_kept_and_stops_nothing(small, board):
    board.crossing(MONDAY_S, UID)
    board.raws.append(b"\xff" * 32)  # erased
    newer = record.Record(record.CROSSING, 3, MONDAY_S, 36, 2, 0, b"\x01" * 19)
    newer.version = 5
    board.raws.append(newer.pack())
    board.raws.append(record.Record(30, 4, MONDAY_S, 36, 2, 0).pack())
    odd = record.Record(record.CROSSING, 5, MONDAY_S, 36, 2, 0, bytes(14) + b"\x3f" + bytes(4))  # verdict 3
    board.raws.append(odd.pack())
    board.raws.append(record.Record(record.OUTCOME, 6, MONDAY_S, 36, 2, 0, bytes([1, 0, 0, 0, 9, 1])).pack())
    board.outcome(MONDAY_S, 2, "admitted")  # of no crossing
    board.crossing(MONDAY_S + 900)
    assert held(small.take(board.run())) == [(1, 1, 8)]
    assert [row["seq"] for row in small.crossings()] == [1, 8]
    with small.store.read() as transaction:
        assert transaction.log.records(1, 1, 1, 8) == board.raws


def test_a_batch_over_the_limit_is_refused(small, board):
    for at in range(MAX_BATCH + 1):
        board.crossing(MONDAY_S + at)
    runs = [board.run(1, 300), board.run(301, MAX_BATCH + 1)]
    refused = small.call("gateway", "POST", "/v1/batches", json={"runs": runs})
    assert refused.status_code == 413 and refused.json()["type"] == "urn:checkpost:problem:batch-too-large"


def test_a_run_that_would_end_behind_the_last_sequence_is_refused_by_its_field(small, board):
    board.crossing(MONDAY_S)
    run = board.run() | {"first_seq": MAX_SEQ}
    refused = small.call("gateway", "POST", "/v1/batches", json={"runs": [run]})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/runs/0/first_seq"]
    assert small.good("office", "GET", "/v1/held")["held"] == []


def new_board(link_key=None):
    key = link_key or f"{zlib.crc32(b'ONS'):032x}"
    return {"crossing_point": "ONS", "gateway": "gw", "link_key": key}
