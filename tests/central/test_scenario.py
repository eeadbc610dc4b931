"""The whole scenario through the interface: the end is the same whichever way the records travelled."""

import random

import pytest

from tests.central import support


def verdicts(centre, keys):
    held = {(row["board"], row["seq"]): row for row in centre.crossings()}
    assert len(held) == len(keys)
    return [(row["verdict"], row["reasons"], row["notes"]) for row in (held[key] for key in keys)]


@pytest.mark.parametrize("way", ["as they happened", "board by board", "last board first, permits last"])
def test_final_verdicts_do_not_depend_on_the_way(centre, way):
    centre.know_points()
    boards, spans, keys = support.written(centre)
    if way == "as they happened":
        centre.know_permits()
        batches = support.in_tap_order(boards, spans, 25)
    else:
        order = sorted(boards.values(), key=lambda board: board.number, reverse="last" in way)
        batches = support.board_by_board(order)
    for runs in batches:
        centre.take(*runs)
    centre.know_permits()
    assert verdicts(centre, keys) == support.expected()
    assert centre.good("office", "GET", "/v1/table") == support.expected_table()


def test_shuffled_and_repeated_batches_end_the_same(centre):
    centre.know_points()
    centre.know_permits()
    boards, _, keys = support.written(centre)
    chance = random.Random(7)
    next_seq = dict.fromkeys(boards, 1)
    while open_points := [point for point in boards if next_seq[point] <= len(boards[point].raws)]:
        point = chance.choice(open_points)
        first = max(1, next_seq[point] - chance.randrange(0, 60))  # overlaps what is held
        last = min(len(boards[point].raws), next_seq[point] + chance.randrange(40, 300))
        reply = centre.take(boards[point].run(first, last))
        assert reply["held"][0]["seq"] == last
        next_seq[point] = last + 1
    assert verdicts(centre, keys) == support.expected()
    assert centre.good("office", "GET", "/v1/table") == support.expected_table()


def test_a_reader_of_the_feed_sees_each_position_once_and_ends_at_the_current_state(centre):
    centre.know_points()
    centre.know_permits()
    boards, _, _ = support.written(centre)
    seen, after = [], 0
    for runs in support.board_by_board(list(boards.values())):
        centre.take(*runs)
        page = centre.good("office", "GET", "/v1/feed", params={"after": after, "limit": 700})
        seen += page["crossings"]
        after = page["position"]
    while page["more"]:
        page = centre.good("office", "GET", "/v1/feed", params={"after": after, "limit": 700})
        seen += page["crossings"]
        after = page["position"]
    positions = [row["position"] for row in seen]
    assert positions == sorted(set(positions)) and len(positions) > len(support.expected())
    latest = {(row["board"], row["epoch"], row["seq"]): row for row in seen}
    assert sorted(latest.values(), key=lambda row: row["position"]) == centre.crossings()
