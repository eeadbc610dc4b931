"""A tap with a gateway at the other end of the line: its answer, its time, its silence. Real link, real frames."""

import pytest

from checkpost import reasons as why
from checkpost.downward import BoardPolicy, Correction
from checkpost.record import ADMITTED, CLOCK_SET, SYNCED, unpack_clock_set
from tests.support.kiosk import OTHER, UID, Gateway, Kiosk, entry, roster_piece


@pytest.fixture
def kiosk():
    board = Kiosk(Gateway()).run(3000)
    assert board.app.uplink.up()
    board.sounds()
    return board


def test_the_gateway_answers_a_tap(kiosk):
    kiosk.gateway.verdict = (why.REFER, why.EXPIRED)
    kiosk.tap()
    assert kiosk.sounds() == ["ask"]
    (crossing,) = kiosk.crossings()
    assert (crossing.online, crossing.verdict, crossing.reasons) == (True, why.REFER, why.EXPIRED)
    assert [query.record[4:] for query in kiosk.gateway.queries] != []


def test_records_reach_the_gateway_and_are_released(kiosk):
    kiosk.tap().press("admit").run(500)
    assert sorted(kiosk.gateway.held) == list(range(1, kiosk.app.journal.next_seq))
    assert kiosk.app.uplink.queue() == 0


def test_a_silent_gateway_costs_700_ms_then_the_board_answers_alone(kiosk):
    kiosk.gateway.verdict = None
    kiosk.tap(ms=100)
    assert kiosk.pages[-1] == "reading"
    assert kiosk.lights() == [2, 3, 4, 5]
    kiosk.run(400)
    assert kiosk.sounds() == ["cannot-verify"]
    assert not kiosk.crossings()[0].online


def test_a_cut_line_is_seen_and_the_board_answers_at_once(kiosk):
    kiosk.gateway.silent = True
    kiosk.run(10_000)
    assert not kiosk.app.uplink.up()
    kiosk.tap()
    assert kiosk.sounds() == ["cannot-verify"]
    assert "reading" not in kiosk.pages


def test_the_line_comes_back_and_drains(kiosk):
    kiosk.gateway.silent = True
    kiosk.run(10_000).tap().press("admit").tap(OTHER)
    kiosk.gateway.silent = False
    kiosk.run(8000)
    assert sorted(kiosk.gateway.held) == list(range(1, kiosk.app.journal.next_seq))


def test_buttons_while_the_gateway_is_asked_do_nothing(kiosk):
    kiosk.gateway.verdict = None
    kiosk.tap(ms=60)
    assert kiosk.gateway.queries and not kiosk.crossings()
    kiosk.press("refer").press("admit")
    kiosk.run(800)
    assert kiosk.outcomes() == []
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_a_correction_is_shown_while_the_answer_stands(kiosk):
    kiosk.gateway.verdict = None
    kiosk.tap(ms=1000)
    kiosk.sounds()
    seq = kiosk.app.journal.next_seq - 1
    kiosk.gateway.next_turn.append(Correction(seq, why.REFER, why.CARD_BLOCKED, 0, 0))
    kiosk.run(400)
    assert kiosk.sounds() == ["ask"]
    assert kiosk.lights() == [3, 4]
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_a_correction_of_another_crossing_changes_nothing(kiosk):
    kiosk.tap()
    kiosk.sounds()
    kiosk.gateway.next_turn.append(Correction(1, why.REFER, why.CARD_BLOCKED, 0, 0))
    kiosk.run(400)
    assert kiosk.sounds() == []


def test_the_gateways_time_is_taken_over_with_a_record():
    gateway = Gateway()
    gateway.skew_s = 90
    kiosk = Kiosk(gateway).run(3000)
    (record,) = [record for record in kiosk.records() if record.kind == CLOCK_SET]
    assert record.trust == SYNCED
    assert record.seconds - unpack_clock_set(record.body)[0] in (90, 91)
    assert abs(kiosk.app.clock.now().seconds - kiosk.bench.clock.utc() - 90) < 2


def test_a_right_clock_is_confirmed_without_a_record(kiosk):
    assert kiosk.app.clock.now().trust == SYNCED
    assert [record for record in kiosk.records() if record.kind == CLOCK_SET] == []


def test_a_leap_of_time_sets_no_clock(kiosk):
    for _ in range(20):
        kiosk.leap(700_000).run(37)
    assert [record for record in kiosk.records() if record.kind == CLOCK_SET] == []


def test_the_roster_and_the_policy_are_learnt(kiosk):
    applied = []
    kiosk.app.roster.apply = lambda *piece: applied.append(piece) or True
    kiosk.gateway.next_turn += [roster_piece(entry()), BoardPolicy(5, 1, 3600, 60, "ONS", "north-hamgyong", 0)]
    kiosk.run(500)
    assert applied == [(77, 0, 1, True, [entry()])]


def test_an_online_go_becomes_a_question_when_the_party_is_too_large(kiosk):
    kiosk.app.roster.lookup = {UID: entry(companions=0)}.get
    kiosk.tap()
    assert kiosk.sounds() == ["go"]
    kiosk.press("no_card").run(300)
    assert kiosk.sounds() == ["click", "ask"]


def test_a_card_that_comes_while_another_is_asked_about_is_answered_next(kiosk):
    from virtualboard.bench import Card

    kiosk.gateway.verdict = None
    kiosk.tap(ms=60)
    kiosk.bench.circuit.field.put(Card(OTHER))
    kiosk.run(2500)
    assert [crossing.uid for crossing in kiosk.crossings()] == [UID, OTHER]
