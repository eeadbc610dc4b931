"""The office's pages in a real browser: keyboard only, nothing for axe to find, nothing wider than a phone."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.central import support
from tests.central.office import Pages, shown
from tests.central.support import Centre

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 90_000
TAPS = 60
pytestmark = pytest.mark.timeout(400)  # a browser without a graphics card, on a machine that has other work


@pytest.fixture(scope="module")
def office(tmp_path_factory, shared_database):
    """Pages over the first taps of the scenario; review 1 is somebody without a card, at Onsong."""
    made = Centre(tmp_path_factory.mktemp("office"), open_page=False, database=shared_database)
    made.know_points()
    made.know_permits()
    boards, spans, _ = support.written(made)
    for runs in support.in_tap_order(boards, spans[:TAPS], TAPS):
        made.take(*runs)
    pages = Pages(made)
    yield pages
    pages.close()
    made.store.close()


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium here: the pages are not driven")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


def opened(office, chromium, name, role="reviewer"):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(office.session(name, role))
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    return page


@pytest.fixture(scope="module")
def page(office, chromium):
    """The tab of the reviewer kim."""
    page = opened(office, chromium, "kim")
    yield page
    page.context.close()


def violations(page, rules=None):
    """What axe finds, by all rules or some, and where."""
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PATHS = ("/today", "/", "/reviews", "/reviews/decided", "/reviews/1", "/statistics", "/crossings", "/purpose")


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(office, page, path):
    page.goto(office.url + path)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(WIDE)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.errors == []


def type_into(page, selector, text):
    page.focus(selector)
    page.keyboard.type(text)


def test_a_person_signs_in_says_why_and_reads_by_keyboard_alone(office, chromium):
    office.centre.app.state.parts.people.put("ri", "reviewer", "a long sentence of one's own")
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{office.url}/reviews/1")
    page.wait_for_selector("#name:focus")
    page.keyboard.type("ri")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    shown(page, "#password-wrong >> text=Name and password do not fit.")
    assert violations(page) == []
    page.wait_for_selector("#password:focus")
    page.keyboard.type("a long sentence of one's own")
    page.keyboard.press("Enter")
    page.wait_for_selector("#purpose:focus")
    page.keyboard.type("review 1")
    page.keyboard.press("Enter")
    shown(page, "h1 >> text=Review 1")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.wait_for_url(f"{office.url}/today")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{office.url}/applications")  # some of the scenario are pending
    page.click("button[name=keys]")
    page.wait_for_selector("body[data-keys=off]")
    page.keyboard.press("i")
    assert page.url == f"{office.url}/applications"
    context.close()


def test_a_return_goes_its_way_by_keyboard_from_one_reviewer_to_another(office, chromium, page):
    page.goto(f"{office.url}/reviews/2")
    page.keyboard.press("1")
    shown(page, "text=with kim")
    page.keyboard.press("3")
    page.wait_for_selector("#reason:focus")
    page.keyboard.type("No permit, and none can be given.")
    page.focus("input[value=returned]")
    page.keyboard.press("Space")
    page.focus("text=Decide >> nth=-1")
    page.keyboard.press("Enter")
    shown(page, "[role=alert] >> text=Nobody wrote down")
    assert page.input_value("#reason") == "No permit, and none can be given."  # what was typed stays
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.wait_for_selector("#text:focus")
    page.keyboard.type("My mother lives on the other side.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown(page, ".said >> text=My mother lives")
    type_into(page, "#reason", "No permit, and none can be given.")
    page.focus("input[value=returned]")
    page.keyboard.press("Space")
    page.focus("text=Decide >> nth=-1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#risk:focus")
    shown(page, "#risk-wrong >> text=at risk of")
    page.keyboard.type("None that is known.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown(page, "text=You proposed a return")
    assert violations(page) == []
    other = opened(office, chromium, "han")
    other.goto(f"{office.url}/reviews/2")
    other.focus("input[value=yes]")
    other.keyboard.press("Space")
    type_into(other, "#word", "The file bears it out.")
    other.keyboard.press("Tab")
    other.keyboard.press("Enter")
    other.wait_for_selector("#ground")
    assert "returned" in other.text_content("main .row") and violations(other) == []
    other.context.close()


def test_a_crossing_s_story_is_found_by_its_card_and_leads_to_its_proof(office, page):
    row = next(row for row in support.rows("taps.csv") if row["card_uid"])
    page.goto(f"{office.url}/crossings")
    page.keyboard.press("1")
    page.wait_for_selector("#query:focus")
    page.keyboard.type(row["card_uid"].lower())
    page.keyboard.press("Enter")
    shown(page, "h2 >> text=newest first")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/crossings/*/*/*")
    assert violations(page) == [] and page.locator("details").count() >= 2
    page.focus("summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("details[open] >> text=Root")
    with office.centre.store.read() as transaction:
        reads = transaction.people.reads(0, 1000)
    assert {read.why for read in reads if read.name == "kim"} == {"the day's work"}
    assert any(read.what == f"crossings of {row['card_uid'].lower()}" for read in reads)
