"""Airtime by the minute: what any hour may hold, through wraps of the ticks and leaps of the clock."""

from checkpost.dutycycle import SLOT_MS, SLOTS, DutyCycle
from checkpost.regions import ALWAYS

HOUR_MS = 3_600_000
WRAP = 1 << 30


def test_the_limit_is_the_share_of_an_hour():
    assert [DutyCycle(ppm, 0).limit_ms for ppm in (1_000, 10_000, 100_000)] == [3_600, 36_000, 360_000]
    assert DutyCycle(ALWAYS, 0).always


def test_what_was_sent_counts_for_an_hour_and_little_more():
    duty = DutyCycle(10_000, WRAP - 1000)
    duty.note(20_000)
    duty.step((WRAP - 1000 + HOUR_MS) % WRAP)
    assert duty.room_ms == 16_000
    duty.step((WRAP - 1000 + SLOTS * SLOT_MS) % WRAP)
    assert duty.room_ms == 36_000


def test_small_steps_and_a_leap_come_to_the_same():
    slow, fast = DutyCycle(10_000, 0), DutyCycle(10_000, 0)
    for duty in (slow, fast):
        duty.note(700)
    for now_ms in range(0, 600_001, 700):
        slow.step(now_ms)
    slow.step(600_000)
    fast.step(600_000)
    assert slow.pack() == fast.pack()


def test_packed_slots_come_back_never_smaller_and_with_what_may_have_been_sent():
    duty = DutyCycle(100_000, 0)
    duty.note(1_001)
    duty.step(5 * SLOT_MS)
    duty.note(63_000)
    again = DutyCycle(100_000, 0)
    again.unpack(duty.pack(), 45_000, 77)
    assert duty.spent_ms + 45_000 <= again.spent_ms <= duty.spent_ms + 45_000 + 8 * SLOTS
    again.step(77 + 56 * SLOT_MS)
    assert again.spent_ms >= 63_000 + 45_000


def test_time_that_passed_too_long_ago_for_any_slot_leaves_nothing():
    duty = DutyCycle(10_000, 0)
    duty.note(36_000)
    duty.step(48 * HOUR_MS)
    assert duty.spent_ms == 0
