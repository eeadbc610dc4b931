"""Crossings of a board that had no time, at the centre: given out again when they have one, as the gateway has it."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpost import record
from gateway.intake.records import Intake
from tests.central import support
from tests.gateway.support import NOW_S, Journal, fresh_store
from tests.support.clocks import LostClocks, rows_of_records, written

CARD = "04000000000001"
MORNING_S = 1_792_800_000


def run(journal, first=1, last=None):
    """Return records of a journal as a run of a batch."""
    last = len(journal.records) if last is None else last
    texts = [raw.hex() for raw in journal.records[first - 1 : last]]
    place = {"board": journal.board, "epoch": journal.epoch, "first_seq": first}
    return place | {"records": texts, "head": journal.heads[last].hex()}


def lost_clock(journal):
    journal.boot()
    seq = journal.crossing(40, CARD, trust=record.UNSET)
    journal.outcome(45, seq, record.ADMITTED, trust=record.UNSET)
    return seq


@pytest.mark.both_stores
def test_a_crossing_is_given_out_again_with_its_time(small):
    journal = Journal(small.add_board("ONS").number)
    seq = lost_clock(journal)
    small.take(run(journal))
    (before,) = small.crossings()
    assert (before["clock"], before["verdict"], before["reasons"]) == ("unset", "unverifiable", ["clock-untrusted"])
    assert small.good("office", "GET", "/v1/table")["by_crossing_point"]["ONS"]["unverifiable"] == 1
    journal.clock_set(MORNING_S, 100)
    small.take(run(journal, 4))
    (after,) = small.crossings()
    assert after["position"] > before["position"]
    assert (after["clock"], after["verdict"], after["reasons"]) == ("anchored", "permitted", [])
    assert (after["utc"], after["local_time"]) == ("2026-10-23T23:59:00Z", "2026-10-24T08:59:00+09:00")
    assert [row["seq"] for row in small.crossings("/v1/feed")] == [seq, seq]
    table = small.good("office", "GET", "/v1/table")["by_crossing_point"]["ONS"]
    assert (table["permitted"], table.get("unverifiable", 0)) == (1, 0)
    with small.store.read() as transaction:
        assert transaction.log.records(journal.board, 1, 1, 9) == journal.records


@pytest.mark.both_stores
def test_what_else_the_anchored_time_touches_is_judged_again(small):
    """One entry was granted; the one that was made first counts, though its time came last."""
    journal = Journal(small.add_board("ONS").number)
    other = Journal(small.good("admin", "POST", "/v1/boards", json=lane("2"))["board"])
    seq = lost_clock(journal)
    journal.boot()  # the first start never gets a time, so it stands before all that has one
    second = lost_clock(journal)
    third = other.crossing(MORNING_S - 500, CARD)
    for order in (journal, other):
        small.take(run(order))
    journal.clock_set(MORNING_S, 100)
    small.take(run(journal, second + 2))
    verdicts = {(row["board"], row["seq"]): (row["verdict"], row["reasons"]) for row in small.crossings()}
    assert verdicts == {
        (journal.board, seq): ("unverifiable", ["clock-untrusted"]),
        (other.board, third): ("refer", ["entries-exhausted"]),
        (journal.board, second): ("refer", ["entries-exhausted"]),
    }


def lane(name):
    return {"crossing_point": "ONS", "lane": name, "gateway": support.GATEWAY_NAME, "link_key": f"{int(name):032x}"}


def shown(centre):
    return sorted(tuple(str(value) for key, value in row.items() if key != "position") for row in centre.crossings())


@pytest.mark.parametrize("entry_first", [True, False])
def test_the_order_in_which_boards_arrive_changes_nothing(small, entry_first):
    entry = Journal(small.add_board("ONS").number)
    exit = Journal(small.good("admin", "POST", "/v1/boards", json=lane("2"))["board"])
    lost_clock(entry)
    entry.clock_set(MORNING_S, 100)
    left = exit.crossing(MORNING_S + 500, CARD, direction=1)
    parts = [run(entry, 1, 3), run(entry, 4)]
    for part in [*parts, run(exit)] if entry_first else [run(exit), *parts]:
        small.take(part)
    found = {row["board"]: (row["clock"], row["verdict"], row["notes"]) for row in small.crossings()}
    assert found == {entry.board: ("anchored", "permitted", []), exit.board: ("synced", "permitted", [])}
    assert left == 1


def moments(centre, journal):
    with centre.store.read() as transaction:
        states = sorted(transaction.crossings.between(journal.board, 1, 1, 99), key=lambda state: state.seq)
    return [(state.seq, state.order_utc_s, state.utc_s, state.trust, state.uncertainty) for state in states]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=rows_of_records, cuts=st.sets(st.integers(1, 13)), together=st.booleans())
def test_centre_and_gateway_come_to_the_same_times(small, tmp_path, drawn, cuts, together):
    number = small.good("admin", "POST", "/v1/boards", json=lane(str(len(small.log) + 10)))["board"]
    small.log.append(number)
    journal = written(drawn, 1)
    journal = moved(journal, number)
    ends = [0, *sorted(at for at in cuts if at < len(drawn)), len(drawn)]
    runs = [run(journal, first + 1, last) for first, last in pairwise(ends)]
    if together:
        small.take(*runs)
    else:
        for one in runs:
            small.take(one)
    store = small.gateway_store
    Intake(store).take([journal.run()], NOW_S)
    rows = store._conn.execute(
        "SELECT seq, order_s, utc_s, trust, uncertainty FROM crossings WHERE board = ? ORDER BY seq", (number,)
    ).fetchall()
    assert moments(small, journal) == rows


def moved(journal, board):
    """Return the same records as another board's."""
    other = Journal(board)
    for raw in journal.records:
        head = record.unpack(raw)
        other.append(head.kind, head.seconds, head.body, head.trust)
    return other


@pytest.fixture
def small(small, tmp_path):
    """The small centre, and a gateway's store beside it."""
    small.log = []
    small.gateway_store = fresh_store(tmp_path / "gateway")
    yield small
    small.gateway_store.close()


@pytest.mark.timeout(300)
def test_the_whole_scenario_ends_the_same_when_boards_lose_their_clocks(centre):
    lost = LostClocks()
    lost.end()
    centre.know_points()
    centre.know_permits()
    assert {code: centre.add_board(code).number for code in lost.boards} == lost.boards
    for journal in reversed(lost.journals.values()):
        for first in range(1, len(journal.records) + 1, 200):
            centre.take(run(journal, first, min(first + 199, len(journal.records))))
    held = {(row["board"], row["seq"]): row for row in centre.crossings()}
    found = [held[board, seq] for board, _, seq in lost.key_of_tap.values()]
    assert [(row["verdict"], row["reasons"], row["notes"]) for row in found] == support.expected()
    assert centre.good("office", "GET", "/v1/table") == support.expected_table()
    assert {row["clock"] for row in found} == {"anchored", "synced"}
