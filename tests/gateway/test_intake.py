"""Intake: each record once, nothing acknowledged that the chain does not prove, everything odd flagged."""

import pytest

from checkpost import record
from checkpost.reasons import PERMITTED, REFER
from checkpost.shift_record import pack_shift
from gateway.intake.records import Intake, Run
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, STRANGER, Journal, dump, verdict_of


@pytest.fixture
def intake(small):
    return Intake(small)


def day(journal):
    """An entry and an exit with their outcomes, then a traveller without a card."""
    seq = journal.crossing(MORNING_S, CARD)
    journal.outcome(MORNING_S + 5, seq, record.ADMITTED)
    seq = journal.crossing(MORNING_S + DAY_S, CARD, record.EXIT)
    journal.outcome(MORNING_S + DAY_S + 5, seq, record.ADMITTED)
    journal.crossing(MORNING_S + DAY_S + 60)
    return journal


def test_a_run_is_taken_whole(small, intake):
    [taken] = intake.take([day(Journal(1)).run()], NOW_S)
    assert (taken.seq, taken.new, taken.refused) == (5, 5, "")
    assert verdict_of(small, 1, 1) == ("permitted", [], [])
    assert verdict_of(small, 1, 3) == ("permitted", [], [])
    assert verdict_of(small, 1, 5) == ("refer", ["no-permit"], [])
    assert small.reviews.open_flags() == {"answer-changed": 1, "refer": 1}


def test_delivered_again_changes_nothing(small, intake):
    journal = day(Journal(1))
    intake.take([journal.run()], NOW_S)
    before = dump(small)
    for again in (journal.run(), journal.run(2, 4), journal.run(1, 1), journal.run(5, 5)):
        [taken] = intake.take([again], NOW_S + 99)
        assert (taken.seq, taken.new, taken.refused) == (5, 0, "")
    assert dump(small) == before


def test_an_overlapping_run_brings_only_what_is_new(small, intake):
    journal = day(Journal(1))
    intake.take([journal.run(1, 3)], NOW_S)
    [taken] = intake.take([journal.run(2, 5)], NOW_S)
    assert (taken.seq, taken.new) == (5, 2)


def test_the_way_it_was_cut_changes_nothing(small, intake, tmp_path):
    from tests.gateway.support import fresh_store, teach_small

    journal = day(Journal(1))
    intake.take([journal.run()], NOW_S)
    other = fresh_store(tmp_path / "other")
    teach_small(other)
    for seq in range(1, 6):
        Intake(other).take([journal.run(seq, seq)], NOW_S)
    whole, cut = dump(small), dump(other)
    assert {name: whole[name] for name in whole if name != "verdicts"} == {
        name: cut[name] for name in cut if name != "verdicts"
    }
    other.close()


def test_a_gap_is_not_accepted(small, intake):
    journal = day(Journal(1))
    intake.take([journal.run(1, 2)], NOW_S)
    [taken] = intake.take([journal.run(4, 5)], NOW_S)
    assert (taken.seq, taken.refused) == (2, "gap")
    assert small.records.raw(1, 1, 1, 9) == journal.records[:2]


def test_a_wrong_chain_head_acknowledges_nothing_and_is_flagged(small, intake):
    good = day(Journal(1)).run()
    [taken] = intake.take([good._replace(head4=b"\0\0\0\0")], NOW_S)
    assert (taken.seq, taken.new, taken.refused) == (0, 0, "chain-mismatch")
    assert small.reviews.open_flags_of(1) == {"chain-mismatch": 1}
    assert small.records.raw(1, 1, 1, 9) == []
    assert intake.take([good], NOW_S)[0].seq == 5


def test_another_record_under_a_held_sequence_is_refused(small, intake):
    intake.take([day(Journal(1)).run()], NOW_S)
    restored = Journal(1)
    restored.crossing(MORNING_S + 7, STRANGER)
    [taken] = intake.take([restored.run()], NOW_S)
    assert (taken.seq, taken.refused) == (5, "chain-mismatch")


def test_one_bad_run_does_not_hold_up_the_others(small, intake):
    bad = day(Journal(1)).run()._replace(head4=b"evil")
    taken = intake.take([bad, day(Journal(2)).run()], NOW_S)
    assert [one.seq for one in taken] == [0, 5]


def test_a_damaged_record_is_kept_and_flagged(small, intake):
    journal = day(Journal(1))
    torn = bytes(32)
    from checkpost import chain

    journal.records.append(torn)
    journal.heads.append(chain.link(journal.heads[-1], torn))
    [taken] = intake.take([journal.run()], NOW_S)
    assert taken.seq == 6
    assert small.records.raw(1, 1, 6, 1) == [torn]
    assert small.reviews.open_flags_of(1)["damaged-record"] == 1


def test_kinds_of_tomorrow_are_kept_untouched(small, intake):
    journal = Journal(1)
    journal.append(17, MORNING_S, b"from a newer board")
    journal.append(record.SHIFT, MORNING_S, pack_shift(1, [2, 1, 0], [2, 0, 1], 5))
    [taken] = intake.take([journal.run()], NOW_S)
    assert taken.seq == 2
    assert small.records.raw(1, 1, 1, 2) == journal.records


def test_an_outcome_for_an_unknown_crossing_is_kept_and_flagged(small, intake):
    journal = Journal(1)
    journal.boot()
    journal.outcome(MORNING_S, 1, record.ADMITTED)
    assert intake.take([journal.run()], NOW_S)[0].seq == 2
    assert small.reviews.open_flags_of(1) == {"outcome-without-crossing": 1}


def test_a_crossing_or_outcome_out_of_range_is_kept_and_flagged_and_holds_nothing_up(small, intake):
    journal = Journal(1)
    crossing = bytearray(record.Crossing().pack())
    crossing[14] |= 0x30  # a verdict that is none
    journal.append(record.CROSSING, MORNING_S, bytes(crossing))
    journal.outcome(MORNING_S, 77, record.ADMITTED)
    journal.crossing(MORNING_S + 60, CARD)
    assert intake.take([journal.run()], NOW_S)[0].seq == 3
    assert small.reviews.open_flags_of(1) == {"record-not-understood": 2}
    assert small.records.crossing(1, 1, 1) is None and small.records.crossing(1, 1, 3) is not None


def test_the_last_outcome_counts_and_all_are_kept(small, intake):
    journal = Journal(1)
    seq = journal.crossing(MORNING_S, CARD)
    journal.outcome(MORNING_S + 5, seq, record.REFERRED)
    journal.outcome(MORNING_S + 60, seq, record.ADMITTED, party=3)
    intake.take([journal.run()], NOW_S)
    row = small.records.crossing(1, 1, seq)
    assert (row.outcome, row.outcome_party, row.outcome_seq) == (record.ADMITTED, 3, 3)
    assert len(dump(small)["outcomes"]) == 2


def test_a_late_record_of_another_board_judges_again_and_flags_the_changed_answer(small, intake):
    here, there = Journal(1), Journal(2)
    there.crossing(MORNING_S, CARD, verdict=PERMITTED)
    there.outcome(MORNING_S + 5, 1, record.ADMITTED)
    here.crossing(MORNING_S + 3600, CARD, verdict=PERMITTED)
    intake.take([here.run()], NOW_S)
    assert verdict_of(small, 1, 1)[0] == "permitted"
    [taken] = intake.take([there.run()], NOW_S)
    assert verdict_of(small, 1, 1) == ("refer", ["entries-exhausted"], ["missing-exit"])
    assert [(ruling.row.board, ruling.verdict.verdict) for ruling in taken.rulings] == [(2, PERMITTED)]
    assert small.reviews.open_flags_of(1) == {"answer-changed": 1, "refer": 1}
    assert [row.verdict for row in small.verdicts.history(1, 1, 1)] == [PERMITTED, REFER]


def test_time_within_a_board_never_goes_back(small, intake):
    journal = Journal(1)
    journal.crossing(MORNING_S + 100, STRANGER)
    journal.crossing(MORNING_S, CARD)
    intake.take([journal.run()], NOW_S)
    assert small.records.crossing(1, 1, 2).order_s == MORNING_S + 100
    assert small.records.crossing(1, 1, 2).utc_s == MORNING_S


def test_a_clock_that_was_never_set_makes_dates_unverifiable(small, intake):
    journal = Journal(1)
    crossing = record.Crossing(bytes.fromhex(CARD), record.ENTRY, 1, record.UID)
    journal.append(record.CROSSING, 17, crossing.pack(), trust=record.UNSET)
    intake.take([journal.run()], NOW_S)
    assert verdict_of(small, 1, 1)[:2] == ("unverifiable", ["clock-untrusted"])


def test_a_restored_board_and_another_epoch_are_noticed(small, intake):
    intake.take([day(Journal(1)).run()], NOW_S)
    assert intake.notice(1, 1, 6, NOW_S) == []
    assert intake.notice(1, 1, 3, NOW_S) == ["board-restored"]
    assert intake.notice(1, 2, 1, NOW_S) == ["epoch-changed"]
    assert small.reviews.open_flags_of(1)["board-restored"] == 1


def test_an_empty_gateway_begins_where_the_board_still_can(small, intake):
    journal = day(Journal(1))
    taken = intake.adopt_base(1, 1, 4, journal.heads[3], NOW_S)
    assert taken.seq == 3
    [taken] = intake.take([journal.run(2, 5)], NOW_S)
    assert (taken.seq, taken.new, taken.refused) == (5, 2, "")
    assert small.reviews.open_flags_of(1)["records-missing"] == 1
    assert intake.adopt_base(1, 1, 3, journal.heads[2], NOW_S).seq == 5


def test_nothing_of_an_empty_run_is_held(intake):
    [taken] = intake.take([Run(1, 1, 1, b"", b"")], NOW_S)
    assert (taken.seq, taken.new) == (0, 0)
