"""Applications and programmes in a real browser, by keyboard alone; nothing for axe to find, nothing too wide."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.central.browser import CHROMIUM
from tests.central.office import shown
from tests.central.support import Served

PATIENCE_MS = 90_000
pytestmark = pytest.mark.timeout(400)  # a browser without a graphics card, on a machine that has other work
PASSWORD = "a long sentence of one's own"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAGES = (
    "/applications",
    "/applications/B-9",
    "/applications/new",
    "/applications/figures",
    "/applications/B-9/letter",
    "/programmes?year=2025",
    "/programmes/contracts",
    "/programmes/contracts/C-1",
    "/programmes/settlement?year=2025",
)
IN_THE_DARK = ("/applications", "/programmes?year=2025")  # those with colours that no other has
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def office(tmp_path_factory, shared_database):
    """A centre in a process of its own, with a clerk, five applications, a plan over its quota, and a cost."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: the pages are not drawn")
    made = Served(tmp_path_factory.mktemp("central"), database=shared_database)
    made.good("admin", "PUT", "/v1/people/kim", json={"role": "clerk", "password": PASSWORD})
    point = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}
    made.good("admin", "PUT", "/v1/crossing-points/ONS", json=point)
    for number, ground in (("A-1", "family_visit"), ("A-2", "resettlement"), ("A-3", "trade"), ("B-9", "work")):
        asked = {"name": "Han Sol", "grounds": [ground], "submitted_on": f"2025-01-0{number[-1]}"}
        made.good("admin", "PUT", f"/v1/applications/{number}", json=asked)
    plan = {"trainees": 1, "workers": 0, "submitted_on": "2025-01-10"}
    made.good("admin", "PUT", "/v1/programmes/2025/textiles", json=plan)
    made.good("admin", "PUT", "/v1/persons/P-1", json={"name": "Kim Bom"})
    for number in ("C-1", "C-2"):
        contract = {"department": "textiles", "kind": "trainee", "person": "P-1", "institution": "Mill"}
        contract |= {"concluded_on": "2025-01-01", "starts_on": "2025-03-01", "ends_on": "2025-12-31"}
        made.good("admin", "PUT", f"/v1/contracts/{number}", json=contract)
    diploma = {"person": "P-1", "title": "Engineer", "institution": "Institute"}
    made.good("admin", "PUT", "/v1/diplomas/D-1", json=diploma)
    cost = {"travelled_on": "2025-03-01", "territory": "transit", "currency": "KPW"}
    made.good("admin", "PUT", "/v1/costs/T-1", json=cost | {"minor_units": 333, "paid_by": "host"})
    yield made
    made.kill()


@pytest.fixture(scope="module")
def page(office):
    """A tab whose clerk signed in, and said why, by keyboard."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        made = context.new_page()
        made.goto(f"{office.url}/sign-in?back=/applications")
        fill(made, "name", "kim")
        made.keyboard.press("Tab")
        made.keyboard.type(PASSWORD)
        made.keyboard.press("Enter")
        fill(made, "purpose", "deciding applications")
        made.keyboard.press("Enter")
        made.wait_for_url(f"{office.url}/applications")
        yield made
        chromium.close()


def fill(page, name, text):
    """Type into the field that has the focus when the page stands."""
    page.wait_for_selector(f"#{name}:focus")
    page.keyboard.type(text)


def violations(page, rules=None):
    """What axe finds on a page, by all rules or some, and where."""
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(office, page):
    for path in PAGES:
        page.goto(office.url + path)
        assert violations(page) == [], path
        if path in IN_THE_DARK:
            page.emulate_media(color_scheme="dark")
            assert violations(page, ["color-contrast"]) == [], path
            page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 390, "height": 800})
        assert not page.evaluate(WIDE), path
        page.set_viewport_size({"width": 1280, "height": 900})


def test_one_key_approves_the_proposal_and_the_next_follows(office, page):
    page.goto(f"{office.url}/applications")
    page.keyboard.press("1")
    page.wait_for_url("**/applications/A-1")
    page.keyboard.press("1")
    page.wait_for_url("**/applications/A-2?last=A-1")
    assert page.locator("[role=status]").inner_text().startswith("A-1 is approved.")
    page.keyboard.press("1")
    page.wait_for_url("**/applications/A-3?last=A-2")
    page.keyboard.press("1")  # nothing is proposed for trade: the key does nothing
    page.keyboard.press("2")
    fill(page, "reason", "The partner has closed.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/applications/B-9?last=A-3")
    page.keyboard.press("5")
    page.wait_for_url("**/applications/A-3/letter")
    assert "Reason: The partner has closed." in page.locator("pre").inner_text()
    states = [office.good("admin", "GET", f"/v1/applications/A-{at}")["decision"] for at in (1, 2, 3)]
    assert states == ["approved", "approved", "refused"]


def test_the_keys_of_programmes_lead_where_they_say(office, page):
    page.goto(f"{office.url}/programmes?year=2025")
    assert "2 ask: 1 too many" in page.locator("tbody").inner_text()
    page.keyboard.press("3")
    page.wait_for_url("**/programmes/contracts?year=2025")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/programmes/contracts/C-1")
    page.keyboard.press("1")
    fill(page, "done_by", "District clinic 2")
    page.keyboard.press("Enter")
    shown(page, "text=by District clinic 2")
