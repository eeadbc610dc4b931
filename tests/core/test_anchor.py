"""When a record was written: anchors, what they reach, steps, and order times."""

from checkpost.anchor import ANCHORED, UPTIME_BELOW_S, Times, place_between, unpack_times
from checkpost.record import (
    BOOT,
    CLOCK_SET,
    CROSSING,
    FAULT,
    HOLDOVER,
    MAX_UNCERTAINTY_CODE,
    SYNCED,
    UNSET,
    Record,
    pack_clock_set,
)

NOW = 1_793_000_000
DAY = 86400


class Board:
    """Feeds records as a board writes them; `told` is the last answer."""

    def __init__(self):
        self.times = Times()
        self.seq = 0

    def write(self, kind, seconds, trust, body=b"", uncertainty=3):
        self.seq += 1
        return self.times.feed(self.seq, Record(kind, self.seq, seconds, 36, trust, uncertainty, body))

    def clock_set(self, utc_s, before_s, trust=SYNCED):
        return self.write(CLOCK_SET, utc_s, trust, pack_clock_set(before_s, 1))


def test_a_clock_set_anchors_the_unset_records_of_its_start():
    board = Board()
    board.write(BOOT, 0, UNSET)
    waiting = board.write(CROSSING, 40, UNSET)
    assert (waiting.utc_s, waiting.trust) == (None, UNSET)
    told = board.clock_set(NOW, 100)
    assert told.anchor.first_seq == 1
    assert told.anchor.time_of(40) == (NOW - 60, 4)


def test_an_anchor_does_not_reach_back_over_a_boot():
    board = Board()
    board.write(CROSSING, 40, UNSET)
    board.write(BOOT, 0, UNSET)
    assert board.clock_set(NOW, 100).anchor.first_seq == 2


def test_uptime_that_fell_is_another_start_even_without_a_boot_record():
    board = Board()
    board.write(CROSSING, 500, UNSET)
    board.write(CROSSING, 20, UNSET)
    assert board.clock_set(NOW, 30).anchor.first_seq == 2
    board = Board()
    board.write(CROSSING, 500, UNSET)
    assert board.clock_set(NOW, 30).anchor.first_seq == 2


def test_a_crossing_written_after_its_answer_may_be_a_little_earlier():
    board = Board()
    board.write(FAULT, 42, UNSET)
    board.write(CROSSING, 41, UNSET)
    assert board.clock_set(NOW, 60).anchor.first_seq == 1


def test_a_record_that_cannot_be_read_may_have_been_a_boot():
    board = Board()
    board.write(CROSSING, 40, UNSET)
    board.seq += 1
    board.times.feed(board.seq, None)
    assert board.clock_set(NOW, 100).anchor.first_seq == 3


def test_a_crossing_stamped_before_the_clock_was_set_and_written_after_it_is_anchored_at_once():
    board = Board()
    board.clock_set(NOW, 100)
    told = board.write(CROSSING, 98, UNSET)
    assert (told.utc_s, told.trust, told.uncertainty) == (NOW - 2, ANCHORED, 4)
    board.write(BOOT, 0, UNSET)
    assert board.write(CROSSING, 98, UNSET).utc_s is None


def test_an_anchors_uncertainty_is_the_clock_sets_a_second_and_the_crystals_drift():
    board = Board()
    anchor = board.clock_set(NOW, 10 * DAY).anchor
    assert [anchor.time_of(10 * DAY - age_s)[1] for age_s in (0, DAY, 7 * DAY, 10 * DAY)] == [4, 6, 8, 9]
    vague = Board().write(CLOCK_SET, NOW, SYNCED, pack_clock_set(7, 1), uncertainty=MAX_UNCERTAINTY_CODE)
    assert vague.anchor.time_of(7)[1] == MAX_UNCERTAINTY_CODE


def test_a_clock_set_on_a_clock_without_time_anchors_nothing():
    board = Board()
    assert board.clock_set(5, 4, UNSET).anchor is None


def test_what_a_set_clock_says_stands_and_a_step_raises_doubt_where_nobody_had_confirmed_it():
    board = Board()
    board.write(CROSSING, NOW - DAY, SYNCED)
    board.write(BOOT, NOW, HOLDOVER)
    told = board.write(CROSSING, NOW + 5, HOLDOVER)
    assert (told.utc_s, told.trust, told.uncertainty) == (NOW + 5, HOLDOVER, 3)
    told = board.clock_set(NOW + 7200, NOW + 10)
    assert told.anchor is None
    assert told.doubt == (2, 15)  # 7190 s and 2 s: 28,768 quarters
    assert board.clock_set(NOW + 9000, NOW + 8000).doubt is None  # it was synced


def test_doubt_ends_where_a_synced_record_confirmed_the_clock_or_it_was_lost():
    board = Board()
    board.write(CROSSING, NOW, HOLDOVER)
    assert board.write(CROSSING, NOW + 5, SYNCED).not_after == NOW + 5
    assert board.write(CROSSING, NOW + 6, SYNCED).not_after is None
    assert board.clock_set(NOW + 500, NOW + 10).doubt is None
    board = Board()
    board.write(CROSSING, NOW, HOLDOVER)
    board.write(BOOT, 0, UNSET)
    board.write(CROSSING, NOW, HOLDOVER)
    assert board.clock_set(NOW + 500, NOW + 10).doubt[0] == 3


def test_a_clock_set_says_that_nothing_before_it_was_later():
    board = Board()
    assert board.clock_set(NOW, 10).not_after == NOW
    assert board.clock_set(NOW - 500, NOW).not_after == NOW - 500
    assert board.clock_set(NOW, NOW - 400, HOLDOVER).not_after is None


def test_uptime_and_time_are_told_apart_at_the_year_2000():
    assert Board().clock_set(NOW, UPTIME_BELOW_S - 1).anchor
    assert Board().clock_set(NOW, UPTIME_BELOW_S).anchor is None


def test_its_memory_packs_and_unpacks_at_any_moment():
    board = Board()
    for seconds in (5, 17):
        board.write(CROSSING, seconds, UNSET)
        board.times = unpack_times(board.times.pack())
    anchor = board.clock_set(NOW, 20).anchor
    assert (anchor.first_seq, anchor.time_of(17)[0]) == (1, NOW - 3)
    board.times = unpack_times(board.times.pack())
    assert board.write(CROSSING, 30, UNSET).utc_s == NOW + 10
    board.write(CROSSING, NOW + 50, HOLDOVER)
    board.times = unpack_times(board.times.pack())
    assert board.clock_set(NOW + 99, NOW + 60).doubt[0] == 5


def test_anchored_crossings_go_between_those_that_stand():
    assert place_between([10, 20, 30], [0, 0, 0], 40) == [10, 20, 30]
    assert place_between([10, 20, 30], [15, 15, 15], 25) == [15, 20, 25]
    assert place_between([10, None, 12, 30], [5, 11, 11, 11], 25) == [10, 11, 12, 25]
    assert place_between([90, None, 95], [5, 11, 11], 100) == [11, 11, 95]
    assert place_between([], [], 100) == []
