"""People, their roles and tokens; gateways that enrol with a code; every read of personal data is written down."""

import pytest
from argon2 import extract_parameters
from sqlalchemy import func, select

from gateway.central.access import Access
from gateway.central.people import TRIES
from gateway.central.problems import Problem
from gateway.central.store.tables import TOKENS
from gateway.office.client import Client, OfficeError
from tests.central.test_pull import Line

PASSWORD = "a long sentence of one's own"
WHY = {"Checkpost-Purpose": "review 7"}
MONDAY_S = 1_792_962_000


@pytest.fixture
def staffed(small):
    """A centre with a person of each role, signed in under the role's name, and two crossings."""
    for role in ("clerk", "reviewer", "auditor", "technician"):
        small.good("admin", "PUT", f"/v1/people/{role}-1", json={"role": role, "password": PASSWORD})
        session = small.good("", "POST", "/v1/sessions", json={"name": f"{role}-1", "password": PASSWORD})
        assert session["role"] == role
        small.tokens[role] = session["token"]
    board = small.add_board("ONS")
    board.crossing(MONDAY_S)
    board.crossing(MONDAY_S + 60)
    small.take(board.run())
    return small


MAY = {
    ("GET", "/v1/crossings"): {"clerk", "reviewer", "auditor"},
    ("GET", "/v1/log/leaves"): {"clerk", "reviewer", "auditor"},
    ("GET", "/v1/table"): {"clerk", "reviewer", "auditor", "technician"},
    ("GET", "/v1/log/checkpoint"): {"clerk", "reviewer", "auditor", "technician"},
    ("POST", "/v1/imports"): {"clerk"},
    ("PUT", "/v1/policy"): set(),
    ("POST", "/v1/boards"): {"technician"},
    ("POST", "/v1/gateways/x/codes"): {"technician"},
    ("GET", "/v1/reads"): {"auditor"},
    ("PUT", "/v1/people/x"): set(),
    ("POST", "/v1/batches"): set(),
}


@pytest.mark.parametrize(("method", "path"), MAY)
def test_each_role_does_its_own_work(staffed, method, path):
    for role in ("clerk", "reviewer", "auditor", "technician"):
        status = staffed.call(role, method, path, json={}, headers=WHY).status_code
        assert (status not in (401, 403)) == (role in MAY[method, path]), (role, status)


@pytest.mark.both_stores
def test_a_read_is_written_down_with_who_and_why(staffed):
    refused = staffed.call("reviewer", "GET", "/v1/crossings")
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "header: Checkpost-Purpose"
    staffed.call("reviewer", "GET", "/v1/crossings", headers=WHY)
    staffed.call("office", "GET", "/v1/feed")
    staffed.call("office", "GET", "/v1/feed", params={"after": 2})  # nothing was read
    staffed.call("clerk", "GET", "/v1/crossings/1/1/2", headers=WHY)
    assert staffed.call("clerk", "GET", "/v1/exports/crossings.csv").status_code == 422
    staffed.call("clerk", "GET", "/v1/exports/crossings.csv", headers=WHY)
    staffed.call("auditor", "GET", "/v1/log/leaves", headers=WHY)
    found = staffed.good("auditor", "GET", "/v1/reads")["reads"]
    assert [(one["name"], one["what"], one["why"], one["rows"]) for one in found] == [
        ("reviewer-1", "crossings after 0", "review 7", 2),
        ("office", "feed after 0", "the office's own pull", 2),
        ("clerk-1", "crossing 1/1/2", "review 7", 1),
        ("clerk-1", "export as csv", "review 7", 2),
        ("auditor-1", "leaves after 0", "review 7", 4),
    ]
    assert staffed.good("auditor", "GET", "/v1/reads", params={"after": 3, "limit": 1})["reads"] == found[3:4]


def test_a_person_pulls_with_a_purpose(staffed, tmp_path):
    with pytest.raises(OfficeError, match="Checkpost-Purpose"):
        list(Client("http://127.0.0.1", staffed.tokens["auditor"], Line(staffed)).pages("/v1/crossings", 0))
    (page,) = Client("http://127.0.0.1", staffed.tokens["auditor"], Line(staffed), "audit").pages("/v1/crossings", 0)
    assert len(page.rows) == 2
    assert staffed.good("auditor", "GET", "/v1/reads")["reads"][0]["why"] == "audit"


def test_a_wrong_password_says_nothing_and_is_slowed_down(staffed):
    for name in ("clerk-1", "nobody"):
        wrong = {"name": name, "password": "wrong"}
        answers = [staffed.call("", "POST", "/v1/sessions", json=wrong) for _ in range(TRIES + 1)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[-1] == 429 and int(answers[-1].headers["retry-after"]) > 0
        assert {answer.json()["detail"] for answer in answers if answer.status_code == 401} <= {
            "Name and password do not fit."
        }
    raw = b"".join(path.read_bytes() for path in staffed.data.glob("central.db*"))
    assert PASSWORD.encode() not in raw and b"$argon2id$" in raw


def test_a_token_does_what_it_is_limited_to(staffed):
    made = staffed.good("clerk", "POST", "/v1/tokens", json={"scopes": ["count"], "days": 1})
    staffed.tokens["program"] = made["token"]
    staffed.good("program", "GET", "/v1/table")
    for method, path in (("GET", "/v1/crossings"), ("POST", "/v1/imports"), ("POST", "/v1/tokens")):
        body = {"scopes": ["read"]}
        refused = staffed.call("program", method, path, json=body, headers=WHY)
        assert refused.status_code == 403, path
    assert staffed.call("office", "POST", "/v1/tokens", json={"scopes": ["read"]}).status_code == 403


@pytest.mark.both_stores
def test_who_signs_out_or_is_removed_is_out(staffed):
    assert staffed.call("office", "DELETE", "/v1/sessions").status_code == 409
    assert staffed.call("clerk", "DELETE", "/v1/sessions").status_code == 204
    assert staffed.call("clerk", "GET", "/v1/table").status_code == 401
    assert staffed.call("admin", "DELETE", "/v1/people/auditor-1").status_code == 204
    assert staffed.call("admin", "DELETE", "/v1/people/auditor-1").status_code == 404
    assert staffed.call("auditor", "GET", "/v1/table").status_code == 401
    again = {"name": "auditor-1", "password": PASSWORD}
    assert staffed.call("", "POST", "/v1/sessions", json=again).status_code == 401
    names = [one["name"] for one in staffed.good("admin", "GET", "/v1/people")["people"]]
    assert names == ["clerk-1", "reviewer-1", "technician-1"]


@pytest.mark.both_stores
@pytest.mark.parametrize("change", ["removed", "another password"])
def test_who_is_removed_while_the_password_is_looked_at_gets_no_session(staffed, monkeypatch, change):
    people, access = staffed.app.state.parts.people, staffed.app.state.parts.access
    opens = access.open

    def opened(*asked):  # right before a token is opened: the password was found to fit
        monkeypatch.setattr(access, "open", opens)
        if change == "removed":
            people.remove("clerk-1")
        else:
            people.put("clerk-1", "clerk", "another long sentence")
        return opens(*asked)

    before = tokens(staffed)
    credentials = {"name": "clerk-1", "password": PASSWORD}
    forms = (
        lambda: staffed.call("", "POST", "/v1/sessions", json=credentials),
        lambda: staffed.http.post("/sign-in", data=credentials),
    )
    for ask in forms:
        people.put("clerk-1", "clerk", PASSWORD)
        monkeypatch.setattr(access, "open", opened)
        refused = ask()
        assert refused.status_code in (401, 403) and "do not fit" in refused.text
        assert tokens(staffed) <= before


def tokens(centre):
    """How many tokens and sessions there are."""
    with centre.store.read() as transaction:
        return transaction.tokens._connection.execute(select(func.count()).select_from(TOKENS)).scalar()


@pytest.mark.both_stores
def test_a_gateway_enrols_once(staffed):
    old = staffed.good("technician", "POST", "/v1/gateways/gw/codes", json={})["code"]
    code = staffed.good("technician", "POST", "/v1/gateways/gw/codes", json={})["code"]
    for wrong in (old, "AAAA-AAAA-AAAA", staffed.tokens["office"]):
        assert staffed.call("", "POST", "/v1/enrolments", json={"code": wrong}).status_code == 401
    assert staffed.call("", "GET", "/v1/changes", headers={"Authorization": f"Bearer {code}"}).status_code == 401
    enrolled = staffed.good("", "POST", "/v1/enrolments", json={"code": code.lower().replace("-", "")})
    assert enrolled["name"] == "gw" and staffed.call("gateway", "GET", "/v1/changes").status_code == 401
    staffed.tokens["gateway"] = enrolled["token"]
    staffed.good("gateway", "GET", "/v1/changes")
    assert staffed.call("", "POST", "/v1/enrolments", json={"code": code}).status_code == 401


def test_a_code_and_a_session_end_by_themselves(small):
    now = [1_000.0]
    access = Access(small.store, lambda: now[0])
    code, session = access.code_for("gw"), access.open("clerk", "kim", 3600, None)
    assert access.caller(session).name == "kim"
    now[0] += 15 * 60
    assert access.enrol(code) is None
    now[0] += 3600
    assert access.caller(session) is None


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(centre):
    people = centre.app.state.parts.people
    costs = extract_parameters(people._hasher.hash(PASSWORD))
    assert extract_parameters(people._nobody) == costs
    with pytest.raises(Problem, match="Name and password do not fit"):
        people.known("nobody", PASSWORD)


def test_nobody_is_let_in_twice_by_another_spelling(staffed):
    body = {"role": "reviewer", "password": PASSWORD}
    answer = staffed.call("admin", "PUT", "/v1/people/Clerk-1", json=body)
    assert answer.status_code == 409 and answer.json()["type"].endswith("name-taken")
    names = [one["name"] for one in staffed.good("auditor", "GET", "/v1/people")["people"]]
    assert "clerk-1" in names and "Clerk-1" not in names
