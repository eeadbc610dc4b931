"""What somebody typed into a form of the office is not lost with their session, their purpose or the store."""

import html
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from gateway.central.access import Caller
from gateway.central.pages.areas import AREAS
from gateway.central.pages.frame import Frame
from gateway.central.pages.sign_in import build
from gateway.central.pages.unsent import MAX_KEPT
from gateway.central.pages.visit import Fields
from gateway.central.store import StoreError
from tests.central.browser import CHROMIUM
from tests.central.conftest import A1
from tests.central.office import Pages
from tests.central.support import Centre

SUBJECT = 'Where <b>she</b> is, since "May"'
CASE = {"subject": SUBJECT, "owner": "kim", "person": "P-1", "answer_days": "30", "case_id": "X-7"}
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 90_000  # a browser without a graphics card, on a machine that has other work
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PASSWORD = "a long sentence of one's own"


@pytest.fixture(scope="module")
def laid(tmp_path_factory, shared_database):
    made = Centre(tmp_path_factory.mktemp("central"), open_page=False, database=shared_database)
    with made.http:
        for name in ("kim", "ri"):
            made.good("admin", "PUT", f"/v1/people/{name}", json={"role": "clerk", "password": PASSWORD})
        made.good("admin", "POST", "/v1/imports", json={"applications": [A1]})
        yield made
    made.store.close()


def hidden(page):
    """The hidden fields of the form that carries what was typed, else of the first that has a mark."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    wanted = [one for one in forms if "Send it now" in one or 'name="kept"' in one]
    marked = [one for one in forms if 'name="csrf"' in one]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', (wanted or marked)[0])
    return {name: html.unescape(value) for name, value in found if name != "back"}


class Desk:
    """A browser of somebody who is signed in and said why they read; `mark`: of their forms."""

    def __init__(self, laid):
        self.http = laid.http
        self.http.cookies.clear()
        self.http.cookies.set("checkpost", laid.app.state.parts.access.open_page(Caller("clerk", "kim")))
        self.http.cookies.set("checkpost-purpose", "the%20morning")
        self.mark = hidden(self.http.get("/exchange/open").text)["csrf"]

    def sign_in(self, **fields):
        return self.http.post("/sign-in", data={"back": "/stations"} | fields, follow_redirects=False)

    def post(self, path="/exchange/open", **fields):
        return self.http.post(path, data={"csrf": self.mark} | fields, follow_redirects=False)


@pytest.fixture
def desk(laid):
    return Desk(laid)


def cases(laid):
    return laid.good("admin", "GET", "/v1/exchange/cases")["cases"]


def test_a_form_of_a_session_that_is_over_comes_back_after_the_sign_in_and_goes_by_hand(laid, desk):
    desk.http.cookies.clear()
    page = desk.post(**CASE)
    assert page.status_code == 401 and "kept on this page" in page.text and "<b>she" not in page.text
    wrong = desk.sign_in(name="ri", password="another", **hidden(page.text))
    assert wrong.status_code == 401 and hidden(wrong.text) == hidden(page.text)
    inside = desk.sign_in(name="ri", password=PASSWORD, **hidden(wrong.text))
    assert inside.status_code == 200 and "Not sent yet" in inside.text and "<b>she" not in inside.text
    assert '<a href="/exchange/open">Do not send it</a>' in inside.text and cases(laid) == []
    asked = desk.post(**hidden(inside.text))  # their purpose is asked for, too, and it is kept once more
    assert asked.status_code == 403 and "What do you need" in asked.text and cases(laid) == []
    short = desk.http.post("/purpose", data=hidden(asked.text) | {"purpose": "x"})
    assert short.status_code == 422 and hidden(short.text) == hidden(asked.text)
    said = desk.http.post("/purpose", data=hidden(short.text) | {"purpose": "case X-7"})
    assert said.status_code == 200 and hidden(said.text) == CASE | {"csrf": hidden(inside.text)["csrf"]}
    sent = desk.post(**hidden(said.text))
    assert sent.headers["location"] == "/exchange/cases/X-7"
    [case] = cases(laid)
    assert case["subject"] == SUBJECT and case["owner"] == "kim"


def test_a_form_of_the_session_before_can_be_sent_in_the_new_one(desk):
    page = desk.post(**CASE | {"csrf": "0" * 32, "case_id": "X-8"})
    assert page.status_code == 403 and "before this session began" in page.text
    assert desk.post(**hidden(page.text)).headers["location"] == "/exchange/cases/X-8"


def test_a_store_that_does_not_answer_leaves_what_was_typed_on_the_page(laid, desk, monkeypatch):
    def fails(*given):
        raise StoreError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(laid.app.state.parts.exchange, "put", fails)
        failed = desk.post(**CASE | {"case_id": "X-9"})
    assert failed.status_code == 503 and "try again" in failed.text
    assert desk.post(**hidden(failed.text)).headers["location"] == "/exchange/cases/X-9"


def test_boxes_that_were_ticked_come_back_each(laid, desk):
    desk.http.cookies.clear()
    fields = {"approve": ["X-1", "X-2"], "reason": "both"}
    page = desk.http.post("/exchange/files/send", data={"csrf": "old"} | fields)
    kept = json.loads(hidden(page.text)["kept"])
    assert kept == [["approve", "X-1"], ["approve", "X-2"], ["reason", "both"]]
    inside = desk.sign_in(token=laid.tokens["office"], **hidden(page.text)).text
    assert inside.count('name="approve"') == 2 and '<a href="/exchange/files">Do not send it</a>' in inside


def test_nothing_is_kept_of_another_place_s_form_of_too_much_or_of_what_is_no_form(laid, desk):
    desk.http.cookies.clear()
    foreign = desk.http.post("/exchange/open", data=CASE, headers={"origin": "http://evil.example"})
    assert "since" not in foreign.text and "kept" not in foreign.text
    long = desk.http.post("/exchange/open", data=CASE | {"subject": "y" * MAX_KEPT}, follow_redirects=False)
    assert long.status_code == 303 and long.headers["location"] == "/sign-in"
    none = desk.http.post("/exchange/open", data={"csrf": "old"}, follow_redirects=False)
    assert none.status_code == 303
    for path in ("/sign-out", "/preferences", "/exchange/closed", "https://evil.example/exchange/open"):
        inside = desk.sign_in(token=laid.tokens["office"], kept_path=path, kept='[["subject", "s"]]')
        assert inside.status_code == 303, path


@given(st.text() | st.lists(st.lists(st.text() | st.integers(), max_size=3)).map(json.dumps))
def test_what_no_page_of_ours_gave_back_is_nothing(text):
    forms = Frame(AREAS).forms
    assert forms.given_back(Fields({"kept_path": ["/exchange/open"], "kept": [text]}, {})) is None  # it knows no form


def test_each_form_of_an_area_is_known_and_leads_back_to_a_page():
    frame, routes = Frame(AREAS), []
    learn = frame.forms.learn
    frame.forms.learn = lambda route: (routes.append(route), learn(route))
    build(frame)
    for area in AREAS:
        area.build(frame)
    shown = {route.path for route in routes if "GET" in route.methods}
    forms = {route.path for route in routes if "POST" in route.methods}
    assert len(forms) > 20 and not forms & {"/sign-in", "/sign-out", "/purpose", "/preferences"}
    for path in forms:
        assert frame.forms.takes(path) and frame.forms.page_of(path) in shown, path
    assert frame.forms.page_of("/applications/A-1/decision") == "/applications/A-1"
    assert not any(frame.forms.takes(path) for path in ("/sign-in", "/sign-out", "/purpose", "/preferences", "/"))


@pytest.fixture
def page(tmp_path, database):
    """A tab at a centre that asks everybody to sign in."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: the pages are not driven")
    made = Centre(tmp_path, open_page=False, database=database)
    with made.http:
        made.good("admin", "PUT", "/v1/people/kim", json={"role": "clerk", "password": PASSWORD})
    pages = Pages(made)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = chromium.new_context(base_url=pages.url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(pages.session("kim", "clerk"))
        yield context.new_page()
        chromium.close()
    pages.close()
    made.store.close()


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.timeout(400)
def test_in_a_browser_it_goes_by_the_hand_of_whoever_signs_in(page):
    page.goto("/exchange/open")
    page.fill("#subject", "An address in Kilju")
    page.context.clear_cookies()
    page.press("#subject", "Enter")
    page.wait_for_selector("input[name=kept]", state="attached")
    assert violations(page) == []
    page.fill("#name", "kim")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("text=Send it now")
    assert violations(page) == [] and "An address in Kilju" in page.locator("main dl").inner_text()
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(WIDE)
    page.click("text=Send it now")
    page.fill("#purpose", "the evening count")
    assert violations(page) == []
    page.press("#purpose", "Enter")
    page.wait_for_selector("text=its purpose was said")
    page.click("text=Send it now")
    page.wait_for_url("**/exchange/cases/X-*")
    assert "An address in Kilju" in page.locator("main").inner_text()
