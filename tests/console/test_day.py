"""A guard's day at a running gateway, by keyboard: taps, a question, its review, a passage by hand, a lost gateway."""

import os
import subprocess
import time

import pytest

from checkpost import record
from tests.console.support import PIN
from tests.gateway.site import CHECKPOST, Site
from tests.gateway.support import CARD, STRANGER

PATIENCE_MS = 90_000
pytestmark = pytest.mark.timeout(600)  # a browser and two services, on a machine that has other work


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    console = {"crossing_point": "ONS", "lane": "console", "gateway": "g1", "link_key": os.urandom(16).hex()}
    made._good("POST", "/v1/boards", console)
    made.configure(http_port=0)
    command = [CHECKPOST, "gateway", "person", "add", "Han Sol", "--config", str(made.config)]
    subprocess.run(command, input=f"{PIN}\n", text=True, check=True, stdout=subprocess.DEVNULL)
    yield made
    made.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def tap(site, code, *crossing, **values):
    """Let a card be tapped now."""
    board = site.boards[code]
    seq = board.journal.crossing(int(time.time()), *crossing, **values)
    board.wake()
    return seq


def keys(page, *typed):
    """Press keys on a page that has loaded; what begins with ' is typed."""
    page.wait_for_load_state()
    for one in typed:
        if one.startswith("'"):
            page.keyboard.type(one[1:])
        else:
            page.keyboard.press(one)


def test_a_day(site, page):
    url = site.start_gateway()["console"]
    site.until(lambda: site.boards["ONS"].up() and site.boards["HRY"].up())
    sign_in(page, url)
    taps_arrive(site, page)
    review(page, url)
    hand_entry(page, url)
    the_gateway_goes_and_comes(site, page, url)
    looks = page.text_content("main")
    assert "review 1" in looks and "Han Sol" in looks


def sign_in(page, url):
    page.goto(url)
    page.wait_for_selector("#name:focus")
    keys(page, "'Han Sol", "Tab", "'000001", "Enter")
    page.wait_for_selector("#wrong")
    page.wait_for_selector("#pin:focus")
    keys(page, f"'{PIN}", "Enter")
    page.wait_for_url(f"{url}/")


def taps_arrive(site, page):
    seq = tap(site, "ONS", CARD, party=2)
    page.wait_for_selector("#lane-1 .tile.permitted .answer >> text=GO")
    site.boards["ONS"].journal.outcome(int(time.time()), seq, record.ADMITTED, 2)
    site.boards["ONS"].wake()
    page.wait_for_selector("#list >> text=Admitted")
    tap(site, "HRY", STRANGER, verdict=1)
    page.wait_for_selector("#lane-2 .tile.refer .answer >> text=ASK")
    page.wait_for_selector("#open-reviews >> text=1")
    page.wait_for_selector("#spoken >> text=Card is not known", state="attached")


def review(page, url):
    keys(page, "r")
    page.wait_for_url(f"{url}/reviews")
    keys(page, "j", "Enter")
    page.wait_for_url(f"{url}/reviews/1")
    keys(page, "j", "Enter")
    page.wait_for_selector(".state >> text=with Han Sol")
    keys(page, "j", "'My card was lost at the market.", "Tab", "Enter")
    page.wait_for_selector(".said >> text=lost at the market")
    keys(page, "j", "Escape", "j", "Space", "ArrowUp", "Tab", "'It was handed in this morning.", "Tab", "Enter")
    page.wait_for_selector(".state >> text=Closed as our error")
    page.wait_for_selector("#open-reviews:empty", state="attached")


def hand_entry(page, url):
    keys(page, "h")
    page.wait_for_url(f"{url}/hand-entry")
    page.focus("input[name=direction]")
    keys(page, "Space", "ArrowRight", "Tab", "'A1")
    page.focus("input[name=outcome]")
    keys(page, "Space", "Tab", "'7F3KQ", "Tab", "'2", "Enter")
    page.wait_for_selector(".done-note >> text=Entered:")
    assert page.input_value("#line") == "3"
    keys(page, "Escape", "l")
    page.wait_for_selector("#list >> text=From a paper form")


def the_gateway_goes_and_comes(site, page, url):
    port = int(url.rsplit(":", 1)[1])
    site.configure(http_port=port)
    site.kill("gateway")
    page.wait_for_selector("#lost >> text=every lane answers cards by itself")
    assert page.is_visible("#lost-print")
    tap(site, "HRY", STRANGER, direction=1, party=4, verdict=1)  # the lanes go on
    assert site.start_gateway()["console"] == url
    page.wait_for_selector("#lost", state="hidden")
    page.wait_for_selector("#list >> text=4 persons")
    assert page.locator("#list > li").count() == 4  # what came meanwhile is there, and nothing twice
    keys(page, "o")
    page.wait_for_url(f"{url}/looks")
