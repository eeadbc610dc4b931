"""The airtime ledger: no sequence of sends, pauses and power cuts puts more into any hour than the law gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpost.dutycycle import DutyCycle
from kiosk.airledger import LEASES, AirLedger
from kiosk.kept import EVERY_MS, Kept
from tests.support.nor import Nor, PowerCut
from virtualboard.ether import Logged, most_in_a_window

HOUR_MS = 3_600_000
FIRST = 2
MASK = (1 << 30) - 1
ONE_PERCENT = 10_000


class Sender:
    """A board that sends whenever it may; its own ticks begin anew with each start, real time goes on."""

    def __init__(self, chip=None, ppm=ONE_PERCENT):
        self.chip = chip or Nor(4)
        self.ppm = ppm
        self.real_ms = 0
        self.log = []
        self.start()

    def start(self):
        self.chip.remount()
        self.ticks_ms = MASK - 30_000
        self.kept = Kept(self.chip, 1, 1, FIRST)
        self.held = self.kept.open()
        self.ledger = AirLedger(self.chip, self.kept, self.ppm, self.ticks_ms, FIRST)
        self.ledger.open(self.ticks_ms)

    def passes(self, ms):
        self.real_ms += ms
        self.ticks_ms = self.ticks_ms + ms & MASK

    def turn(self):
        self.kept.step(self.ticks_ms)
        self.ledger.step(self.ticks_ms)

    def send(self, airtime_ms, reserve_ms=0):
        """Send if the ledger lets it, with some turns of the loop to write in; return True if it did."""
        for _ in range(8):
            if self.ledger.ready(airtime_ms, reserve_ms, self.ticks_ms):
                self.ledger.note(airtime_ms)
                self.log.append(Logged("a", self.real_ms, airtime_ms, 0, 7, 1))
                self.passes(airtime_ms)
                return True
            self.turn()
        return False

    def most_ms(self):
        return most_in_a_window(self.log, HOUR_MS)

    def limit_ms(self):
        return HOUR_MS * self.ppm // 1_000_000


def test_nothing_is_sent_before_it_is_written_down():
    sender = Sender()
    assert not sender.ledger.ready(100, 0, sender.ticks_ms)
    programs = sender.chip.programs
    assert sender.send(100) and sender.chip.programs == programs + 1


def test_the_whole_share_can_be_used_and_no_more():
    sender = Sender()
    while sender.send(1000):
        pass
    assert sum(one.us for one in sender.log) == 36_000
    sender.passes(30 * 60_000)
    assert not sender.send(1000)
    sender.passes(33 * 60_000)
    assert sender.send(1000)


def test_what_is_kept_for_urgent_packets_is_left_to_them():
    sender = Sender()
    while sender.send(1000, reserve_ms=7200):
        pass
    assert 28_000 <= sum(one.us for one in sender.log) <= 28_800
    assert sender.send(1000)


def test_a_restart_counts_as_no_time_passed_and_takes_the_lease_for_used():
    sender = Sender()
    for _ in range(10):
        assert sender.send(1000)
    sender.passes(50 * 60_000)  # without power
    sender.start()
    spent_ms = sender.ledger.duty.spent_ms
    assert 10_000 <= spent_ms <= 10_000 + 36_000 // LEASES + 8 * 62
    sender.passes(20 * 60_000)  # an hour and ten minutes after they were sent, twenty after the start
    sender.turn()
    assert sender.ledger.duty.spent_ms == spent_ms


def test_an_entry_that_is_long_past_is_written_anew_so_that_a_restart_does_not_silence_the_board():
    sender = Sender()
    while sender.send(1000):
        pass
    for _ in range(130):
        sender.passes(60_000)
        sender.turn()
    sender.start()
    assert sender.ledger.duty.room_ms > 30_000


def test_wear_is_bounded():
    sender = Sender()
    for _ in range(24 * 12):
        while sender.send(1500):
            pass
        for _ in range(4):
            sender.turn()
        sender.passes(300_000)
    assert sum(one.us for one in sender.log) > 22 * 34_000  # a day at full use
    assert sender.chip.programs < 300 and sender.chip.erases < 20
    assert sender.most_ms() <= sender.limit_ms()


def test_the_policy_and_the_ledger_share_their_sectors():
    sender = Sender()
    for number in range(40):
        sender.kept.put(b"policy %d" % number)
        sender.send(2000)
        for _ in range(6):
            sender.turn()
        sender.passes(EVERY_MS)
    spent_ms = sender.ledger.duty.spent_ms
    sender.start()
    assert sender.held == b"policy 39" and sender.ledger.duty.spent_ms >= spent_ms
    assert sender.most_ms() <= sender.limit_ms()


def test_another_board_id_does_not_lose_the_airtime():
    sender = Sender()
    while sender.send(1000):
        pass
    kept = Kept(sender.chip, 9, 9, FIRST)
    assert kept.open() == b""
    ledger = AirLedger(sender.chip, kept, ONE_PERCENT, 0, FIRST)
    ledger.open(0)
    kept.put(b"new")
    for now_ms in range(0, 100, 10):
        kept.step(now_ms)
        ledger.step(now_ms)
    assert ledger.duty.room_ms < 1000
    again = AirLedger(sender.chip, kept, ONE_PERCENT, 0, FIRST)
    again.open(0)
    assert again.duty.room_ms < 1000


def test_without_a_duty_cycle_nothing_is_written():
    sender = Sender(ppm=1_000_000)
    for _ in range(100):
        assert sender.send(1000)
    assert sender.chip.programs == 0


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(20, 2800)),
        st.tuples(st.just("burst"), st.integers(100, 2800)),
        st.tuples(st.just("pass"), st.sampled_from([1, 900, 59_000, 61_000, 600_000, 3_540_000, 3_700_000])),
        st.tuples(st.just("restart"), st.sampled_from([0, 10, 1_800_000, 4_000_000])),
        st.tuples(st.just("cut"), st.integers(1, 4)),
        st.tuples(st.just("policy"), st.integers(0, 255)),
    ),
    max_size=25,
)


@pytest.mark.parametrize("ppm", [1_000, ONE_PERCENT, 100_000])
@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_no_hour_ever_holds_more_than_its_share(ppm, steps):
    sender = Sender(ppm=ppm)
    for what, number in steps:
        try:
            take(sender, what, number)
        except PowerCut:
            sender.start()
    assert sender.most_ms() <= sender.limit_ms()


def take(sender, what, number):
    if what == "send":
        sender.send(number)
    elif what == "burst":
        for _ in range(100):
            sender.send(number)
    elif what == "pass":
        sender.passes(number)
        sender.turn()
    elif what == "restart":
        sender.passes(number)
        sender.start()
    elif what == "cut":
        sender.chip.cut(number, "random")
    else:
        sender.kept.put(bytes([number]))
        sender.turn()


def test_a_ledger_that_forgot_would_be_caught():
    """The property above can fail: the same steps with a fresh ledger at each start break the law."""
    sender = Sender()
    for _ in range(3):
        sender.ledger.duty = DutyCycle(ONE_PERCENT, sender.ticks_ms)
        while sender.send(1000):
            pass
    assert sender.most_ms() > sender.limit_ms()
