"""The described interface: examples that work, and requests drawn from the description that find no hole in it."""

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gateway.central.openapi import EXAMPLES
from gateway.central.pace import Pace
from tests.central.support import Centre

CARD = EXAMPLES["/v1/imports", "post"]["cards"][0]["card_uid"]
EXAMPLES_EACH = int(os.environ.get("CHECKPOST_SCHEMATHESIS", "6"))  # requests a call; more: a search, by hand


@pytest.fixture(scope="module")
def described(tmp_path_factory, shared_database):
    """A centre with a point, a permit, a board and a few crossings; its roles hold one token each."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    object.__setattr__(made.app.state.parts, "pace", Pace(lambda: 0.0, burst=10**9))
    with made.http:
        made.know_points()
        board = made.add_board("ONS")
        for at in range(5):
            board.crossing(1_792_962_000 + at)
        made.take(board.run())
        for name in ("ri", "pak"):
            made.sign_in(name, "reviewer")
        yield made
    made.store.close()


NAMES = {"code": "ONS", "number": "1", "uid": CARD, "zone": "north-hamgyong", "name": "kim", "reference": "P-311"}
NAMES |= {
    "kind": "costs",
    "case": "EX-7",
    "application_id": "A-1",
    "contract_id": "C-1",
    "diploma_id": "D-1",
    "cost_id": "T-1",
}
NAMES |= {
    "year": "2027",
    "department": "textiles",
    "stay_id": "S-1",
    "case_id": "EX-7",
    "board": "1",
    "epoch": "1",
    "seq": "1",
}
SECRETS = ("/v1/enrolments", "/v1/tokens")  # of somebody else: test_people.py has them
# They need a second person, or days that have passed: test_exchange.py has them.
SECOND = ("/v1/exchange/cases/{case_id}/messages/{message}/approval", "/v1/exchange/cases/{case_id}/reminders")
SECOND += ("/v1/exchange/batches",)
SECOND += ("/v1/vouchers",)  # for a gateway that told its key: test_board_enrolment.py has it


def role_of(path):
    """Whose token a call is made with: reviews are for people, and one cannot do the other's part."""
    if path.startswith("/v1/reviews/{number}/"):
        return "pak" if path.endswith("/confirmation") else "ri"
    if path == "/v1/erasures" or path.endswith("/corrections"):
        return "ri"
    return "gateway" if path in GATEWAYS else "admin"


def send(centre, path, method, body):
    filled = path
    for name, value in NAMES.items():
        filled = filled.replace(f"{{{name}}}", value)
    if isinstance(body, str):
        return centre.call(role_of(path), method.upper(), filled, content=body, headers={"content-type": "text/csv"})
    return centre.call(role_of(path), method.upper(), filled, json=body)


@pytest.mark.parametrize(("path", "method"), [at for at in EXAMPLES if at[0] not in SECRETS + SECOND])
def test_an_example_is_taken_as_it_stands(described, path, method):
    answer = send(described, path, method, EXAMPLES[path, method])
    assert answer.is_success, answer.text


def test_the_description_is_of_openapi_3_1_and_explains_every_call(described):
    found = described.http.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    for path, calls in found["paths"].items():
        for method, call in calls.items():
            assert call.get("description"), (method, path)
            if path.startswith("/v1"):
                assert {"401", "422", "429"} <= set(call["responses"])
            for content in call.get("requestBody", {}).get("content", {}).values():
                assert "example" in content or (path, method) in WITHOUT, (method, path)


WITHOUT = {("/v1/batches", "post"), ("/v1/log/cosigners/{name}", "put"), ("/v1/log/cosignatures", "post")}
WITHOUT |= {("/v1/contracts/{contract_id}/certificate", "put"), ("/v1/board-enrolments", "post")}
GATEWAYS = ("/v1/batches", "/v1/zone-keys", "/v1/sealing-key", "/v1/board-enrolments", "/v1/reviews/steps")
# How a request is drawn: as the description wants it, and against it.
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

PARTS = 4  # of the calls, so that each has its time


@pytest.fixture(scope="module")
def operations(described):
    found = schemathesis.openapi.from_asgi("/openapi.json", described.app)
    return [one.ok() for one in found.get_all_operations()]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_drawn_requests_find_no_hole(described, operations, mode, part):
    assert len(operations) > 30
    for operation in operations[part::PARTS]:
        ask(operation, mode, {"Authorization": f"Bearer {described.tokens[role_of(operation.path)]}"})


def ask(operation, mode, headers):
    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case):
        if case.query and isinstance(case.query.get("wait"), int | float):
            case.query["wait"] = 0  # or it would wait, as it was asked to
        # A rule that no schema can say (a day in the calendar, a point that is known) is refused as not valid too.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    try:
        one()
    except Unsatisfiable:
        assert mode is MODES[1], operation.label  # a call without a parameter cannot be asked wrongly


# What comes as a whole, and what bounds it.
WHOLE = {
    "/v1/held": "board numbers, which have 16 bits",
    "/v1/vouchers": "board numbers",
    "/v1/people": "those who work here",
    "/v1/stations": "stations of a country",
    "/v1/reception/figures": "stations",
    "/v1/programmes/{year}": "departments of a year",
    "/v1/figures/programmes": "departments, and contracts of the days that were asked for",
    "/v1/figures/applications": "days that were asked for, a year at most",
    "/v1/statistics": "points and days, a year at most",
    "/v1/settlements/{year}": "currencies",
    "/v1/persons": "twenty, or a longer beginning of the name is asked for",
    "/v1/exchange/reminders": "10,000 overdue answers; each is noted as sent and is gone",
    "/v1/report": "parts of a report",
    "/v1/log/inclusion": "the height of the tree",
    "/v1/log/consistency": "the height of the tree",
}
# One thing, with what happened to it.
STORIES = ("/v1/crossings/{board}/{epoch}/{seq}", "/v1/applications/{application_id}", "/v1/contracts/{contract_id}")
STORIES += ("/v1/stays/{stay_id}", "/v1/reviews/{number}", "/v1/exchange/cases/{case_id}")


def test_every_list_goes_on_after_a_key_but_those_that_stay_short(described):
    found = described.http.get("/openapi.json").json()
    whole = set()
    for path, calls in found["paths"].items():
        call = calls.get("get", {})
        content = call.get("responses", {}).get("200", {}).get("content", {})
        for schema in (one["schema"] for one in content.values() if "$ref" in one.get("schema", {})):
            members = found["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]["properties"].values()
            listed = any('"array"' in json.dumps(member) for member in members)
            asked = {one["name"] for one in call.get("parameters", []) if one["in"] == "query"}
            if listed and not {"after", "before"} & asked:
                whole.add(path)
    assert whole == {*WHOLE, *STORIES}
