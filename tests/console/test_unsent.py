"""What somebody typed is not lost with their session; and no other page sends a form of ours."""

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.pages import entry, live, reviews, search
from gateway.console.pages import sign_in as sign_in_page
from gateway.console.unsent import given_back
from gateway.review.reviews import MAX_TEXT
from gateway.ui.origin import foreign
from gateway.ui.unsent import kept
from tests.console.support import GUARDS, PIN
from tests.console.test_in_browser import PATIENCE_MS, violations
from tests.gateway.support import STRANGER

STATEMENT = 'I <b>left</b> it\nat "home".'


@pytest.fixture(scope="module")
def asked(served):
    """One question that waits: review 1."""
    served.tap(2, STRANGER, verdict=1)
    return served


def hidden(page):
    """The hidden fields of a page's form, by name."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def said(served):
    """What travellers said in review 1, each with who wrote it down."""
    rows = "SELECT person, body FROM review_events WHERE kind = 'statement' ORDER BY id"
    held = served.do(lambda store: store._conn.execute(rows).fetchall())
    return [(person, json.loads(body)["text"]) for person, body in held]


def test_a_statement_that_was_typed_in_a_session_that_is_over_comes_back_after_the_sign_in(asked):
    guard = asked.guard()
    guard.http.cookies.clear()
    before = said(asked)
    page = guard.send("/reviews/1/statement", statement=STATEMENT)
    assert page.status_code == 401 and "<b>left" not in page.text
    wrong = guard.http.post("/sign-in", data=hidden(page.text) | {"name": GUARDS[1], "pin": "000001"})
    assert wrong.status_code == 403 and "left" in wrong.text
    inside = guard.http.post("/sign-in", data=hidden(wrong.text) | {"name": GUARDS[1], "pin": PIN})
    assert inside.status_code == 200 and "Not sent yet" in inside.text and "<b>left" not in inside.text
    assert said(asked) == before  # whoever signed in may be another: they send it, or leave it
    fields = {name: value for name, value in hidden(inside.text).items() if name != "back"}
    sent = guard.http.post("/reviews/1/statement", data=fields, follow_redirects=True)
    assert sent.status_code == 200 and said(asked) == [*before, (GUARDS[1], STATEMENT)]


def test_a_form_of_the_session_before_can_be_sent_in_the_new_one(asked):
    guard = asked.guard()
    before = said(asked)
    page = guard.http.post("/reviews/1/statement", data={"csrf": "0" * 32, "statement": "Hear me."})
    assert page.status_code == 422 and said(asked) == before
    assert guard.http.post("/reviews/1/statement", data=hidden(page.text)).status_code == 303
    assert said(asked) == [*before, (GUARDS[0], "Hear me.")]


def test_the_longest_statement_comes_back_in_every_script(asked):
    guard = asked.guard()
    guard.http.cookies.clear()
    text = "가\n" * (MAX_TEXT // 2)
    page = guard.send("/reviews/1/statement", statement=text)
    inside = guard.http.post("/sign-in", data=hidden(page.text) | {"name": GUARDS[0], "pin": PIN})
    assert inside.status_code == 200 and hidden(inside.text)["statement"] == text.strip()


def test_a_store_that_fails_keeps_what_was_typed_on_the_page(asked):
    guard = asked.guard()
    refuse = """CREATE TRIGGER full BEFORE INSERT ON review_events WHEN new.kind = 'statement'
        BEGIN SELECT raise(ABORT, 'disk is full'); END"""
    asked.do(lambda store: store._conn.execute(refuse))
    failed = guard.send("/reviews/1/statement", statement="It was dark.")
    asked.do(lambda store: store._conn.execute("DROP TRIGGER full"))
    assert failed.status_code >= 500 and "It was dark." in failed.text
    assert guard.http.post("/reviews/1/statement", data=hidden(failed.text)).status_code == 303
    assert said(asked)[-1] == (GUARDS[0], "It was dark.")


def test_a_reason_for_a_review_that_another_has_now_is_not_lost(asked):
    first, second = asked.guard(GUARDS[0]), asked.guard(GUARDS[1])
    first.send("/reviews/1/take")
    second.send("/reviews/1/take", instead_of=GUARDS[0])
    refused = first.send("/reviews/1/decide", disposition="our-error", reason="Typed with care.")
    assert refused.status_code == 422 and "Typed with care." in refused.text
    assert "Not heard." in second.send("/reviews/1/appeal", ground="Not heard.").text


PAIRS = st.lists(st.lists(st.text() | st.integers(), max_size=3)) | st.dictionaries(st.text(), st.text())


@given(st.text() | PAIRS.map(json.dumps))
def test_what_no_page_of_ours_gave_back_is_nothing(text):
    for path in ("/reviews/1/statement/..", "/sign-out"):
        assert given_back({"kept_path": path, "kept": text}) is None
    found = given_back({"kept_path": "/reviews/1/statement", "kept": text})
    assert found is None or all(isinstance(part, str) for pair in found.fields for part in pair)


def test_what_a_page_gives_back_is_what_was_typed():
    typed = [("csrf", "m"), ("statement", 'I "left" it\n가'), ("reason", ""), ("point", "ONS"), ("point", "HRY")]
    first = kept("/reviews/1/statement", typed)
    assert first.mark == "m" and first.fields == (typed[1], *typed[3:])
    again = given_back({"kept_path": first.path, "kept": first.packed})
    assert again == first._replace(mark="") and kept("/search", [("csrf", "m"), ("query", "")]) is None


def test_a_form_without_a_session_is_kept_from_this_origin_only(asked):
    fields = {"statement": "sent by another page"}
    answer = asked.client().post("/reviews/1/statement", data=fields, headers={"origin": "http://evil.example"})
    assert answer.status_code == 422 and "sent by another page" not in answer.text


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),  # no browser
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "http://gate.local:8710"}, True),
        ({"origin": "http://gate.local:8710"}, False),
        ({"origin": "http://GATE.local:8710"}, False),
        ({"origin": "http://gate.local:8711"}, True),  # another program on the same machine
        ({"origin": "http://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
        ({"origin": "https://gate.example", "x-forwarded-host": "gate.example"}, False),
        ({"origin": "https://gate.example", "x-forwarded-host": "other.example"}, True),
    ],
)
def test_over_plain_http_a_browser_says_where_a_form_comes_from(headers, refused):
    assert foreign({"host": "gate.local:8710"} | headers) is refused


def test_no_form_of_the_console_is_taken_from_another_origin(asked):
    guard = asked.guard()
    routers = (entry, live, reviews, search, sign_in_page)
    routes = [route for one in routers for route in one.ROUTER.routes if "POST" in route.methods]
    posts = [route.path.format(number=1) for route in routes]
    assert {"/sign-in", "/sign-out", "/preferences", "/hand-entry", "/reviews/1/statement"} <= set(posts)
    for path in posts:
        fields = {"csrf": guard.csrf, "name": GUARDS[0], "pin": PIN, "statement": "x"}
        answer = guard.http.post(path, data=fields, headers={"origin": "http://evil.example"})
        assert answer.status_code == 422 and "sent from another page" in answer.text, path


@pytest.mark.timeout(400)
def test_a_page_in_which_somebody_types_is_not_taken_away_when_the_session_ends(asked, chromium):
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{asked.service.url}/sign-in?back=/reviews/1")
    sign_in(page)
    page.wait_for_url(f"{asked.service.url}/reviews/1")
    page.fill("#statement", "I waited since dawn.")
    context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")  # listens anew
    page.wait_for_selector("#over", state="visible")
    assert violations(page) == [] and page.input_value("#statement") == "I waited since dawn."
    page.click("form[action$='/statement'] button")
    page.wait_for_selector("input[name=kept]", state="attached")
    assert violations(page) == []
    sign_in(page)
    page.wait_for_selector("text=Send it now")
    assert violations(page) == []
    page.click("text=Send it now")
    page.wait_for_url(f"{asked.service.url}/reviews/1")
    assert "I waited since dawn." in page.text_content("ol.events")
    context.close()


def sign_in(page):
    page.fill("#name", GUARDS[0])
    page.fill("#pin", PIN)
    page.click("main form button[type=submit]")
