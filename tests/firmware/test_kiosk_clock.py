"""The clock: what it is worth after a start, how its error grows, and when the gateway's word moves it."""

import pytest

from checkpost.downward import Time
from checkpost.record import CLOCK_SET, HOLDOVER, SYNCED, UNSET, Record, unpack_clock_set
from kiosk.clock import Clock, uncertainty_s
from kiosk.faults import Faults
from virtualboard.bench import Bench

NOW = 1_790_000_000
DAY = 86400


class Rtc:
    """A clock chip of which tests say what it shows."""

    def __init__(self, seconds=NOW, stopped=False):
        self.seconds = seconds
        self.is_stopped = stopped

    def read(self):
        return self.seconds

    def write(self, unix):
        self.seconds = unix
        self.is_stopped = False

    def stopped(self):
        return self.is_stopped


class Log:
    """Keeps what is written."""

    def __init__(self):
        self.written = []
        self.full = False

    def write(self, kind, body):
        if self.full:
            return 0
        self.written.append((kind, body))
        return len(self.written)


@pytest.fixture
def bench():
    return Bench()


def clock(bench, rtc, records=()):
    """Return a started clock."""
    made = Clock(rtc, bench, 36, Faults((OSError,)))
    made.start(records)
    return made


def sample(utc_s, rtt_ms=10, uncertainty_ms=100, **fields):
    """Return the gateway's time."""
    return Time(utc_s, 0, 36, fields.get("change", 0), fields.get("then", 0), uncertainty_ms, rtt_ms)


def test_a_stopped_clock_gives_uptime(bench):
    made = clock(bench, Rtc(stopped=True))
    bench.step_ms(5500)
    now = made.now()
    assert (now.trust, now.seconds) == (UNSET, 5)
    assert now.uncertainty_s() > 10**8


def test_uptime_counts_over_the_wrap_of_the_ticks(bench):
    made = clock(bench, Rtc(stopped=True))
    for _ in range(30):
        bench.clock.seconds += DAY
        made.step(bench.ticks_ms())
    assert made.now().seconds == 30 * DAY


def test_a_clock_that_no_gateway_confirmed_is_good_for_dates(bench):
    now = clock(bench, Rtc()).now()
    assert (now.trust, now.seconds, now.offset) == (HOLDOVER, NOW, 36)
    assert 30 <= now.uncertainty_s() <= 120


def test_the_error_grows_by_five_parts_in_a_million(bench):
    rtc = Rtc()
    made = clock(bench, rtc)
    made.hear(sample(NOW), bench.ticks_ms(), Log())
    assert made.now().uncertainty_s() <= 2
    rtc.seconds += 365 * DAY
    assert 157 <= made.now().uncertainty_s() <= 2 * 160


def test_what_was_synced_before_a_restart_stays_synced(bench):
    records = [Record(1, 9, NOW - DAY, 36, SYNCED, 3), Record(1, 8, NOW - 2 * DAY, 36, SYNCED, 9)]
    now = clock(bench, Rtc(), records).now()
    assert now.trust == SYNCED
    assert 2 <= now.uncertainty_s() <= 4


def test_a_clock_behind_its_own_journal_is_off_by_at_least_that(bench):
    now = clock(bench, Rtc(), [Record(1, 9, NOW + 3 * DAY, 36, SYNCED, 3)]).now()
    assert now.trust == HOLDOVER
    assert now.uncertainty_s() >= 3 * DAY


def test_uncertainty_codes_are_rounded_up():
    assert [uncertainty_s(code) for code in (0, 1, 2, 3, 9)] == [1, 1, 1, 2, 128]


def test_a_small_difference_is_no_step(bench):
    rtc, log = Rtc(), Log()
    clock(bench, rtc).hear(sample(NOW + 1), bench.ticks_ms(), log)
    assert rtc.seconds == NOW
    assert log.written == []


def test_a_large_difference_is_a_step_with_a_record(bench):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)
    made.hear(sample(NOW + 100), bench.ticks_ms(), log)
    assert rtc.seconds == NOW + 100
    assert made.now().trust == SYNCED
    ((kind, body),) = log.written
    assert (kind, unpack_clock_set(body)) == (CLOCK_SET, (NOW, 1))


def test_an_unset_clock_is_anchored_at_its_uptime(bench):
    rtc, log = Rtc(stopped=True), Log()
    made = clock(bench, rtc)
    bench.step_ms(7000)
    made.hear(sample(NOW), bench.ticks_ms(), log)
    assert unpack_clock_set(log.written[0][1]) == (7, 1)
    assert made.now().seconds == NOW


def test_an_anchor_that_the_journal_did_not_take_is_written_later(bench):
    rtc, log = Rtc(stopped=True), Log()
    made = clock(bench, rtc)
    bench.step_ms(7000)
    log.full = True
    made.hear(sample(NOW), bench.ticks_ms(), log)
    log.full = False
    bench.step_ms(5000)
    rtc.seconds += 5
    made.step(bench.ticks_ms())
    for _ in range(2):
        made.hear(sample(NOW + 5), bench.ticks_ms(), log)
    assert [unpack_clock_set(body) for _, body in log.written] == [(12, 1)]


def test_an_answer_that_took_long_or_waited_long_says_nothing(bench):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)
    made.hear(sample(NOW + 500, rtt_ms=600_000), bench.ticks_ms(), log)
    received_ms = bench.ticks_ms()
    bench.step_ms(600_000)
    made.hear(sample(NOW + 500), received_ms, log)
    assert rtc.seconds == NOW
    assert made.now().trust == HOLDOVER


@pytest.mark.parametrize("utc_s", [0, 946_684_799, 4_102_444_800])
def test_a_time_that_the_chip_cannot_hold_is_no_time(bench, utc_s):
    rtc, log = Rtc(stopped=True), Log()
    made = clock(bench, rtc)
    made.hear(sample(utc_s), bench.ticks_ms(), log)
    assert (made.now().trust, rtc.seconds, log.written) == (UNSET, NOW, [])


def test_the_offset_changes_at_its_moment(bench):
    made = clock(bench, Rtc())
    made.hear(sample(NOW, change=NOW + 10, then=40), bench.ticks_ms(), Log())
    assert [made.offset(NOW + 9), made.offset(NOW + 10)] == [36, 40]


def test_a_clock_that_cannot_be_written_stays_as_it_was(bench):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)

    def refuse(unix):
        raise OSError(19)

    rtc.write = refuse
    made.hear(sample(NOW + 500), bench.ticks_ms(), log)
    assert log.written == []
    assert made.now().trust == HOLDOVER
