"""Change of guard: the gesture, the count that the journal gives, its page, and the record that ends the shift."""

from random import Random

import pytest

from checkpost.record import BOOT, CROSSING, OUTCOME, SHIFT
from checkpost.shift_record import unpack_shift
from kiosk.kiosk import IDLE
from kiosk.kiosk import SHIFT as SHIFT_STATE
from kiosk.shift import LOOK_BACK, PAGE_MS, SLICE
from kiosk.shift import Shift as Count
from tests.support.kiosk import OTHER, Kiosk

SINCE = 0


@pytest.fixture
def kiosk():
    board = Kiosk().run(200)
    board.sounds()
    return board


def hold(kiosk, ms=1200):
    return kiosk.press("direction", ms)


def shifts(kiosk):
    """Return (first sequence, by verdict, by outcome, persons) of each shift record."""
    return [unpack_shift(record.body) for record in kiosk.records() if record.kind == SHIFT]


def work(kiosk):
    """Three travellers: two admitted together, one turned back, one without a card and without an outcome."""
    kiosk.tap().press("no_card").press("admit")
    kiosk.tap(OTHER).press("refer").press("refer", 1200)
    return kiosk.run(6000).press("no_card").run(25_000)


def test_held_direction_shows_the_count_and_admit_ends_the_shift(kiosk):
    work(kiosk)
    kiosk.sounds()
    hold(kiosk)
    assert kiosk.pages[-1] == "shift"
    assert kiosk.sounds() == ["click"]
    assert shifts(kiosk) == []
    before = kiosk.app.journal.next_seq
    kiosk.press("admit")
    assert kiosk.sounds() == ["recorded"]
    assert shifts(kiosk) == [(1, [0, 1, 2], [1, 0, 1], 4)]
    assert kiosk.records()[-1].seq == before
    assert kiosk.run(PAGE_MS + 1000).pages[-1] == "idle"


def test_the_next_shift_begins_behind_the_record(kiosk):
    work(kiosk)
    hold(kiosk).press("admit").run(PAGE_MS + 1000)
    (ended,) = [record.seq for record in kiosk.records() if record.kind == SHIFT]
    kiosk.tap().press("refer").run(10_000)
    hold(kiosk).press("admit")
    assert shifts(kiosk)[1] == (ended + 1, [0, 0, 1], [0, 1, 0], 1)


def test_an_outcome_corrected_within_the_shift_counts_as_corrected(kiosk):
    kiosk.tap().press("admit").press("refer", 1200).run(10_000)
    hold(kiosk).press("admit")
    assert shifts(kiosk) == [(1, [0, 0, 1], [0, 0, 1], 1)]


def test_the_count_survives_restarts(kiosk):
    work(kiosk)
    kiosk.restart()
    kiosk.run(300).tap(OTHER).press("admit")
    kiosk.restart()
    hold(kiosk.run(300)).press("admit")
    assert shifts(kiosk) == [(1, [0, 1, 3], [2, 0, 1], 5)]
    assert [record.kind for record in kiosk.records()].count(BOOT) == 3


def test_an_empty_shift_is_a_record_too(kiosk):
    hold(kiosk).press("admit").run(PAGE_MS + 1000)
    hold(kiosk).press("admit")
    assert [found[1:] for found in shifts(kiosk)] == [([0, 0, 0], [0, 0, 0], 0)] * 2


def test_admit_ends_a_shift_once(kiosk):
    hold(kiosk).press("admit").press("admit").press("admit")
    assert len(shifts(kiosk)) == 1


@pytest.mark.parametrize("button", ["refer", "direction"])
def test_other_buttons_leave_the_count_and_write_nothing(kiosk, button):
    kiosk.tap().press("admit").run(10_000)
    written = kiosk.app.journal.next_seq
    hold(kiosk).press(button)
    assert kiosk.pages[-1] == "idle"
    assert kiosk.app.journal.next_seq == written
    kiosk.run(20_000)
    assert kiosk.app.journal.next_seq == written


def test_left_alone_the_page_goes_and_the_shift_goes_on(kiosk):
    hold(kiosk).run(PAGE_MS + 1000)
    assert kiosk.pages[-1] == "idle"
    assert shifts(kiosk) == []


def test_a_card_on_the_page_of_the_count_is_answered(kiosk):
    hold(kiosk).tap()
    assert kiosk.pages[-1] == "answer"
    assert len(kiosk.crossings()) == 1
    kiosk.press("admit")
    assert shifts(kiosk) == []
    assert len(kiosk.outcomes()) == 1


def test_no_card_on_the_page_of_the_count_is_the_next_traveller(kiosk):
    hold(kiosk).press("no_card")
    assert [crossing.uid for crossing in kiosk.crossings()] == [b""]


@pytest.mark.parametrize("ms", [60, 500, 900])
def test_a_short_press_is_no_change_of_guard(kiosk, ms):
    kiosk.press("direction", ms).run(2000)
    assert "shift" not in kiosk.pages


def test_it_is_not_opened_under_a_standing_answer(kiosk):
    hold(kiosk.tap(), 3000)
    assert kiosk.pages[-1] == "answer"


def test_a_button_that_was_down_before_the_answer_ended_opens_nothing(kiosk):
    kiosk.tap().run(18_900)
    hold(kiosk, 3000)
    assert "shift" not in kiosk.pages


def test_where_travellers_go_both_ways_a_hold_does_not_turn_the_direction():
    kiosk = Kiosk(direction="switched").run(200)
    hold(kiosk)
    assert kiosk.app.kiosk.state == SHIFT_STATE
    kiosk.press("direction").tap()
    assert kiosk.crossings()[0].direction == 0
    kiosk.press("admit").run(10_000).press("direction").tap(OTHER)
    assert kiosk.crossings()[1].direction == 1


def test_a_direction_held_on_after_the_page_went_opens_nothing(kiosk):
    hold(kiosk, 20_000)
    assert kiosk.app.kiosk.state == IDLE
    hold(kiosk).press("direction", 5000)
    assert kiosk.app.kiosk.state == IDLE


def test_a_record_that_is_not_written_is_not_confirmed(kiosk):
    hold(kiosk)
    kiosk.sounds()
    kiosk.bench.circuit.break_part("journal")
    kiosk.press("admit")
    assert kiosk.sounds() == ["fault"]
    assert kiosk.pages[-1] == "fault"


def test_a_chip_that_fails_under_the_count_is_the_log_s_fault(kiosk):
    kiosk.tap().press("admit").run(10_000)
    kiosk.bench.circuit.break_part("journal")
    hold(kiosk)
    assert kiosk.pages[-1] == "fault"


class Paper:
    """A journal, a log and a face in one: records by sequence from 1, some of which cannot be read."""

    def __init__(self, records, torn=(), oldest_seq=1):
        self.records = [None] + [None if at + 1 in torn else record.pack() for at, record in enumerate(records)]
        self.oldest_seq = oldest_seq
        self.next_seq = len(self.records)
        self.journal = self
        self.shown = []
        self.read_at_once = 0

    def read_into(self, first, buf):
        """Give records up to one that cannot be read."""
        for at in range(len(buf) // 32):
            if self.records[first + at] is None:
                return at
            buf[32 * at : 32 * at + 32] = self.records[first + at]
        self.read_at_once = max(self.read_at_once, len(buf) // 32)
        return len(buf) // 32

    def read(self, seq):
        """Give one record, or None."""
        return self.records[seq]

    def attempt(self, action):
        """Run it."""
        action()

    def sound(self, name, now_ms):
        """Be silent."""

    def shift(self, shift):
        """Note that it was drawn."""
        self.shown.append(shift.counted)


def counted(paper):
    """Count to the end; return (first sequence, by verdict, by outcome, persons) and how many slices it took."""
    count = Count(paper, paper, 0)
    slices = 0
    while not count.counted:
        count.step(0)
        slices += 1
    return (count._first, count.verdicts, count.outcomes, count.persons), slices


def made_up(random, size):
    """Return records as a kiosk writes them, and what they come to by a plain count forward."""
    from checkpost.record import Crossing, Record, pack_outcome
    from checkpost.shift_record import pack_shift

    records, since, told = [], 1, {}
    while len(records) < size:
        seq, what = len(records) + 1, random.random()
        if what < 0.5:
            crossing = Crossing(b"\1\2\3\4", 0, 1)
            crossing.verdict = random.randrange(3)
            records.append(Record(CROSSING, seq, 9, 0, 2, 0, crossing.pack()))
            told[seq] = [crossing.verdict, 0, 1]
        elif what < 0.9 and told and max(told) >= since:
            last = max(told)
            told[last][1:] = random.randrange(4), random.randrange(1, 16)
            records.append(Record(OUTCOME, seq, 9, 0, 2, 0, pack_outcome(last, *told[last][1:])))
        elif what < 0.91:
            records.append(Record(SHIFT, seq, 9, 0, 2, 0, pack_shift(since, [0, 0, 0], [0, 0, 0], 0)))
            since, told = seq + 1, {}
        else:
            records.append(Record(BOOT, seq, 9, 0, 2, 0))
    verdicts = [sum(verdict == at for verdict, _, _ in told.values()) for at in range(3)]
    outcomes = [sum(outcome == at for _, outcome, _ in told.values()) for at in range(1, 4)]
    return records, (since, verdicts, outcomes, sum(party for _, _, party in told.values()))


@pytest.mark.parametrize("seed", range(30))
def test_the_count_backwards_is_the_count_forwards(seed):
    random = Random(seed)
    records, wanted = made_up(random, random.randrange(1, 400))
    paper = Paper(records)
    found, slices = counted(paper)
    assert found == wanted
    assert paper.shown == [False, True]
    assert paper.read_at_once <= SLICE
    assert slices <= len(records) // SLICE + 1


@pytest.mark.parametrize("seed", range(10))
def test_a_record_that_cannot_be_read_costs_only_itself(seed):
    records, _ = made_up(Random(seed), 200)
    torn = [record.seq for record in records if record.kind == BOOT]
    assert counted(Paper(records, torn))[0] == counted(Paper(records))[0]


def test_the_count_goes_back_a_bounded_way_and_says_from_where():
    records, _ = made_up(Random(1), 100)
    records = [record for record in records if record.kind != SHIFT]
    found, _ = counted(Paper(records, oldest_seq=40))
    assert found[SINCE] == 40
    many = records * (LOOK_BACK // len(records) + 3)
    paper = Paper(many)
    found, slices = counted(paper)
    assert found[SINCE] == paper.next_seq - LOOK_BACK
    assert slices == LOOK_BACK // SLICE
