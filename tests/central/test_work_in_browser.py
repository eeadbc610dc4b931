"""The pages of stations and exchange in a real browser at 100,000 people: by keyboard alone, and nothing for axe."""

import sqlite3

import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway.central.store import STORE_NAME
from tests.central.browser import CHROMIUM
from tests.central.conftest import A1
from tests.central.office import shown
from tests.central.support import Served

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 90_000
PASSWORD = "a long sentence of one's own"
PEOPLE = 100_000
pytestmark = pytest.mark.timeout(400)  # a browser without a graphics card, on a machine that has other work
PAGES = (
    *("/stations", "/stations/stays", "/stations/arrival", "/stations/stays/S-000001", "/exchange", "/exchange/open"),
    *("/exchange/cases/X-000000", "/exchange/files", "/exchange/reminders", "/report"),
)
IN_THE_DARK = ("/stations/stays", "/exchange/cases/X-000000", "/report")  # those with colours that no other has
# Made by the database itself: 100,000 rows in a second.
STAYS = """
    WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < :people)
    INSERT INTO stays (stay_id, station, person, application_id, arrived_on, due_on, blankets, state, early, reason,
        decided_by)
    SELECT printf('S-%06d', at), 'S' || (at % 6), printf('R-%06d', at), 'A1', printf('20%d-01-01', at % 15 + 10),
        printf('20%d-01-16', at % 15 + 10), 1, 'here', 0, '', '' FROM n"""
CASES = """
    WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < :people)
    INSERT INTO exchange_cases (case_id, subject, owner, person, application_id, answer_days, state, opened_on, sent_on,
        due_on, answered_on, closed_on, reminded)
    SELECT printf('X-%06d', at), 'Where ' || at || ' may be reached', 'kim', '', '', 30, 'sent', day, day, '2025-12-31',
        '', '', 0 FROM (SELECT at, printf('2025-%02d-%02d', at / 10000 + 1, at % 28 + 1) AS day FROM n)"""
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
    with sqlite3.connect(served.data / STORE_NAME) as held:
        for statement in (STAYS, CASES):
            held.execute(statement, {"people": PEOPLE})
    held.close()
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
        page.wait_for_url(f"{busy.url}/stations/stays")  # whole: the pages before it end in the same words
        yield page
        browser.close()


def typed(page, field, text):
    """Type into the field that the page gives the focus to."""
    page.wait_for_selector(f"{field}:focus")
    page.keyboard.type(text)


def violations(page, rules=None):
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(busy, page):
    for path in PAGES:
        page.goto(busy.url + path)
        found = violations(page)
        if path in IN_THE_DARK:
            page.emulate_media(color_scheme="dark")
            found += violations(page, ["color-contrast"])
            page.emulate_media(color_scheme="light")
        assert (path, found) == (path, [])
        page.set_viewport_size({"width": 360, "height": 740})
        assert not page.evaluate(WIDE), path
        page.set_viewport_size({"width": 1280, "height": 900})
    assert page.errors == []


def test_a_traveller_is_released_by_keyboard_alone(busy, page):
    page.goto(f"{busy.url}/stations")
    page.keyboard.press("d")
    page.wait_for_url("**/stations/stays")
    shown(page, "tbody a")
    first = page.locator("tbody a").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/stations/stays/{first}")
    page.keyboard.press("f")
    shown(page, "text=Travel pass")
    page.keyboard.press("f")  # to the number of the pass
    typed(page, "#number", "T-1")
    page.keyboard.press("Tab")
    page.keyboard.type("south-hamgyong-line")
    page.keyboard.press("Enter")
    shown(page, "text=T-1 to south-hamgyong-line")
    page.keyboard.press("s")
    page.wait_for_url("**/stations")


def test_an_arrival_is_taken_in_by_keyboard_alone(busy, page):
    page.goto(f"{busy.url}/stations")
    page.keyboard.press("1")
    page.wait_for_selector("#station:focus")
    page.keyboard.type("Station 3")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the permit is left out
    page.keyboard.type("03012026")  # the day, in the browser's own order; the person is still missing
    page.keyboard.press("Enter")
    page.wait_for_selector("#person:focus")  # the browser says so before anything is sent
    page.keyboard.type("R-NEW-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stations/stays/S-*")
    assert "R-NEW-1" in page.locator("main").inner_text() and "Station 3" in page.locator("main").inner_text()


def test_a_reminder_is_noted_as_sent_by_keyboard_alone(busy, page):
    page.goto(f"{busy.url}/exchange")
    page.keyboard.press("b")
    page.wait_for_url("**/exchange/reminders")
    page.wait_for_selector("tbody a >> text=X-000000")
    page.keyboard.press("j")
    page.keyboard.press("Tab")
    page.wait_for_selector("[aria-label='Note the reminder of case X-000000 as sent']:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("tbody a >> text=X-000000", state="detached")
    assert page.locator("tbody tr").count() == 50  # the next one follows


def test_the_report_is_asked_for_and_read_by_keyboard_alone(busy, page):
    page.goto(f"{busy.url}/today")
    page.keyboard.press("e")
    page.wait_for_url("**/report")
    page.keyboard.press("j")
    page.wait_for_selector("button:focus >> text=Make it, as one file")
    page.keyboard.press("j")
    page.wait_for_selector("h2:focus >> text=Crossings")
    page.keyboard.press("u")
    page.wait_for_url("**/exchange/cases/X-000000")


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
    page.keyboard.press("Tab")  # to what says that it is personal, and on to the ground, which sends the form
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown(page, "text=Leaves with the next file.")
    page.keyboard.press("x")
    page.wait_for_url("**/exchange")
    assert page.locator("tbody a").first.inner_text() == "X-000000"
    page.keyboard.press("n")
    shown(page, "text=X-001400")  # fifty of that day before it
    assert page.locator("tbody tr").count() == 50
