"""Knowledge: one rising revision, equal rows change nothing, gateways hear of changes, late ones judge again."""

import threading
import time

import pytest

from gateway.central.api.gateways import MAX_WAIT_S
from tests.central.conftest import A1, CARD

MONDAY_S = 1_792_962_000
UID = CARD["card_uid"]


def changes(centre, after=0, wait=0, role="gateway"):
    return centre.good(role, "GET", "/v1/changes", params={"after": after, "wait": wait})


def bring(centre, **rows):
    return centre.good("gateway", "POST", "/v1/imports", json=rows)


def test_equal_rows_change_nothing(small):
    revision = changes(small)["revision"]
    assert bring(small, applications=[A1], cards=[CARD]) == {"changed": 0, "revision": revision}
    assert bring(small, applications=[A1 | {"entries": 2}], cards=[CARD]) == {"changed": 1, "revision": revision + 1}
    assert bring(small, applications=[A1]) == {"changed": 1, "revision": revision + 2}


def test_a_gateway_hears_what_changed_and_only_of_its_own_boards(small):
    mine = small.add_board("ONS")
    theirs = {"crossing_point": "ONS", "gateway": "other", "link_key": "c" * 32}
    small.good("admin", "POST", "/v1/boards", json=theirs)
    found = changes(small)
    kinds = [name for change in found["changes"] for name in change if name != "revision"]
    assert kinds == ["crossing_point", "policy", "application", "card", "board"] and not found["more"]
    assert found["changes"][-1]["board"]["board"] == mine.number and found["revision"] == 6
    assert len(changes(small, role="admin")["changes"]) == 6
    nothing = changes(small, after=6)
    assert (nothing["changes"], nothing["revision"], nothing["more"]) == ([], 6, False)


@pytest.mark.both_stores
def test_more_changes_than_a_page_come_in_pages(small):
    for first in (0, 500, 1000):
        bring(small, applications=[A1 | {"application_id": f"B{at}"} for at in range(first, first + 500)])
    page = changes(small)
    assert len(page["changes"]) == 1000 and page["more"]
    rest = changes(small, after=page["revision"])
    assert len(rest["changes"]) == 504 and not rest["more"]


@pytest.mark.both_stores
def test_a_long_poll_is_woken_by_a_change(small):
    after = changes(small)["revision"]
    found, started = {}, time.monotonic()

    def wait():
        found.update(changes(small, after=after, wait=MAX_WAIT_S))
        found["after_s"] = time.monotonic() - started

    waiting = threading.Thread(target=wait)
    waiting.start()
    bring(small, cards=[CARD | {"status": "lost"}])
    waiting.join()
    assert found["changes"][0]["card"]["status"] == "lost" and found["after_s"] < MAX_WAIT_S


def test_a_long_poll_without_a_change_ends_with_its_time(small):
    after = changes(small)["revision"]
    nothing = changes(small, after=after, wait=0.05)
    assert (nothing["changes"], nothing["revision"], nothing["more"]) == ([], after, False)


def test_registering_a_board_again_gives_the_same_board(small):
    body = {"crossing_point": "ONS", "lane": "2", "gateway": "gw", "link_key": "d" * 32}
    first = small.good("admin", "POST", "/v1/boards", json=body)
    assert small.good("admin", "POST", "/v1/boards", json=body) == first
    moved = small.good("admin", "POST", "/v1/boards", json=body | {"gateway": "other"})
    assert moved == first | {"gateway": "other"}
    taken = small.call("admin", "POST", "/v1/boards", json=body | {"lane": "3"})
    assert taken.status_code == 409 and taken.json()["type"] == "urn:checkpost:problem:link-key-in-use"


@pytest.mark.both_stores
def test_late_knowledge_judges_again_what_it_touches(small):
    board = small.add_board("ONS")
    unknown = "04000000000002"
    board.crossing(MONDAY_S, UID)
    board.crossing(MONDAY_S + 86400, UID)  # a second entry of a permit with one
    board.crossing(MONDAY_S + 90000, unknown)
    small.take(board.run())
    assert [row["reasons"] for row in small.crossings()] == [[], ["entries-exhausted"], ["unknown-card"]]
    bring(small, applications=[A1 | {"entries": 2}])
    assert [(row["seq"], row["verdict"]) for row in small.crossings()] == [
        (1, "permitted"),
        (3, "refer"),
        (2, "permitted"),
    ]
    bring(small, cards=[{"card_uid": unknown, "application_id": "A1", "status": "active"}])
    late = small.crossings()[-1]
    assert (late["seq"], late["permit"], late["reasons"]) == (3, "A1", ["entries-exhausted"])
    bring(small, cards=[CARD | {"status": "stolen", "blocked_from": MONDAY_S + 3600}])
    assert [(row["seq"], row["reasons"]) for row in small.crossings()] == [
        (1, []),
        (2, ["card-blocked"]),
        (3, []),
    ]


@pytest.mark.both_stores
def test_a_card_that_moves_to_another_permit_judges_both_again(small):
    board = small.add_board("ONS")
    second = CARD | {"card_uid": "04000000000002"}
    bring(small, applications=[A1 | {"application_id": "A2"}], cards=[second])
    board.crossing(MONDAY_S, UID)
    board.crossing(MONDAY_S + 3600, second["card_uid"])
    small.take(board.run())
    assert [row["verdict"] for row in small.crossings()] == ["permitted", "refer"]
    bring(small, cards=[second | {"application_id": "A2"}])
    assert [(row["permit"], row["verdict"]) for row in small.crossings()] == [("A1", "permitted"), ("A2", "permitted")]
    table = small.good("office", "GET", "/v1/table")
    assert table["by_crossing_point"] == {"ONS": {"permitted": 2, "reasons": {}}}


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ({"applications": [A1, A1 | {"valid_from": "2026-02-30"}]}, "#/applications/1/valid_from"),
        ({"cards": [CARD | {"card_uid": "xyz"}]}, "#/cards/0/card_uid"),
        ({"applications": [A1 | {"nationality": "x"}]}, "#/applications/0/nationality"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_changed(small, rows, pointer):
    before = changes(small)
    refused = small.call("gateway", "POST", "/v1/imports", json=rows)
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == pointer
    assert changes(small) == before


def test_a_policy_judges_nothing_by_itself_and_a_past_only_with_what_touches_its_permit(small):
    board = small.add_board("ONS")
    board.crossing(MONDAY_S, UID)
    second = board.crossing(MONDAY_S + 86400, UID)  # a second entry of a permit with one
    small.take(board.run())
    mild = {"assurance": "uid", "lenient": ["entries-exhausted"], "version": 2}
    small.good("admin", "PUT", "/v1/policy", json=mild)
    assert [row["verdict"] for row in small.crossings()] == ["permitted", "refer"]
    board.crossing(MONDAY_S + 2 * 86400, UID)
    small.take(board.run(second + 1))
    assert [row["verdict"] for row in sorted(small.crossings(), key=lambda row: row["seq"])] == ["permitted"] * 3


def test_a_policy_with_an_unknown_reason_is_refused(small):
    refused = small.call("admin", "PUT", "/v1/policy", json={"lenient": ["bad-mood"]})
    assert refused.status_code == 422 and "bad-mood" in refused.json()["detail"]
    small.good("admin", "PUT", "/v1/policy", json={"assurance": "uid", "lenient": ["entries-exhausted"], "version": 2})
