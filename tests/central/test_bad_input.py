"""What no gateway, board or page could make sense of is refused by its field, and leaves everything as it was."""

import pytest
from sqlalchemy import select

from gateway.central.store.tables import METADATA
from tests.central.support import Centre

POINT = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}
MILLISECONDS = 1_793_000_000_000  # what a program gives that counts in them: boards have 32 bits for seconds
APPLICATION = {"application_id": "A1", "decision": "withdrawn"}
CARD = {"card_uid": "04000000000001", "application_id": "A1", "status": "lost"}
JSON = {"content-type": "application/json"}

CASES = {
    "a zone that is none": ("PUT", "/v1/crossing-points/ONS", POINT | {"time_zone": "Nowhere/City"}, "#/time_zone"),
    "a path as zone": ("PUT", "/v1/crossing-points/ONS", POINT | {"time_zone": "../../etc/passwd"}, "#/time_zone"),
    "an offset of minutes": ("PUT", "/v1/crossing-points/ONS", POINT | {"time_zone": "+09:07"}, "#/time_zone"),
    "a name without end": ("PUT", "/v1/crossing-points/ONS", POINT | {"name": "O" * 201}, "#/name"),
    "a policy's number": ("PUT", "/v1/policy", {"version": 1 << 32}, "#/version"),
    "a roster's age": ("PUT", "/v1/policy", {"roster_max_age_s": 1 << 32}, "#/roster_max_age_s"),
    "an unsure clock": ("PUT", "/v1/policy", {"clock_max_uncertainty_s": 1 << 32}, "#/clock_max_uncertainty_s"),
    "a withdrawal in milliseconds": (
        "POST",
        "/v1/imports",
        {"applications": [APPLICATION | {"withdrawn_from": MILLISECONDS}]},
        "#/applications/0/withdrawn_from",
    ),
    "a block before all time": (
        "POST",
        "/v1/imports",
        {"cards": [CARD | {"blocked_from": -1}]},
        "#/cards/0/blocked_from",
    ),
    "a block in milliseconds": (
        "POST",
        f"/v1/cards/{CARD['card_uid']}/block",
        {"status": "lost", "blocked_from": MILLISECONDS},
        "#/blocked_from",
    ),
    "a purpose without end": (
        "POST",
        "/v1/imports",
        {"applications": [APPLICATION | {"purpose": "x" * 1001}]},
        "#/applications/0/purpose",
    ),
    **{
        f"{value!r} as a whole number": (
            "POST",
            "/v1/imports",
            {"applications": [APPLICATION | {"entries": value}]},
            "#/applications/0/entries",
        )
        for value in ("3", True, 1.0)
    },
    "a number in a policy as text": ("PUT", "/v1/policy", {"version": "1"}, "#/version"),
    "a page before none": ("GET", "/v1/reports?before=99999999999999999999", None, "query: before"),
}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """One centre for every case, since none changes it."""
    made = Centre(tmp_path_factory.mktemp("one"))
    with made.http:
        made.good("admin", "PUT", "/v1/crossing-points/ONS", json=POINT)
        made.good("office", "POST", "/v1/imports", json={"applications": [APPLICATION], "cards": [CARD]})
        yield made
    made.store.close()


def held(centre):
    """Everything that a centre holds."""
    with centre.store.read() as transaction:
        connection = transaction.tree._connection
        return {table.name: connection.execute(select(table)).all() for table in METADATA.sorted_tables}


@pytest.mark.parametrize("what", CASES)
def test_it_is_refused_by_its_field(one, what):
    method, path, body, where = CASES[what]
    before = held(one)
    refused = one.call("admin", method, path, json=body)
    assert refused.status_code == 422 and refused.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in refused.json()["errors"]] == [where]
    assert held(one) == before


@pytest.mark.parametrize("zone", ["Asia/Pyongyang", "UTC", "+09:00", "-03:30"])
def test_zones_as_gateways_read_them_are_taken(one, zone):
    assert one.good("admin", "PUT", "/v1/crossing-points/ONS", json=POINT | {"time_zone": zone})["time_zone"] == zone


def test_a_body_that_is_no_json_is_said_with_the_place(one):
    refused = one.call("admin", "PUT", "/v1/policy", content=b'{"version": 1,}', headers=JSON)
    [error] = refused.json()["errors"]
    assert error["pointer"] == "#" and "at character 14" in error["detail"]


def test_a_cosigned_checkpoint_that_is_none_is_named(one):
    refused = one.call("admin", "POST", "/v1/log/cosignatures", content=b"x", headers={"content-type": "text/plain"})
    assert refused.status_code == 422 and [error["pointer"] for error in refused.json()["errors"]] == ["#"]
