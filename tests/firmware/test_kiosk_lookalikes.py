"""Look-alikes at a whole board: each is refused, with a gateway and alone, and becomes a question at the gateway."""

import pytest

from checkpost import cardkeys, chain, record
from checkpost import reasons as why
from gateway.contract import Application, Board, Card, CrossingPoint, Policy
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake, Run
from tests.gateway.support import fresh_store
from tests.support import golden
from tests.support.live_board import KNOWN, Running, keys_of, until
from virtualboard.chips.lookalikes import LOOK_ALIKES
from workbench.journal_image import read_records

pytestmark = [
    pytest.mark.skipif(not golden.MICROPYTHON.exists(), reason="MicroPython's Unix port is not for this platform"),
    pytest.mark.timeout(240),
]


@pytest.fixture
def board(tmp_path):
    board = Running(tmp_path)
    yield board
    board.stop()


def passes(board, uids):
    """Tap each genuine card, then a look-alike of each, then each genuine card again; return what was recorded."""
    for uid in uids:
        board.tap(uid)
    for uid, name in zip(uids, LOOK_ALIKES, strict=True):
        board.tap(uid, **{"as": name})
    for uid in uids:
        board.tap(uid)
    return board.crossings()[-3 * len(uids) :]


def expected(uids):
    genuine = [(uid, record.LIVE) for uid in uids]
    return genuine + [(uid, record.UID) for uid in uids] + genuine


def taken_in(folder, journal):
    """Return a gateway's store that knows the cards, after it took in a board's journal."""
    store = fresh_store(folder)
    now_s = 2_000_000_000
    cards = [Card(card_uid=uid.hex().upper(), application_id="A1", status="active") for uid in KNOWN]
    point = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north-hamgyong")
    place = Board(board=1, epoch=1, crossing_point="ONS", gateway="g", link_key="0" * 32)
    Learning(store).take_imported([point, place, Application(application_id="A1", decision="approved"), *cards], now_s)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="live"))
        store.knowledge.set(AS_OF, now_s)
    raws = b"".join(raw for _, _, _, raw in read_records(journal))
    [taken] = Intake(store).take([Run(1, 1, 1, raws, chain.extend(chain.start(1, 1), raws)[:4])], now_s)
    assert not taken.refused
    return store


def test_each_look_alike_is_refused_with_a_gateway_and_alone_and_the_genuine_card_passes(board, tmp_path):
    until(board.far_end.settled)
    # The gateway's key, or the roster's where a busy machine lets the gateway's answer come too late.
    board.far_end.keys = lambda uid: (cardkeys.LIVE, 1, keys_of(uid)[cardkeys.LIVE])
    assert passes(board, KNOWN) == expected(KNOWN)
    board.far_end.stop()
    assert passes(board, KNOWN) == expected(KNOWN)
    shown = [record.unpack(raw) for _, _, _, raw in read_records(board.folder / "journal.bin")]
    shown = [record.unpack_crossing(head.body) for head in shown if head.kind == record.CROSSING]
    refused = [crossing for crossing in shown if crossing.verdict == why.REFER]
    assert len(refused) == 2 * len(LOOK_ALIKES)
    assert {crossing.reasons for crossing in refused} == {why.CARD_NOT_GENUINE}
    assert all(crossing.verdict != why.REFER for crossing in shown if crossing.assurance == record.LIVE)
    (tmp_path / "gateway").mkdir()
    store = taken_in(tmp_path / "gateway", board.folder / "journal.bin")
    assert store.reviews.open_flags() == {"refer": 2 * len(LOOK_ALIKES)}
    store.close()
