"""Who may do what; errors are problem documents; tokens are stored as hashes."""

import re

import pytest
from structlog.testing import capture_logs

from gateway.central.cases.persons import Persons
from gateway.central.store import StoreError
from gateway.central.store.tables import PEOPLE
from tests.central.support import Centre

CALLS = {
    ("PUT", "/v1/crossing-points/ONS"): {"admin"},
    ("PUT", "/v1/policy"): {"admin"},
    ("POST", "/v1/gateways"): {"admin"},
    ("POST", "/v1/boards"): {"admin"},
    ("POST", "/v1/boards/1/epochs"): {"admin"},
    ("GET", "/v1/centre-keys"): {"admin", "office", "gateway"},
    ("PUT", "/v1/sealing-key"): {"gateway"},
    ("POST", "/v1/vouchers"): {"admin"},
    ("GET", "/v1/vouchers"): {"admin"},
    ("DELETE", "/v1/vouchers/" + "a1" * 32): {"admin"},
    ("POST", "/v1/board-enrolments"): {"gateway"},
    ("POST", "/v1/imports"): {"admin", "office", "gateway"},
    ("POST", "/v1/batches"): {"gateway"},
    ("GET", "/v1/changes"): {"admin", "gateway"},
    ("GET", "/v1/held"): {"admin", "office", "gateway"},
    ("GET", "/v1/feed"): {"admin", "office"},
    ("GET", "/v1/crossings"): {"admin", "office"},
    ("GET", "/v1/table"): {"admin", "office"},
    ("GET", "/v1/crossings/1/1/1"): {"admin", "office"},
    ("GET", "/v1/exports/crossings.csv"): {"admin", "office"},
    ("GET", "/v1/statistics"): {"admin", "office"},
    ("GET", "/metrics"): {"admin", "office"},
    ("DELETE", "/v1/sessions"): {"admin", "office", "gateway"},
    ("POST", "/v1/tokens"): {"admin", "office", "gateway"},
    ("GET", "/v1/people"): {"admin"},
    ("PUT", "/v1/people/ONS"): {"admin"},
    ("DELETE", "/v1/people/ONS"): {"admin"},
    ("POST", "/v1/gateways/ONS/codes"): {"admin"},
    ("GET", "/v1/reads"): {"admin"},
    ("GET", "/v1/log/checkpoint"): {"admin", "office"},
    ("GET", "/v1/log/key"): {"admin", "office"},
    ("GET", "/v1/log/leaves"): {"admin", "office"},
    ("GET", "/v1/log/standing"): {"admin", "office"},
    ("GET", "/v1/log/inclusion"): {"admin", "office"},
    ("GET", "/v1/log/consistency"): {"admin", "office"},
    ("PUT", "/v1/log/cosigners/ONS"): {"admin"},
    ("POST", "/v1/log/cosignatures"): {"admin", "office"},
    ("POST", "/v1/desks"): {"admin"},
    ("PUT", "/v1/cards/04A1B2C3D4E580"): {"admin"},
    ("POST", "/v1/cards/04A1B2C3D4E580/keys"): {"admin"},
    ("POST", "/v1/cards/04A1B2C3D4E580/issued"): {"admin"},
    ("POST", "/v1/cards/04A1B2C3D4E580/block"): {"admin", "office"},
    ("POST", "/v1/cards/04A1B2C3D4E580/replacement"): {"admin"},
    ("POST", "/v1/zones/north/key-versions"): {"admin"},
    ("GET", "/v1/zone-keys"): {"gateway"},
    ("GET", "/v1/reviews"): {"admin", "office"},
    ("GET", "/v1/reviews/steps"): {"admin", "office"},
    ("POST", "/v1/reviews/steps"): {"gateway"},
    ("GET", "/v1/reviews/1"): {"admin", "office"},
    ("POST", "/v1/reviews/1/take"): set(),
    ("POST", "/v1/reviews/1/statements"): set(),
    ("POST", "/v1/reviews/1/disposition"): set(),
    ("POST", "/v1/reviews/1/confirmation"): set(),
    ("POST", "/v1/reviews/1/appeals"): set(),
    ("DELETE", "/v1/persons/1/cases/1"): {"admin"},
    ("GET", "/v1/applications"): {"admin", "office"},
    ("GET", "/v1/applications/1"): {"admin", "office"},
    ("GET", "/v1/applications/1/letter"): {"admin", "office"},
    ("GET", "/v1/contracts"): {"admin", "office"},
    ("GET", "/v1/contracts/1"): {"admin", "office"},
    ("GET", "/v1/contracts/1/certificate"): {"admin", "office"},
    ("GET", "/v1/erasures"): {"admin", "office"},
    ("GET", "/v1/exchange/batches"): {"admin", "office"},
    ("GET", "/v1/exchange/batches/1/file"): {"admin", "office"},
    ("GET", "/v1/exchange/cases"): {"admin", "office"},
    ("GET", "/v1/exchange/cases/1"): {"admin", "office"},
    ("GET", "/v1/exchange/figures"): {"admin", "office"},
    ("GET", "/v1/exchange/reminders"): {"admin", "office"},
    ("GET", "/v1/figures/applications"): {"admin", "office"},
    ("GET", "/v1/figures/programmes"): {"admin", "office"},
    ("GET", "/v1/persons"): {"admin", "office"},
    ("GET", "/v1/persons/1"): {"admin", "office"},
    ("GET", "/v1/programmes/1"): {"admin", "office"},
    ("GET", "/v1/reception/figures"): {"admin", "office"},
    ("GET", "/v1/report"): {"admin", "office"},
    ("GET", "/v1/reports"): {"admin", "office"},
    ("POST", "/v1/reports"): {"admin", "office"},
    ("GET", "/v1/settlements/1"): {"admin", "office"},
    ("GET", "/v1/stations"): {"admin", "office"},
    ("GET", "/v1/stays"): {"admin", "office"},
    ("GET", "/v1/stays/1"): {"admin", "office"},
    ("POST", "/v1/access"): {"admin", "office"},
    ("POST", "/v1/applications/1/corrections"): {"admin", "office"},
    ("POST", "/v1/applications/1/decision"): {"admin"},
    ("POST", "/v1/applications/1/withdrawal"): {"admin"},
    ("POST", "/v1/applications/csv"): {"admin", "office"},
    ("POST", "/v1/arrivals"): {"admin", "office"},
    ("POST", "/v1/contracts/1/cancellation"): {"admin"},
    ("GET", "/v1/files/1"): {"admin", "office"},
    ("POST", "/v1/files/1"): {"admin", "office"},
    ("POST", "/v1/contracts/1/health-check"): {"admin"},
    ("POST", "/v1/crossings/1/1/1/corrections"): {"admin", "office"},
    ("POST", "/v1/diplomas/1/verification"): {"admin"},
    ("POST", "/v1/erasures"): {"admin", "office"},
    ("POST", "/v1/erasures/1/approval"): {"admin", "office"},
    ("POST", "/v1/erasures/1/refusal"): {"admin", "office"},
    ("POST", "/v1/exchange/answers/csv"): {"admin", "office"},
    ("POST", "/v1/exchange/answers/json"): {"admin", "office"},
    ("POST", "/v1/exchange/batches"): {"admin", "office"},
    ("POST", "/v1/exchange/cases/1/closing"): {"admin", "office"},
    ("POST", "/v1/exchange/cases/1/messages"): {"admin", "office"},
    ("POST", "/v1/exchange/cases/1/messages/1/approval"): {"admin", "office"},
    ("POST", "/v1/exchange/cases/1/reminders"): {"admin", "office"},
    ("POST", "/v1/retention"): {"admin", "office"},
    ("POST", "/v1/settlements/1/closure"): {"admin"},
    ("POST", "/v1/stays/1/departure"): {"admin"},
    ("POST", "/v1/stays/1/release"): {"admin"},
    ("POST", "/v1/stays/1/retraction"): {"admin"},
    ("PUT", "/v1/applications/1"): {"admin", "office"},
    ("PUT", "/v1/contracts/1"): {"admin", "office"},
    ("PUT", "/v1/contracts/1/certificate"): {"admin", "office"},
    ("PUT", "/v1/costs/1"): {"admin", "office"},
    ("PUT", "/v1/diplomas/1"): {"admin", "office"},
    ("PUT", "/v1/exchange/cases/1"): {"admin", "office"},
    ("PUT", "/v1/persons/1"): {"admin", "office"},
    ("PUT", "/v1/persons/1/cases/1"): {"admin"},
    ("PUT", "/v1/programmes/1/1"): {"admin"},
    ("PUT", "/v1/stations/ONS"): {"admin"},
    ("PUT", "/v1/stays/1"): {"admin", "office"},
    ("PUT", "/v1/stays/1/checks"): {"admin"},
    ("PUT", "/v1/stays/1/permit"): {"admin"},
    ("PUT", "/v1/travel-passes/1"): {"admin"},
}

PLACES = re.compile(r"\{\w+\}")
FILLED = {
    "{code}": "ONS",
    "{name}": "ONS",
    "{form}": "csv",
    "{uid}": "04A1B2C3D4E580",
    "{zone}": "north",
    "{technician}": "a1" * 32,
}


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code and {"type", "title", "detail"} <= set(body)
    return body["type"].rsplit(":", 1)[1]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """One centre for the whole table: it knows nothing, so that no call of it finds what it names."""
    made = Centre(tmp_path_factory.mktemp("empty"))
    with made.http:
        yield made
    made.store.close()


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_each_call_needs_its_role(empty, method, path):
    for role in ("admin", "office", "gateway"):
        answer = empty.call(role, method, path, json={})
        if role in CALLS[method, path]:  # some may be asked for by a person in that role only
            assert answer.status_code not in (401, 403) or problem(answer) == "needs-a-person"
        else:
            assert (answer.status_code, problem(answer)) == (403, "wrong-role")
    assert problem(empty.call("", method, path, json={})) == "no-access"
    wrong = empty.http.request(method, path, json={}, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401 and wrong.headers["www-authenticate"] == "Bearer"


def test_every_call_of_the_interface_is_in_that_table(centre):
    found = {
        (method.upper(), PLACES.sub(lambda place: FILLED.get(place[0], "1"), path))
        for path, methods in centre.http.get("/openapi.json").json()["paths"].items()
        for method in methods
    }
    assert found == set(CALLS) | {("GET", "/healthz"), ("POST", "/v1/sessions"), ("POST", "/v1/enrolments")}


def test_a_gateway_enrolled_again_has_a_new_token_and_the_old_one_ends(centre):
    old = centre.tokens["gateway"]
    centre.tokens["gateway"] = centre.good("admin", "POST", "/v1/gateways", json={"name": "gw"})["token"]
    centre.good("gateway", "GET", "/v1/changes")
    assert centre.http.get("/v1/changes", headers={"Authorization": f"Bearer {old}"}).status_code == 401


def test_tokens_are_stored_as_hashes_only(centre):
    raw = b"".join(path.read_bytes() for path in centre.data.glob("central.db*"))
    assert all(token.encode() not in raw for token in centre.tokens.values())


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/v1/table", {}, 405),
        ("GET", "/v1/feed?after=-1", {}, 422),
        ("GET", "/v1/feed?limit=100000", {}, 422),
        ("GET", "/v1/table?of=yesterday", {}, 422),  # a parameter that it does not know
        ("GET", "/v1/feed?after=1&after=2", {}, 422),
        ("POST", "/v1/imports", {"content": b"{"}, 422),
        ("POST", "/v1/imports", {"json": {"cards": [{}] * 501}}, 422),
        ("POST", "/v1/imports", {"content": b"x" * (5 << 20)}, 413),
        ("PUT", "/v1/crossing-points/AAA", {"json": {"code": "B", "name": "B", "kind": "border", "zone": "z"}}, 422),
        ("POST", "/v1/boards", {"json": {"crossing_point": "NO", "gateway": "g", "link_key": "a" * 32}}, 422),
        ("POST", "/v1/boards/9/epochs", {}, 404),
    ],
)
def test_errors_are_problem_documents(centre, method, path, more, status):
    answer = centre.call("admin", method, path, **more)
    assert answer.status_code == status, answer.text
    assert problem(answer)


def test_a_store_that_fails_is_a_problem_and_not_a_trace(centre):
    with centre.store.write() as transaction:
        transaction.tokens._connection.exec_driver_sql("DROP TABLE tally")
    answer = centre.call("office", "GET", "/v1/table")
    assert (answer.status_code, problem(answer)) == (503, "store-unavailable")
    assert "tally" not in answer.text


@pytest.mark.both_stores
def test_what_is_logged_of_a_failure_names_nobody(centre, monkeypatch):
    row = {"name": "R-SUNHEE-9", "role": "clerk", "password": "x"}
    with pytest.raises(StoreError) as failed, centre.store.write() as transaction:
        for _ in range(2):
            transaction.people._connection.execute(PEOPLE.insert(), row)
    assert "SUNHEE" not in str(failed.value) and "SUNHEE" not in str(failed.value.__cause__).split("DETAIL")[0]
    monkeypatch.setattr(Persons, "read", lambda *_: 1 / 0)
    with capture_logs() as logged:
        assert centre.call("admin", "GET", "/v1/persons/R-SUNHEE-9").status_code == 500
    (said,) = logged
    assert said["path"] == "/v1/persons/{reference}" and "SUNHEE" not in str(said)


@pytest.fixture
def public(tmp_path, database):
    made = Centre(tmp_path, open_page=False, database=database)
    with made.http:
        yield made
    made.store.close()


def test_beyond_loopback_the_page_asks_for_the_office_token(public):
    http = public.http
    assert http.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert problem(http.get("/v1/events")) == "no-access"
    for wrong in ("", "x", public.tokens["gateway"]):
        failed = http.post("/sign-in", data={"token": wrong})
        assert failed.status_code == 403 and "not an office token" in failed.text and not http.cookies
    welcome = http.post("/sign-in", data={"token": public.tokens["office"]}, follow_redirects=False)
    assert welcome.headers["location"] == "/" and "HttpOnly" in welcome.headers["set-cookie"]
    assert public.tokens["office"] not in welcome.headers["set-cookie"]
    assert "By crossing point" in http.get("/").text
    assert problem(http.get("/v1/feed")) == "no-access"  # a browser's session is no token
    session = http.cookies["checkpost"]
    http.post("/sign-out")
    http.cookies.set("checkpost", session)
    assert http.get("/", follow_redirects=False).status_code == 303


def test_a_foreign_name_for_this_machine_is_not_this_machine(centre):
    assert centre.http.get("/").status_code == 200
    assert centre.http.get("/", headers={"host": "evil.example"}, follow_redirects=False).status_code == 303
