"""Kiosks on the air with a gateway's modem: sessions, taps, losses, the law, a radio or a modem that fails."""

from random import Random

import pytest

from checkpost import cardkeys, modemline, record, sun
from checkpost import reasons as why
from checkpost.proofs import CardCounter, CardKey
from checkpost.record import FAULT
from kiosk.radio import _SENDING as SENDING
from tests.firmware.test_kiosk_live import KEYS, UID, issued
from tests.support.kiosk import entry, roster_piece
from tests.support.site import Site
from virtualboard.chips.lookalikes import chip_clone
from virtualboard.ether import Packet


def delivered(site):
    """Return True when the gateway holds every record of every board, as it was written."""
    for number, kiosk in site.kiosks.items():
        journal, held = kiosk.app.journal, site.gateway.held.get(number, {})
        if set(held) != set(range(1, journal.next_seq)):
            return False
        assert all(raw == journal.read(seq) for seq, raw in held.items())
    return True


def ready(site, limit_ms=120_000):
    """Return the site once every board has a session and has delivered its start."""
    return site.until(lambda: site.up() and delivered(site) and site.quiet(), limit_ms)


def test_a_session_is_made_and_the_start_is_delivered():
    site = ready(Site())
    assert not site.kiosks[1].app.faults.standing() and site.lawful()


@pytest.mark.parametrize("factor", [7, 9, 10])
def test_a_tap_is_answered_over_the_air(factor):
    site = ready(Site(link={"spreading_factor": factor}))
    before = len(site.air.ether.log)
    site.tap().until(lambda: site.kiosks[1].crossings())
    assert [one.online for one in site.kiosks[1].crossings()] == [1] and len(site.gateway.queries) == 1
    senders = [one.radio for one in site.air.ether.log[before:]]  # at SF10 a question takes two frames
    assert senders[: senders.index("modem") + 1] == ["board1"] * (2 if factor == 10 else 1) + ["modem"]
    site.until(lambda: delivered(site))
    assert site.lawful()


@pytest.mark.parametrize("factor", [7, 9, 10])
def test_a_card_proves_itself_with_the_key_that_comes_with_the_answer_over_the_air(factor):
    site = ready(Site(link={"spreading_factor": factor}, assurance="live"))
    site.gateway.said_of = lambda query: [CardKey(query.query_id, cardkeys.LIVE, 1, KEYS[cardkeys.LIVE])]
    before = len(site.air.ether.log)
    site.tap(card=issued(), ms=2500).until(lambda: site.kiosks[1].crossings())
    senders = [one.radio for one in site.air.ether.log[before:]]
    questions = 2 if factor == 10 else 1
    assert senders[: questions + 1] == ["board1"] * questions + ["modem"]  # one round trip brought verdict and key
    site.until(lambda: site.quiet() and delivered(site)).leap(4000)
    site.tap(card=chip_clone(UID, Random(9).randbytes), ms=2500).until(lambda: len(site.kiosks[1].crossings()) == 2)
    genuine, copy = site.kiosks[1].crossings()
    assert (genuine.assurance, genuine.verdict, genuine.online) == (record.LIVE, why.PERMITTED, 1)
    assert (copy.assurance, copy.verdict, copy.reasons) == (record.UID, why.REFER, why.CARD_NOT_GENUINE)
    assert site.lawful()


@pytest.mark.parametrize("factor", [7, 9])
def test_a_card_s_own_message_goes_with_the_question_over_the_air(factor):
    site = ready(Site(link={"spreading_factor": factor}, assurance="sun"))
    site.gateway.said_of = lambda query: [CardCounter(query.query_id, 2)]
    site.tap(card=issued(), ms=2500).until(lambda: site.kiosks[1].crossings())
    (message,) = site.gateway.messages
    keys = KEYS[cardkeys.SUN_META], KEYS[cardkeys.SUN_MAC]
    assert sun.verify(message.picc_data, message.mac, UID, *keys) == 2  # the desk read it once
    (crossing,) = site.kiosks[1].crossings()
    assert (crossing.assurance, crossing.counter, crossing.online) == (record.SUN, 2, 1)


def test_where_the_message_does_not_fit_the_card_is_unproven_and_the_question_is_answered():
    site = ready(Site(link={"spreading_factor": 10}, assurance="sun"))
    site.tap(card=issued(), ms=2500).until(lambda: site.kiosks[1].crossings())
    (crossing,) = site.kiosks[1].crossings()
    assert not site.gateway.messages and crossing.online
    assert (crossing.assurance, crossing.verdict, crossing.causes) == (record.UID, why.UNVERIFIABLE, why.CARD_UNPROVEN)


def test_at_sf12_the_board_answers_alone_and_delivers():
    site = ready(Site(link={"spreading_factor": 12}, step_ms=20), 900_000)
    site.tap()
    assert [one.online for one in site.kiosks[1].crossings()] == [0] and not site.gateway.queries
    site.until(lambda: delivered(site), 900_000)
    assert site.lawful()


def test_three_boards_share_the_channel_at_ten_percent_loss():
    site = ready(Site(boards=3, loss=0.1, bit_errors=0.02, seed=5), 600_000)
    for round_ in range(4):
        for number in site.kiosks:
            site.tap(number, uid(number, round_), 400)
        site.run(3000)
    assert [len(kiosk.crossings()) for kiosk in site.kiosks.values()] == [4, 4, 4]
    site.until(lambda: delivered(site), 600_000)
    assert site.lawful()


def uid(number, round_):
    return bytes([4, number, round_, 1, 2, 3, 4])


def test_a_silent_gateway_costs_the_guard_a_bounded_wait_and_the_air_little():
    site = ready(Site())
    site.gateway.silent = True
    kiosk = site.kiosks[1]
    began = site.air.clock.seconds
    site.tap().until(lambda: kiosk.crossings(), 10_000)
    assert site.air.clock.seconds - began < 2.7 and not kiosk.crossings()[0].online
    before = len(site.air.ether.log)
    for _ in range(60):
        site.leap(60_000)
    spent_us = sum(one.us for one in site.air.ether.log[before:] if one.radio == "board1")
    assert spent_us < 36_000_000
    site.gateway.silent = False
    site.until(lambda: delivered(site), 600_000)
    assert site.lawful()


def test_where_a_thousandth_is_all_the_air_there_is_everything_arrives_in_time():
    site = ready(Site(boards=2, link={"channel_hz": 868_900_000, "spreading_factor": 9}, step_ms=20), 600_000)
    for number in range(12):
        site.tap(1, uid(9, number), 3000).run(500)
    assert len(site.kiosks[1].crossings()) == 12 and not delivered(site)
    for _ in range(400):
        if delivered(site):
            break
        site.leap(60_000).run(1000)
    assert delivered(site) and site.lawful()


def test_a_restart_loses_neither_records_nor_the_airtime():
    site = ready(Site())
    kiosk = site.kiosks[1]
    spent_ms = kiosk.app.uplink._ledger.duty.spent_ms
    kiosk.restart()
    site.run(100)
    assert kiosk.app.uplink._ledger.duty.spent_ms >= spent_ms > 0
    ready(site)


def test_a_radio_that_fails_is_one_fault_and_comes_back():
    site = ready(Site())
    kiosk = site.kiosks[1]
    kiosk.bench.circuit.break_part("radio")
    site.tap()
    site.run(30_000)
    assert list(kiosk.app.faults.standing()) == ["link"] and kiosk.crossings()
    kiosk.bench.circuit.mend_part("radio")
    site.run(10_000)
    assert not kiosk.app.faults.standing()
    assert [record.kind for record in kiosk.records()].count(FAULT) == 2
    site.until(lambda: delivered(site))


def test_a_roster_arrives_over_the_air():
    site = Site(loss=0.1)
    site.gateway.rosters[1] = [roster_piece(entry())]
    ready(site, 600_000)
    site.until(lambda: site.kiosks[1].app.roster.count == 1, 600_000)


def test_korea_waits_while_there_is_energy_on_the_channel():
    site = Site(link={"region": "KR920"})
    site.air.ether.rssi_dbm = lambda sender, receiver, dbm: -60 if sender == "stranger" else -80
    stranger = site.air.ether.join("stranger")
    # Another spreading factor: activity detection would not find it.
    stranger.send(Packet(bytes(222), 922_100_000, 10))
    end_us = site.air.ether.due_us()
    site.run(1000)
    assert [one.radio for one in site.air.ether.log] == ["stranger"]
    site.run(3000)
    assert len(site.air.ether.log) > 1 and site.air.ether.log[1].start_us >= end_us
    ready(site)


def test_a_channel_that_is_taken_is_left_alone():
    site = ready(Site())
    stranger = site.air.ether.join("stranger")
    stranger.send(Packet(bytes(222), 869_525_000, 7))
    end_us = site.air.ether.due_us()
    before = len(site.air.ether.log)
    site.tap().until(lambda: len(site.air.ether.log) > before)
    assert site.air.ether.log[before].start_us >= end_us


# The modem.


def test_the_modem_reports_itself_and_what_it_sent():
    site = ready(Site())
    site.modem.inbox.append(modemline.line(modemline.ASK))
    site.run(100)
    report = site.gateway.reports[-1]
    assert (report["region"], report["channel_hz"], report["spreading_factor"]) == ("EU868", 869_525_000, 7)
    assert report["identity"] == "0001020304050607" and report["radio_ok"] == 1
    sent = [one for one in site.air.ether.log if one.radio == "modem"]
    assert report["sent"] == len(sent) == len([one for one in site.gateway.done if one[1] == modemline.SENT])
    assert report["airtime_ms"] >= sum(one.us for one in sent) // 1000


def test_a_frame_that_is_too_late_is_dropped_and_said_so():
    site = ready(Site())
    site.modem.turn()
    for token in range(30):
        site.modem.inbox.append(modemline.pack_send(100 + token, 1000, True, bytes(200)))
    before = len(site.air.ether.log)
    site.run(8000)
    outcomes = [how for token, how, _ in site.gateway.done if token >= 100]
    assert len(outcomes) == 30 and outcomes.count(modemline.TOO_MANY) == 14
    assert modemline.TOO_LATE in outcomes
    assert outcomes.count(modemline.SENT) == len([one for one in site.air.ether.log[before:] if one.size == 200])


def test_a_modem_that_starts_anew_keeps_to_the_law_and_goes_on():
    site = ready(Site())
    spent_ms = site.modem.core._ledger.duty.spent_ms
    site.modem.bench.power_cut()
    site.modem.boot()
    site.run(100)
    assert site.modem.core._ledger.duty.spent_ms >= spent_ms > 0
    site.tap()
    ready(site)


@pytest.mark.parametrize("line", [b"", b"~", b"~!!!", b"~AQ==", b">>> ", b"~AgID", b"~" + b"A" * 500, b"\xff\x00"])
def test_what_is_no_message_is_passed_over(line):
    site = Site()
    site.modem.inbox.append(line)
    ready(site)


def test_a_time_that_was_told_before_the_board_saw_its_question_leave_is_known_to_be_old():
    site = ready(Site())
    app = site.kiosks[1].app
    ages, hear = [], app.uplink._clock.hear

    def noting(time, *rest):
        told_ms = time.utc_s * 1000 + time.ms
        ages.append((site.utc_ms() - told_ms, time.rtt_ms))
        hear(time, *rest)

    app.uplink._clock.hear = noting
    site.tap().until(lambda: app.uplink._line._state == SENDING)
    answers = len(site.modem.inbox)
    while len(site.modem.inbox) == answers:  # the board's loop stands still until the gateway has answered
        site.modem.turn()
        site.air.pass_ms(1)
    ages.clear()
    site.leap(60_000).until(lambda: ages)
    assert all(age_ms <= rtt_ms + site.step_ms for age_ms, rtt_ms in ages), ages
