"""The pages of stations and exchange in a real browser at 100,000 people: by keyboard alone, and nothing for axe."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway.central.store import STORE_NAME, Store
from gateway.central.store.exchange import SENT, CaseRow
from gateway.central.store.reception import StayRow
from tests.central.conftest import A1
from tests.central.support import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 90_000
PASSWORD = "a long sentence of one's own"
PEOPLE = 100_000
pytestmark = pytest.mark.timeout(400)  # a browser without a graphics card, on a machine that has other work
PAGES = (
    *("/stations", "/stations/stays", "/stations/arrival", "/stations/stays/S-000001", "/exchange", "/exchange/open"),
    *("/exchange/cases/X-000000", "/exchange/files", "/exchange/reminders"),
)
DARK = "getComputedStyle(document.body).backgroundColor === 'rgb(20, 24, 26)'"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A centre in a process of its own with six stations, 100,000 stays and 100,000 cases, the oldest of 488 days."""
    served = Served(tmp_path_factory.mktemp("central"))
    served.good("admin", "PUT", "/v1/people/kim", json={"role": "clerk", "password": PASSWORD})
    served.good("admin", "POST", "/v1/imports", json={"applications": [A1]})
    for at in range(6):
        station = {"name": f"Station {at}", "beds": 17_000, "blankets": 16_000 + 400 * at}
        served.good("admin", "PUT", f"/v1/stations/S{at}", json=station)
    store = Store(served.data / STORE_NAME)
    with store.write() as transaction:
        transaction.reception.add_stays(
            StayRow(
                f"S-{at:06}", f"S{at % 6}", f"R-{at:06}", "A1", f"20{at % 20 + 10}-01-01", f"20{at % 20 + 10}-01-16", 1
            )
            for at in range(PEOPLE)
        )
        transaction.exchange.add_cases(
            CaseRow(f"X-{at:06}", f"Case {at}", "kim", "", "", 30, SENT, day, day, "2025-12-31")
            for at, day in ((at, f"2025-{at // 10_000 + 1:02}-{at % 28 + 1:02}") for at in range(PEOPLE))
        )
    store.close()
    yield served
    served.kill()


@pytest.fixture(scope="module")
def page(busy):
    """One tab of a clerk who signed in and said why by keyboard; `errors` has what its scripts failed with."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: the pages are not driven")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{busy.url}/sign-in?back=/stations/stays")
        typed(page, "#name", "kim")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        typed(page, "#purpose", "the evening count")
        page.keyboard.press("Enter")
        page.wait_for_url("**/stations/stays")
        yield page
        browser.close()


def typed(page, field, text):
    """Type into the field that the page gives the focus to."""
    page.wait_for_selector(f"{field}:focus")
    page.keyboard.type(text)


def violations(page, rules=None):
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(busy, page, path):
    page.goto(busy.url + path)
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += violations(page, ["color-contrast"])
    page.emulate_media(color_scheme="light")
    assert found == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(WIDE)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.errors == []


def test_a_traveller_is_released_by_keyboard_alone(busy, page):
    page.goto(f"{busy.url}/stations")
    page.keyboard.press("d")
    page.wait_for_url("**/stations/stays")
    first = page.locator("tbody a").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/stations/stays/{first}")
    page.keyboard.press("f")
    page.wait_for_selector("text=Travel pass")
    page.keyboard.press("f")  # to the number of the pass
    typed(page, "#number", "T-1")
    page.keyboard.press("Tab")
    page.keyboard.type("south-hamgyong-line")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=T-1 to south-hamgyong-line")
    page.keyboard.press("s")
    page.wait_for_url("**/stations")


def test_the_longest_overdue_case_is_on_top_and_written_to_by_keyboard(busy, page):
    page.goto(f"{busy.url}/stations")
    page.keyboard.press("x")
    page.wait_for_url("**/exchange")
    assert page.locator("tbody a").first.inner_text() == "X-000000"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exchange/cases/X-000000")
    page.keyboard.press("m")
    typed(page, "#text", "We still wait.")
    page.keyboard.press("Escape")
    page.locator("text=Write").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Leaves with the next file.")
    page.keyboard.press("x")
    page.wait_for_url("**/exchange")
    assert page.locator("tbody a").first.inner_text() == "X-000000"
    page.keyboard.press("n")
    page.wait_for_selector("text=X-000050")
    assert page.locator("tbody tr").count() == 50
