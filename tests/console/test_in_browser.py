"""The pages in a real browser: nothing for axe to find, nothing too wide, every key does what it says."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from checkpost import record
from gateway.console.catalogs import LANGUAGES
from tests.console.support import GUARDS, PIN, live
from tests.gateway.support import CARD, STRANGER

PATIENCE_MS = 90_000
pytestmark = pytest.mark.timeout(400)  # a browser without a graphics card, on a machine that has other work
PAGES = ("/", "/lanes", "/lanes?board=1", "/reviews", "/reviews/1", "/hand-entry", "/search", "/looks")


@pytest.fixture(scope="module")
def busy(served):
    """Lanes that show one answer each, with a question that waits."""
    served.tap(1, CARD, outcome=record.ADMITTED)
    served.tap(2, STRANGER, verdict=1)
    return served


@pytest.fixture(scope="module")
def page(busy, chromium):
    """One tab whose guard signed in by keyboard; `errors` has what its scripts failed with."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{busy.service.url}/sign-in")
    page.wait_for_selector("#name:focus")
    page.keyboard.type(GUARDS[0])
    page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{busy.service.url}/")
    yield page
    context.close()


def violations(page, rules=None):
    """What axe finds on a page, by all rules or some, and where."""
    options = {"runOnly": rules} if rules else None
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def in_both_themes(page):
    """What axe finds in light and in dark, of which only the colours differ."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(DARK)
    found += violations(page, ["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found


# A browser gives the focus to a page's first field some time after the page is loaded.
SETTLED = (
    "(() => { const own = document.querySelector('[autofocus]'); return !own || own === document.activeElement })()"
)
DARK = "getComputedStyle(document.body).backgroundColor === 'rgb(18, 23, 26)'"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_a_phone(busy, page, path):
    page.goto(busy.service.url + path)
    assert in_both_themes(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(WIDE)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.errors == []


def test_axe_finds_nothing_in_the_help_or_when_the_gateway_is_lost(busy, page):
    page.goto(busy.service.url)
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    assert in_both_themes(page) == []
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('lost').hidden = false; document.body.classList.add('stale')")
    assert in_both_themes(page) == []


def test_axe_finds_nothing_in_a_sign_in_that_failed(busy, chromium):
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{busy.service.url}/sign-in")
    page.fill("#name", "Nobody")
    page.fill("#pin", "777123")
    page.keyboard.press("Enter")
    page.wait_for_selector("#wrong")
    assert in_both_themes(page) == []
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_a_phone_and_the_lane_screen(busy, page, language):
    page.context.add_cookies([{"name": "language", "value": language, "url": busy.service.url}])
    page.goto(f"{busy.service.url}/lanes?board=1")
    for width, height in ((1920, 1080), (1280, 720), (768, 1024), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        for verdict in ("permitted", "refer", "unverifiable"):
            page.evaluate(WEAR, verdict)
            assert page.evaluate(WHOLE), (width, verdict)
    for path in ("/", "/hand-entry", "/reviews/1"):
        page.goto(busy.service.url + path)
        assert not page.evaluate(WIDE), path
    page.set_viewport_size({"width": 1280, "height": 900})
    page.context.clear_cookies(name="language")


WHOLE = "[...document.querySelectorAll('.answer')].every((one) => one.scrollWidth <= one.clientWidth + 1)"
# The tile takes on another answer, in the words of the help.
WEAR = """(verdict) => {
  const tile = document.querySelector(".tile");
  tile.className = `tile ${verdict}`;
  tile.querySelector(".answer").textContent = document.querySelector(`#help .tint.${verdict}`).textContent;
}"""


def test_each_key_leads_where_the_page_says_and_can_be_switched_off(busy, page):
    page.goto(busy.service.url)
    for key, path in (("r", "/reviews"), ("h", "/hand-entry"), ("s", "/search"), ("o", "/looks"), ("l", "/")):
        page.wait_for_function(SETTLED)
        page.keyboard.press("Escape")  # a field that has the focus lets go of it
        page.keyboard.press(key)
        page.wait_for_url(busy.service.url + path)
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1 } }")
    page.keyboard.press("p")
    number = page.text_content("[data-number]")
    assert page.evaluate("window.printed") == 1 and len(number) == 5 and number != "_____"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.keyboard.press("p")
    assert page.text_content("[data-number]") != number  # each sheet has a number of its own
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.click("button[name=keys]")
    page.wait_for_selector("body[data-keys=off]")
    page.keyboard.press("s")
    assert page.url == f"{busy.service.url}/"
    page.context.clear_cookies(name="keys")


def test_the_paper_form_is_all_that_is_printed(busy, page):
    page.goto(busy.service.url)
    page.evaluate("() => { window.print = () => {} }")
    page.keyboard.press("p")
    page.emulate_media(media="print")
    assert page.is_visible("#paper") and not page.is_visible("main") and not page.is_visible(".top")
    assert page.locator("#paper tbody tr").count() == 12
    page.emulate_media(media="screen")


def test_a_lane_without_link_and_a_centre_that_is_silent_are_seen_at_once(busy, page):
    page.goto(busy.service.url)
    busy.now_s += 120  # the answers no longer stand
    busy.say(live(1, connected=False))
    page.wait_for_selector("#lane-2 .no-link >> text=Answers alone")
    page.wait_for_selector("#notices >> text=The centre does not answer.")
    assert page.is_visible("#lane-1 >> text=Ready")
    busy.say(live(1, 2))
    page.wait_for_selector("#lane-2 >> text=Link up")
