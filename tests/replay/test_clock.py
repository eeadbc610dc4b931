"""The clock that drives a replay: time of day goes where it is told, ticks never leap over what 30 bits can tell."""

import struct

from replay.clock import LEAP_MAX_MS, ReplayClock

DAY_S = 86_400
TICKS_HALF_MS = 1 << 29  # beyond this a board's ticks take later for earlier


def test_ticks_advance_with_the_time_of_day_and_by_what_was_asked(tmp_path):
    clock = ReplayClock(tmp_path / "clock", 1_793_000_000)
    clock.move_to(1_793_000_010, 4000)
    clock.move_to(1_793_000_010, 4000)
    clock.move_to(1_793_000_000)  # never back
    assert struct.unpack("<qq", (tmp_path / "clock").read_bytes()) == (1_793_000_010_000, 14_000)
    clock.close()


def test_a_leap_of_many_days_stays_within_what_ticks_can_tell(tmp_path):
    clock = ReplayClock(tmp_path / "clock", 1_793_000_000)
    clock.move_to(1_793_000_000 + 8 * DAY_S)
    assert clock.utc_ms == (1_793_000_000 + 8 * DAY_S) * 1000
    assert clock.skip_ms == LEAP_MAX_MS < TICKS_HALF_MS // 2
    clock.close()
