"""Runs that are taken together are written once, with their verdicts, and end as if each had come alone."""

import pytest

from checkpost import record
from checkpost.reasons import PERMITTED, REFER
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from tests.gateway.support import (
    CARD,
    DAY_S,
    MORNING_S,
    NOW_S,
    STRANGER,
    Journal,
    dump,
    elsewhere,
    fresh_store,
    teach_small,
)

UID = bytes.fromhex(CARD)


def days(rotten=False):
    """Two boards' logs: outcomes of earlier runs, no card, a stranger's, readings, a clock that is set late."""
    first, second = Journal(1), Journal(2)
    entry = first.crossing(MORNING_S, CARD)
    first.outcome(MORNING_S + 5, entry, record.ADMITTED)
    first.outcome(MORNING_S + 50, entry, record.REFERRED, 2)
    first.crossing(MORNING_S + 60)
    first.crossing(MORNING_S + 90, STRANGER)
    if rotten:
        first.append(record.CROSSING, MORNING_S + 100, b"", rotten=True)
    for counter, after_s in ((8, 3600), (7, 7200)):
        body = record.Crossing(UID, record.EXIT, 1, record.SUN, counter).pack()
        first.append(record.CROSSING, MORNING_S + after_s, body)
    second.boot()
    waits = second.crossing(100, CARD, trust=record.UNSET)
    second.outcome(130, waits, record.ADMITTED, trust=record.UNSET)
    second.clock_set(MORNING_S + DAY_S, 160)
    second.crossing(MORNING_S + DAY_S + 60, CARD, record.EXIT)
    return first, second


def told(seq, **more):
    """A crossing of board 1 as the centre has it."""
    return elsewhere(seq, **{"board": 1, "crossing_point": "ONS"} | more)


def run_each(journals):
    """Return the records of boards, each a run of its own, as they take turns."""
    longest = max(len(journal.records) for journal in journals)
    seqs = range(1, longest + 1)
    return [journal.run(seq, seq) for seq in seqs for journal in journals if seq <= len(journal.records)]


def taught(folder, news):
    store = fresh_store(folder)
    teach_small(store)
    if news:
        Learning(store).take_elsewhere(news, 5, NOW_S)
    return store


def ended(store):
    """Return what is held in the end; of verdicts those that stand: how many came before them depends on the runs."""
    held = dump(store) | {"due": sorted(store.rosters.due(99))}
    return {name: rows for name, rows in held.items() if name not in ("verdicts", "flags")}


@pytest.mark.parametrize(
    ("rotten", "news"),
    [
        (False, []),
        (True, []),
        (False, [told(1)]),
        (False, [told(1, outcome="referred", party=3, corrected=["outcome", "party"])]),
        (True, [told(7, direction="entry", corrected=["direction"])]),
    ],
    ids=["as-it-came", "a-hole", "known-from-the-centre", "put-right", "put-right-behind-a-hole"],
)
def test_runs_that_are_taken_together_end_as_if_each_came_alone(tmp_path, rotten, news):
    runs = run_each(days(rotten))
    alone, together, halves = (taught(tmp_path / name, news) for name in ("alone", "together", "halves"))
    for run in runs:
        Intake(alone).take([run], NOW_S)
    Intake(together).take(runs, NOW_S)
    for part in (runs[:5], runs[5:]):
        Intake(halves).take(part, NOW_S)
    expected = ended(alone)
    assert len(expected["crossings"]) == 7 and all(row[20] is not None for row in expected["crossings"])
    assert ended(together) == expected
    assert ended(halves) == expected
    for store in (alone, together, halves):
        store.close()


def test_a_crossing_that_comes_with_its_outcome_is_written_once(small):
    journal = Journal(1)
    for number in range(40):  # more than go into one statement
        seq = journal.crossing(MORNING_S + 600 * number, CARD, number % 2)
        journal.outcome(MORNING_S + 600 * number + 5, seq, record.ADMITTED)
    small._conn.execute(
        "CREATE TEMP TRIGGER once BEFORE UPDATE ON crossings BEGIN SELECT raise(ABORT, 'a second time'); END"
    )
    [taken] = Intake(small).take([journal.run()], NOW_S)
    assert (taken.new, len(taken.rulings)) == (80, 40)
    rows = small._conn.execute("SELECT outcome, outcome_seq, verdict FROM crossings ORDER BY seq").fetchall()
    assert [row[:2] for row in rows] == [(record.ADMITTED, 2 * number + 2) for number in range(40)]
    assert [row[2] for row in rows] == [PERMITTED, PERMITTED] + [REFER, PERMITTED] * 19
