"""Records that a board could not read: flagged and forwarded, kept as evidence, named when the log is verified."""

import os
import zlib

import pytest

from checkpost import chain, seal
from checkpost.record import SIZE
from gateway.contract import BatchReply
from gateway.forwarder.batches import next_batch, take_reply
from gateway.intake.records import UNREADABLE, Intake, Run
from gateway.store.gaps import GapRow
from gateway.store.store import open_store
from tests.central.test_verify import checked, pull
from tests.gateway import support

KEY = bytes(range(32))
ROTTEN, END = 6, 10  # the board cannot read 6 any more; it knows its chain again behind 10
NOW_S = 1_793_000_000


class Rotting:
    """A board's journal of 16 records, as it was written and as it is read."""

    def __init__(self, number):
        self.number = number
        journal = support.Journal(number)
        for at in range(8):
            seq = journal.crossing(NOW_S + 900 * at, "04000000000001")
            journal.outcome(NOW_S + 900 * at + 5, seq, 1)
        self.heads = journal.heads
        self.read = list(journal.records)
        rotten = bytearray(self.read[ROTTEN - 1])
        rotten[12] ^= 8
        self.read[ROTTEN - 1] = bytes(rotten)

    def sent(self, first, last, before):
        """Return the records as a run whose chain goes on from `before`, and the head behind it, sealed."""
        records = b"".join(self.read[first - 1 : last])
        head = chain.extend(before, records)
        signature = seal.seal(KEY, self.number, 1, last, head)
        return Run(self.number, 1, first, records, head[:4], seals=((last, 0, signature),)), head

    def gap(self):
        return GapRow(self.number, 1, END, ROTTEN, ROTTEN, self.heads[END])


@pytest.fixture
def board(small):
    body = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": KEY.hex()}
    return Rotting(small.good("admin", "POST", "/v1/boards", json=body)["board"])


@pytest.fixture
def gateway(tmp_path):
    store = open_store(tmp_path / "gateway", 1)
    support.teach_small(store)
    yield store
    store.close()


def taken_in(store, board):
    """Bring the board's records and its word on what it cannot read, as a link does."""
    intake = Intake(store)
    first, head = board.sent(1, 4, chain.start(board.number, 1))
    second, head = board.sent(5, END, head)
    assert [taken.refused for taken in intake.take([first, second], NOW_S)] == ["", ""]
    assert intake.take_gap(board.gap(), NOW_S).seq == END
    third, _ = board.sent(END + 1, 16, board.heads[END])
    assert intake.take([third], NOW_S)[0].seq == 16


def forwarded(store, centre):
    """Forward all that the centre lacks; return how many batches it took."""
    batches = 0
    while (batch := next_batch(store)) is not None:
        said = centre.good("gateway", "POST", "/v1/batches", json=batch.model_dump(mode="json"))
        assert take_reply(store, batch, BatchReply.model_validate(said))
        batches += 1
        assert batches < 9
    return batches


def test_all_records_arrive_and_the_gap_is_named_from_seal_to_seal(small, board, gateway, tmp_path):
    taken_in(gateway, board)
    flags = gateway.reviews.open_flags_of(board.number)
    assert flags[UNREADABLE] == 1 and flags["damaged-record"] == 1
    assert forwarded(gateway, small) == 2
    pull(small, tmp_path / "log")
    report = checked(tmp_path / "log")
    assert report.findings == []
    assert (report.records, report.seals) == (16, 3)
    assert report.unproven == [
        f"board {board.number}, epoch 1: record 6 could not be read at the board; "
        "its chain is not proven from the seal at 10 to the seal at 16"
    ]


def test_a_gap_that_is_told_again_changes_nothing(small, board, gateway):
    taken_in(gateway, board)
    intake = Intake(gateway)
    assert intake.take_gap(board.gap(), NOW_S).seq == 16
    assert intake.take_gap(board.gap()._replace(seq=16, head=board.heads[16]), NOW_S).seq == 16
    assert len(gateway.gaps.of(board.number, 1)) == 1
    body = next_batch(gateway).model_dump(mode="json")
    for _ in range(2):
        small.good("gateway", "POST", "/v1/batches", json=body)
    leaves = small.good("office", "GET", "/v1/log/leaves", params={"after": 0})["leaves"]
    assert [leaf["seq"] for leaf in leaves if leaf["kind"] == "gap"] == [END]


def test_a_gateway_that_invents_a_gap_is_caught_by_the_next_seal(small, board, gateway, tmp_path):
    intake = Intake(gateway)
    first, head = board.sent(1, 4, chain.start(board.number, 1))
    second, _ = board.sent(5, END, head)
    intake.take([first, second], NOW_S)
    invented = os.urandom(32)
    intake.take_gap(board.gap()._replace(head=invented), NOW_S)
    records = b"".join(board.read[END:])
    signature = seal.seal(KEY, board.number, 1, 16, chain.extend(board.heads[END], records))
    head4 = chain.extend(invented, records)[:4]
    assert len(records) == 6 * SIZE
    intake.take([Run(board.number, 1, END + 1, records, head4, seals=((16, 0, signature),))], NOW_S)
    forwarded(gateway, small)
    pull(small, tmp_path / "log")
    found = [str(finding) for finding in checked(tmp_path / "log").findings]
    assert any("the board's seal at 16 does not fit" in words for words in found), found
