"""Crossings of a board that had no time, at the gateway: anchored later, judged again, the same in any batches."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpost import chain, record
from checkpost.anchor import ANCHORED, CLOCKS, UPTIME_BELOW_S
from gateway.intake.records import Intake
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, Journal, dump, fresh_store, teach_small, verdict_of
from tests.support.clocks import LostClocks, rows_of_records, written

GO = ("permitted", [], [])
UNDATED = ("unverifiable", ["clock-untrusted"], [])


def take(store, journal, *cuts):
    """Take a journal in runs that end after these sequences."""
    ends = [*cuts, len(journal.records)]
    for first, last in pairwise([0, *ends]):
        assert not Intake(store).take([journal.run(first + 1, last)], NOW_S)[0].refused


def times(store, journal):
    """Return (sequence, order, UTC, clock) of the journal's crossings."""
    rows = store._conn.execute(
        "SELECT seq, order_s, utc_s, trust FROM crossings WHERE board = ? AND epoch = ? ORDER BY seq",
        (journal.board, journal.epoch),
    )
    return [(seq, order_s, utc_s, CLOCKS[trust]) for seq, order_s, utc_s, trust in rows]


def lost_clock(journal, uptime_s=40):
    """Write a start without the time and an entry in it; return the entry's sequence."""
    journal.boot()
    seq = journal.crossing(uptime_s, CARD, trust=record.UNSET)
    journal.outcome(uptime_s + 5, seq, record.ADMITTED, trust=record.UNSET)
    return seq


def test_a_crossing_without_time_is_judged_by_date_once_the_clock_is_set(small):
    journal = Journal(1)
    seq = lost_clock(journal)
    take(small, journal)
    assert verdict_of(small, 1, seq) == UNDATED
    journal.clock_set(MORNING_S, 100)
    taken = Intake(small).take([journal.run(4)], NOW_S)
    assert verdict_of(small, 1, seq) == GO
    assert [(ruling.row.seq, ruling.row.utc_s) for ruling in taken[0].rulings] == [(seq, MORNING_S - 60)]
    assert times(small, journal) == [(seq, MORNING_S - 60, MORNING_S - 60, "anchored")]
    assert small.records.raw(1, 1, 1, 9) == journal.records
    assert len(small.verdicts.history(1, 1, seq)) == 2


def test_the_day_of_an_anchored_entry_counts_for_the_exit_at_another_board(small):
    entry, exit = Journal(1), Journal(2)
    seq = lost_clock(entry)
    left = exit.crossing(MORNING_S + 12 * DAY_S, CARD, direction=1)
    take(small, entry)
    take(small, exit)
    assert verdict_of(small, 2, left) == UNDATED  # ten days granted, and nobody knows since when
    entry.clock_set(MORNING_S, 100)
    take(small, entry)
    assert verdict_of(small, 2, left) == ("refer", ["overstay"], [])
    assert verdict_of(small, 1, seq) == GO


def test_an_earlier_start_stays_without_time(small):
    journal = Journal(1)
    seq = lost_clock(journal)
    journal.boot()
    journal.clock_set(MORNING_S, 100)
    take(small, journal)
    assert verdict_of(small, 1, seq) == UNDATED
    assert times(small, journal) == [(seq, 0, 0, "unset")]


def test_its_place_is_after_what_the_board_wrote_before(small):
    journal = Journal(1)
    journal.crossing(MORNING_S)
    journal.boot()
    journal.crossing(40, trust=record.UNSET)
    journal.boot()
    journal.clock_set(MORNING_S + 900, 300)
    journal.crossing(MORNING_S + 905)
    take(small, journal)
    assert [order_s for _, order_s, _, _ in times(small, journal)] == [MORNING_S, MORNING_S, MORNING_S + 905]


def test_a_time_ahead_pushes_nothing_that_was_written_after_its_correction(small):
    journal = Journal(1)
    ahead_s = MORNING_S + 4 * 365 * DAY_S
    journal.crossing(ahead_s, CARD, trust=record.HOLDOVER)
    journal.clock_set(MORNING_S + 60, ahead_s + 60)
    journal.crossing(MORNING_S + 90, CARD, direction=1)
    take(small, journal)
    assert times(small, journal) == [
        (1, MORNING_S + 60, ahead_s, "holdover"),
        (3, MORNING_S + 90, MORNING_S + 90, "synced"),
    ]


def test_a_clock_set_by_hand_to_a_wrong_year_accuses_nobody(tmp_path):
    store = fresh_store(tmp_path)
    teach_small(store, valid_until="2026-12-31")
    journal = Journal(1)
    seq = journal.crossing(MORNING_S + 4 * 365 * DAY_S, CARD, trust=record.HOLDOVER)
    take(store, journal)
    assert verdict_of(store, 1, seq) == ("refer", ["expired"], [])
    journal.clock_set(MORNING_S, MORNING_S + 4 * 365 * DAY_S + 60)
    take(store, journal, 1)
    assert verdict_of(store, 1, seq) == UNDATED
    store.close()


def test_a_small_step_of_a_clock_set_by_hand_leaves_its_dates(small):
    journal = Journal(1)
    seq = journal.crossing(MORNING_S, CARD, trust=record.HOLDOVER)
    journal.clock_set(MORNING_S + 100, MORNING_S + 60)
    take(small, journal)
    assert verdict_of(small, 1, seq) == GO
    assert small.records.crossing(1, 1, seq).uncertainty == 8


def test_a_damaged_record_parts_the_starts(small):
    journal = Journal(1)
    seq = lost_clock(journal)
    journal.append(record.FAULT, 50, b"", record.UNSET)
    journal.records[-1] = bytes(32)
    journal.heads[-1] = chain.link(journal.heads[-2], journal.records[-1])
    journal.clock_set(MORNING_S, 100)
    take(small, journal)
    assert times(small, journal) == [(seq, 0, 0, "unset")]


@pytest.fixture(scope="module")
def epochs(tmp_path_factory):
    """A store without knowledge, and epochs that it never saw: each example takes its own."""
    store = fresh_store(tmp_path_factory.mktemp("property"))
    yield store, iter(range(1, 1 << 16))
    store.close()


@settings(max_examples=60, deadline=None)
@given(rows_of_records, st.sets(st.integers(1, 13)))
def test_the_cuts_between_batches_change_no_time(epochs, drawn, cuts):
    store, numbers = epochs
    whole, cut = written(drawn, next(numbers)), written(drawn, next(numbers))
    take(store, whole)
    take(store, cut, *sorted(at for at in cuts if at < len(drawn)))
    assert times(store, cut) == times(store, whole)


@settings(max_examples=60, deadline=None)
@given(rows_of_records)
def test_order_never_falls_and_what_a_clock_said_stands(epochs, drawn):
    store, numbers = epochs
    journal = written(drawn, next(numbers))
    take(store, journal)
    found = times(store, journal)
    assert all(one[1] <= other[1] for one, other in pairwise(found))
    for seq, order_s, utc_s, clock in found:
        _, seconds, trust = drawn[seq - 1][:3]
        assert clock == CLOCKS[trust] or (clock, trust) == (CLOCKS[ANCHORED], record.UNSET)
        assert utc_s == (order_s if clock == "unset" else utc_s if clock == "anchored" else seconds)
        later = [one for one in drawn[seq:] if one[0] == record.CLOCK_SET]
        if clock == CLOCKS[ANCHORED]:  # until its anchor came it had no time that anything could bound
            later = later[next((at for at, one in enumerate(later) if one[3] < UPTIME_BELOW_S), 0) :]
        later = [one[1] for one in later]
        assert order_s <= min(later, default=order_s)
        set_at = max((at for at, one in enumerate(drawn[:seq], 1) if one[0] == record.CLOCK_SET), default=0)
        if set_at:  # nothing from before the newest correction pushes it
            since = [other[2] for other in found if set_at < other[0] <= seq]
            assert order_s <= max(drawn[set_at - 1][1], *since)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["as it happened", "board by board"])
def test_the_whole_scenario_ends_the_same_when_boards_lose_their_clocks(store, way):
    lost = LostClocks()
    lost.teach(store)
    lost.end()
    intake = Intake(store)
    if way == "as it happened":
        for at in range(0, len(lost.runs), 25):
            assert not any(taken.refused for taken in intake.take(lost.runs[at : at + 25], NOW_S))
    for journal in reversed(lost.journals.values()):
        for first in range(1, len(journal.records) + 1, 40):
            intake.take([journal.run(first, min(first + 39, len(journal.records)))], NOW_S)
    wrong = {}
    for tap, (board, _, seq) in lost.key_of_tap.items():
        expected = lost.expected[tap]
        verdict, reasons, notes = verdict_of(store, board, seq)
        if (verdict, *map(" ".join, (reasons, notes))) != tuple(
            expected[name] for name in ("verdict", "reasons", "notes")
        ):
            wrong[tap] = (verdict, reasons, notes, expected)
    assert lost.unset > 1000
    assert not wrong
    assert not [row for row in dump(store)["crossings"] if row[8] == record.UNSET]
