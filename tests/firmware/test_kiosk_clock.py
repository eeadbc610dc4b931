"""The clock: what it is worth after a start, how its error grows, and when the gateway's word moves it."""

import pytest

from checkpost.downward import Time
from checkpost.record import CLOCK_SET, HOLDOVER, SYNCED, UNSET, Record, unpack_clock_set
from kiosk.clock import Clock, uncertainty_s
from kiosk.faults import BEGAN, ENDED, Faults
from virtualboard.bench import Bench

NOW = 1_790_000_000
DAY = 86400


class Rtc:
    """A clock chip of which tests say what it shows; of `misread` a reading each."""

    def __init__(self, seconds=NOW, stopped=False):
        self.seconds = seconds
        self.is_stopped = stopped
        self.misread = []
        self.writes = 0

    def read(self):
        return self.misread.pop() if self.misread else self.seconds

    def write(self, unix):
        self.seconds = unix
        self.is_stopped = False
        self.writes += 1

    def stopped(self):
        return self.is_stopped


class Log:
    """Keeps what is written."""

    def __init__(self):
        self.written = []
        self.stamps = []
        self.full = False

    def write(self, kind, body, stamp):
        if self.full:
            return 0
        self.written.append((kind, body))
        self.stamps.append(stamp)
        return len(self.written)


@pytest.fixture
def bench():
    return Bench()


def clock(bench, rtc, records=()):
    """Return a started clock."""
    made = Clock(rtc, bench, 36, Faults((OSError,)))
    made.start(records)
    return made


def pass_days(bench, made, rtc, days, gained_s=0):
    """Let days pass at a board whose clock gains seconds a day."""
    for _ in range(days):
        bench.clock.seconds += DAY
        rtc.seconds += DAY + gained_s
        made.step(bench.ticks_ms())


def pass_s(bench, rtc, seconds):
    """Let seconds pass."""
    bench.clock.seconds += seconds
    rtc.seconds += seconds


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
    pass_days(bench, made, rtc, 365)
    assert 157 <= made.now().uncertainty_s() <= 2 * 160


def stamped(seq, seconds, trust=SYNCED, code=3):
    """Return a record that a clock stamped."""
    return Record(1, seq, seconds, 36, trust, code)


def test_what_was_confirmed_before_a_restart_is_as_good_but_not_confirmed(bench):
    now = clock(bench, Rtc(), [stamped(9, NOW - DAY, code=3), stamped(8, NOW - 2 * DAY, code=9)]).now()
    assert now.trust == HOLDOVER
    assert 2 <= now.uncertainty_s() <= 4


def test_the_best_of_what_was_stamped_counts(bench):
    now = clock(bench, Rtc(), [stamped(9, NOW - 60, HOLDOVER, 9), stamped(8, NOW - 2 * DAY, code=3)]).now()
    assert 2 <= now.uncertainty_s() <= 4


def test_a_vague_clock_is_not_better_after_a_restart(bench):
    assert clock(bench, Rtc(), [stamped(9, NOW - 60, HOLDOVER, 20)]).now().uncertainty_s() >= 1 << 18


def test_a_clock_behind_its_own_journal_is_off_by_at_least_that(bench):
    now = clock(bench, Rtc(), [stamped(9, NOW + 3 * DAY)]).now()
    assert now.trust == HOLDOVER
    assert now.uncertainty_s() >= 3 * DAY


def test_many_restarts_without_a_gateway_do_not_make_a_clock_vague(bench):
    rtc, records = Rtc(), []
    for seq in range(1, 20):
        now = clock(bench, rtc, records).now()
        records = [stamped(seq, now.seconds, now.trust, now.uncertainty)]
        rtc.seconds += 3600
    assert now.uncertainty_s() <= 64


def test_a_clock_that_was_set_back_stays_doubtful_when_its_time_comes_round(bench):
    records = [stamped(9, NOW - 60, HOLDOVER, 20), stamped(8, NOW + DAY)]
    assert clock(bench, Rtc(), records).now().uncertainty_s() >= 1 << 18
    assert clock(bench, Rtc(NOW + 2 * DAY), records).now().uncertainty_s() >= 1 << 18


def test_what_was_stamped_before_the_clock_was_lost_says_nothing(bench):
    now = clock(bench, Rtc(), [stamped(9, 77, UNSET, 63), stamped(8, NOW - DAY, code=1)]).now()
    assert 30 <= now.uncertainty_s() <= 120  # a technician set it since


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
    rtc.seconds += 600
    made.hear(sample(NOW + 500), received_ms, log)
    assert rtc.seconds == NOW + 600
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


def refuse(unix):
    raise OSError(19)


def test_a_clock_that_cannot_be_set_gives_uptime_and_the_log_has_the_time_for_it(bench):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)
    rtc.write = refuse
    made.hear(sample(NOW + 500), bench.ticks_ms(), log)
    assert unpack_clock_set(log.written[0][1]) == (NOW, 1)
    bench.step_ms(60_000)
    assert (made.now().trust, made.now().seconds) == (UNSET, 60)
    made.hear(sample(NOW + 560), bench.ticks_ms(), log)
    assert unpack_clock_set(log.written[1][1]) == (60, 1)
    assert log.stamps[1].seconds == NOW + 560


def test_the_record_of_a_step_comes_before_it_and_holds_the_new_time(bench):
    rtc, log = Rtc(), Log()
    seen = []
    rtc.write = lambda unix: seen.append((unix, len(log.written)))
    clock(bench, rtc).hear(sample(NOW + 500), bench.ticks_ms(), log)
    assert seen == [(NOW + 500, 1)]
    stamp = log.stamps[0]
    assert (stamp.seconds, stamp.trust, stamp.uncertainty_s() <= 2) == (NOW + 500, SYNCED, True)


def test_a_step_that_the_journal_does_not_take_waits(bench):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)
    log.full = True
    made.hear(sample(NOW + 500), bench.ticks_ms(), log)
    assert (made.now().trust, rtc.seconds) == (HOLDOVER, NOW)
    log.full = False
    made.hear(sample(NOW + 500), bench.ticks_ms(), log)
    assert (made.now().trust, rtc.seconds, len(log.written)) == (SYNCED, NOW + 500, 1)


@pytest.mark.parametrize("off_s", [DAY, -DAY, 946_684_800 - NOW, 30, -30])
@pytest.mark.parametrize("confirmed", [True, False])
def test_a_clock_that_jumps_while_the_board_runs_is_put_back(bench, off_s, confirmed):
    rtc, log = Rtc(), Log()
    made = clock(bench, rtc)
    if confirmed:
        made.hear(sample(NOW), bench.ticks_ms(), log)
    before = made.now()
    pass_s(bench, rtc, 100)
    rtc.seconds += off_s
    now = made.now()
    assert (now.seconds, rtc.seconds, now.trust) == (NOW + 100, NOW + 100, before.trust)
    assert before.uncertainty_s() < now.uncertainty_s() <= 2 * before.uncertainty_s() + 4
    assert made._faults.news == [("clock", BEGAN, f"off {off_s} s"), ("clock", ENDED, "")]
    assert not log.written  # the time of records goes on as it was: there is no step


def test_a_clock_that_the_gateway_set_is_watched_from_there(bench):
    rtc, log = Rtc(stopped=True), Log()
    made = clock(bench, rtc)
    made.hear(sample(NOW), bench.ticks_ms(), log)
    rtc.seconds += DAY
    assert made.now().seconds == NOW


def test_a_replay_moves_the_time_of_day_on_its_own(bench):
    bench.leaps = True
    rtc = Rtc()
    made = clock(bench, rtc)
    rtc.seconds += DAY
    assert (made.now().seconds, rtc.writes) == (NOW + DAY, 0)


def test_a_reading_that_fits_nothing_is_read_again(bench):
    rtc = Rtc()
    made = clock(bench, rtc)
    rtc.misread = [NOW ^ 1 << 20]
    assert (made.now().seconds, rtc.writes, made._faults.news) == (NOW, 0, [])


def test_a_clock_that_stands_still_is_carried_along_and_told_once_an_hour(bench):
    rtc = Rtc()
    made = clock(bench, rtc)
    for second in range(2 * 3600):
        bench.clock.seconds += 1
        assert second - 2 <= made.now().seconds - NOW <= second + 1
    assert len(made._faults.news) == 2 * 2
    assert made.now().uncertainty_s() <= 128  # it does not add up


def test_a_clock_within_its_drift_is_left_alone(bench):
    rtc = Rtc()
    made = clock(bench, rtc)
    pass_days(bench, made, rtc, 100, gained_s=8)  # 93 ppm: the processor's crystal may be that far off
    assert made.now().seconds == NOW + 100 * (DAY + 8)
    assert rtc.writes == 0


def test_a_clock_that_jumps_and_cannot_be_set_gives_uptime(bench):
    rtc = Rtc()
    made = clock(bench, rtc)
    pass_s(bench, rtc, 60)
    rtc.write = refuse
    rtc.seconds += DAY
    now = made.now()
    assert (now.trust, now.seconds) == (UNSET, 60)
    assert made._faults.cause("clock") == f"off {DAY} s"
