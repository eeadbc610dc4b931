"""Every field of every body that the interface takes, spoilt: refused by its name, and the store is as it was."""

import json
import sqlite3
from contextlib import closing

import pytest

from gateway.central.openapi import EXAMPLES
from gateway.central.pace import Pace
from tests.central.support import Centre
from tests.central.test_openapi import NAMES, SECRETS, role_of, send

JSON = {"content-type": "application/json"}
# Of each field one is tried, the next field has the next one.
SPOILT = ("null", "-1", str(1 << 70), "1.5", "true", "[[]]", '{"a": {}}', '"\\ud800"', "NaN", "1e999", '""')
NUL = '"a\\u0000b"'
# Answers of the other side are looked at row by row, and a bad row is named in the answer.
LEFT_OUT = ("/v1/exchange/answers/json", *SECRETS)
BODIES = [(*at, body) for at, body in EXAMPLES.items() if not isinstance(body, str) and at[0] not in LEFT_OUT]


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A centre on SQLite, where another connection can tell whether anything was written."""
    made = Centre(tmp_path_factory.mktemp("spoilt"))
    object.__setattr__(made.app.state.parts, "pace", Pace(lambda: 0.0, burst=10**9))
    with made.http:
        made.know_points()
        for name in ("ri", "pak"):
            made.sign_in(name, "reviewer")
        yield made
    made.store.close()


def places(body, at=()):
    """Where in a body a value stands, and the value."""
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in members:
        yield (*at, key), value
        yield from places(value, (*at, key))


def with_other(body, at, text):
    """The body as JSON, with another value in one place."""
    spoilt = inner = json.loads(json.dumps(body))
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = "HERE"
    return json.dumps(spoilt).replace('"HERE"', text)


def ask(centre, path, method, text):
    """Send a body, and return the status and the places that the answer names."""
    for name, value in {"message": "1"}.items() | NAMES.items():
        path = path.replace(f"{{{name}}}", value)
    answer = centre.call(role_of(path), method.upper(), path, content=text, headers=JSON)
    assert answer.is_success or answer.headers["content-type"] == "application/problem+json", answer.text
    errors = [] if answer.is_success else answer.json().get("errors", [])
    return answer.status_code, [error["pointer"] for error in errors]


def pointer(at):
    return "#" + "".join(f"/{part}" for part in at)


def test_a_nul_is_named_wherever_it_stands(one):
    """PostgreSQL keeps no text with one; said as a store that does not answer, a gateway would send it for ever."""
    tried = 0
    for path, method, body in BODIES:
        for at, value in places(body):
            if isinstance(value, str):
                assert ask(one, path, method, with_other(body, at, NUL)) == (422, [pointer(at)]), (path, at)
                tried += 1
    assert tried > 100
    assert ask(one, "/v1/policy", "put", '{"assurance": "\\\\u0000"}') == (422, ["#/assurance"])  # that is none


@pytest.mark.both_stores
def test_a_nul_in_an_address_is_named_too(small):
    for path in ("/v1/applications/a%00b", "/v1/contracts/a%00b/certificate"):
        refused = small.call("office", "GET", path)
        assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"].startswith("path: "), path
    for path, name in (("/v1/reviews", "crossing_point"), ("/v1/reads", "person"), ("/v1/reads", "reader")):
        refused = small.call("admin", "GET", path, params={name: "a\0b"})
        assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == f"query: {name}", path
    for path in ("/applications/a%00b", f"/reviews/{10**23}", f"/exchange/files/{10**23}", "/stations/stays/a%00b"):
        page = small.http.get(path, headers={"cookie": "checkpost-purpose=work"})
        assert page.status_code in (404, 422) and "<title>" in page.text, path


def test_what_is_spoilt_is_named_and_nothing_is_written(one):
    refused, turn = 0, 0
    with closing(sqlite3.connect(one.where)) as beside:
        for path, method, body in BODIES:
            for at, _ in places(body):
                before = version(beside)
                turn += 1
                status, named = ask(one, path, method, with_other(body, at, SPOILT[turn % len(SPOILT)]))
                if status >= 400:
                    refused += 1
                    assert status < 500 and version(beside) == before, (path, at)
                if status == 422:
                    assert any(fits(place, pointer(at)) for place in named), (path, at, named)
            if not path.endswith(("{message}/approval", "/reminders")) and path != "/v1/vouchers":
                send(one, path, method, body)  # as it stands, so that the next ones find what they name
    assert refused > 150


def fits(named, wanted):
    """Whether a pointer names a place, something in it, or what it is in."""
    return named.startswith((wanted, "path: ")) or (wanted.startswith(named) and named != "#")


def version(connection):
    """A number that is another once somebody else wrote."""
    return connection.execute("PRAGMA data_version").fetchone()[0]
