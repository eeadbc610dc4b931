"""The range test: pings between a board's radio and the gateway's modem, and what a technician reads."""

import pytest

from kiosk.rangetest import RangeTest
from tests.support.site import Site
from workbench.board import margin
from workbench.board.margin import SENSITIVITY_DBM, Range

PINGS = 6


def played(**ether):
    """Run the test on a site's first board, in the place of its kiosk; return (site, test)."""
    site = Site(**ether)
    kiosk = site.kiosks.pop(1)
    uplink = kiosk.app.uplink
    site.run(50)  # the modem opens its ledger
    kiosk.app.kept.open()
    uplink._ledger.open(site.air.now_ms())
    test = RangeTest(uplink._line, uplink._ledger, kiosk.app.kept, 1, PINGS, site.air.now_ms())
    for _ in range(20_000):
        if test.step(site.air.now_ms()):
            return site, test
        site.modem.turn()
        site.air.pass_ms(2)
    raise AssertionError("the range test never ended")


def test_each_ping_is_answered_by_the_modem_itself_and_counted_by_both_ledgers():
    site, test = played()
    assert (test.sent, len(test.there), len(test.here)) == (PINGS, PINGS, PINGS)
    assert not site.gateway.link.counters["type"] and site.modem.core._ledger.duty.spent_ms > 0 and site.lawful()
    found = Range(test.sent, test.there, test.here, 7)
    assert found.lost == 0 and found.margin_db > 0
    assert f"margin {found.margin_db:.0f} dB at SF7" in found.words() and f"0 of {PINGS} lost" in found.words()


def test_pings_that_are_lost_are_counted():
    _, test = played(loss=0.35, seed=3)
    assert test.sent == PINGS and 0 < len(test.there) < PINGS


def test_a_modem_that_used_half_of_its_hour_answers_nobody():
    site = Site()
    site.run(50)
    site.modem.core._ledger.duty.note(site.modem.core._ledger.duty.limit_ms // 2)
    site.modem.core._answer(b"pong")
    assert site.modem.core._queue == []


class Asked:
    """A board that says what its radio heard."""

    port = "fake"

    def __init__(self, sent, there, here):
        self.said = {"sent": sent, "there": there, "here": here}

    def load(self, name):
        assert name == "radio"

    def ask(self, source):
        assert source == "_range(10)"
        return self.said


@pytest.mark.parametrize(
    ("sent", "there", "here", "right", "words"),
    [
        (10, [[-80, 9]] * 10, [[-82, 8]] * 10, True, "margin 47 dB at SF9 (-80 dBm and 9 dB signal to noise at the"),
        (10, [[-110, -9]] * 9, [[-105, 0]] * 9, True, "margin 10 dB at SF9"),
        (10, [[-110, -12]] * 10, [[-105, 0]] * 10, False, "margin 7 dB"),
        (10, [[-80, 9]] * 7, [[-80, 9]] * 7, False, "3 of 10 lost"),
        (10, [], [], False, "none of 10 pings was answered"),
        (0, [], [], None, "nothing was sent"),
    ],
)
def test_a_margin_is_judged_by_the_weaker_way(sent, there, here, right, words):
    found = margin.finding(Asked(sent, there, here), 9)
    assert found.right is right and words in found.seen
    assert bool(found.do) is (right is not True)


def test_each_spreading_factor_reads_weaker_signals_than_the_one_before():
    steps = [SENSITIVITY_DBM[factor] - SENSITIVITY_DBM[factor + 1] for factor in range(7, 12)]
    assert all(2.5 <= step <= 3 for step in steps)
