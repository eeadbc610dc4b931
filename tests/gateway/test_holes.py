"""A record that cannot be read: what a gateway does with the histories that it could belong to."""

from checkpost import record
from gateway.contract import Hole, Policy, hole_mark
from gateway.intake.explaining import explain_crossing
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, Journal, fresh_store, teach_small, verdict_of

INCOMPLETE = ("unverifiable", ["history-incomplete"], [])


def opened(folder, **permit):
    """A store that knows one permit of at most ten days a stay."""
    store = fresh_store(folder)
    teach_small(store, **{"max_stay_days": 10, "entries": None, **permit})
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)
    return store


def lost_exit():
    """An entry, a record that cannot be read (the exit), and an exit thirty days later that ends another stay."""
    journal = Journal(1)
    for day, direction, rotten in ((0, 0, False), (3, 1, True), (30, 1, False)):
        crossing = record.Crossing(bytes.fromhex(CARD), direction, 1, record.UID).pack()
        journal.append(record.CROSSING, MORNING_S + day * DAY_S, crossing, record.SYNCED, rotten)
    return journal


def test_a_lost_exit_accuses_nobody_and_explain_names_the_record(tmp_path):
    store = opened(tmp_path)
    journal = lost_exit()
    Intake(store).take([journal.run()], NOW_S)
    assert verdict_of(store, 1, 3) == INCOMPLETE
    [said] = [one for one in explain_crossing(store, (1, 1, 3), NOW_S)["rests_on"] if "cannot be read" in one]
    assert said.startswith("record 1/1/2 at ONS cannot be read: a crossing between 2026-")
    store.close()


def test_a_hole_that_comes_late_judges_again_and_settling_ends(tmp_path):
    store = opened(tmp_path)
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    journal.crossing(MORNING_S + 30 * DAY_S, CARD, 1)
    Intake(store).take([journal.run()], NOW_S)
    assert verdict_of(store, 1, 2)[0] == "refer"
    elsewhere = {"board": 9, "epoch": 1, "seq": 5, "crossing_point": "SUN"}
    hole = Hole(**elsewhere, after_s=MORNING_S + DAY_S, before_s=MORNING_S + 9 * DAY_S)
    Learning(store).take_holes([hole])
    assert settled(store) == [1]
    assert verdict_of(store, 1, 2) == INCOMPLETE
    Learning(store).take_holes([hole])
    assert settled(store) == []  # the same again is no news
    assert hole_mark([hole]) == hole_mark(Hole(**row._asdict()) for row in store.holes.told())
    Learning(store).take_holes([hole.model_copy(update={"before_s": MORNING_S - 1, "after_s": MORNING_S - 9})])
    assert settled(store) == [1]
    assert verdict_of(store, 1, 2)[0] == "refer"  # it turned out to lie before the entry
    store.close()


def settled(store):
    """Return how many were judged in each round until nothing waits."""
    rounds = []
    while count := Learning(store).settle_provisional(NOW_S):
        rounds.append(count)
    return rounds


def test_the_last_hole_of_an_epoch_ends_with_the_first_tap_of_the_next(tmp_path):
    store = opened(tmp_path)
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    body = record.Crossing(bytes.fromhex(CARD), 1, 1, record.UID).pack()
    journal.append(record.CROSSING, MORNING_S + DAY_S, body, record.SYNCED, True)
    Intake(store).take([journal.run()], NOW_S)
    [hole] = store.holes.of_border()
    assert (hole.after_s, hole.before_s) == (MORNING_S, None)
    following = Journal(1, epoch=2)
    following.crossing(MORNING_S + 5 * DAY_S, CARD)
    Intake(store).take([following.run()], NOW_S)
    [hole] = store.holes.of_border()
    assert hole.before_s == MORNING_S + 5 * DAY_S
    store.close()


def test_where_no_tap_is_a_record_beside_it_says_when(tmp_path):
    store = opened(tmp_path)
    journal = Journal(1)
    journal.clock_set(MORNING_S, 0)
    journal.append(record.FAULT, MORNING_S + 60, b"", record.SYNCED, True)
    journal.clock_set(MORNING_S + 120, MORNING_S + 120)
    Intake(store).take([journal.run()], NOW_S)
    [hole] = store.holes.of_border()
    assert (hole.after_s, hole.before_s) == (MORNING_S, MORNING_S + 120)
    store.close()
