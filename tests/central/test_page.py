"""The page: counts by point, the stream of crossings, nothing from outside, and a picture of it."""

import json
import re

import pytest

from tests.central import support
from tests.central.browser import CHROMIUM, Browser

SVG = "http://www.w3.org/2000/svg"  # a name: nothing is loaded from there


@pytest.fixture(scope="module")
def busy(tmp_path_factory, shared_database):
    """A centre in a process of its own with the first two hundred taps of the scenario."""
    served = support.Served(tmp_path_factory.mktemp("central"), database=shared_database)
    served.know_points()
    served.know_permits()
    boards, spans, _ = support.written(served)
    for runs in support.in_tap_order(boards, spans[:200], 50):
        served.take(*runs)
    yield served
    served.kill()


def events(served, after, count):
    """The first `count` events of the stream as (name, data)."""
    found, name = [], ""
    with served.http.stream("GET", "/v1/events", params={"after": after}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
                if len(found) == count:
                    return found


def test_the_page_shows_each_point_and_loads_nothing_from_outside(small):
    page = small.http.get("/")
    assert page.status_code == 200 and "Onsong" in page.text and 'aria-live="polite"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)
    for name in re.findall(r"/static/[\w.]+", page.text):
        file = small.http.get(name)
        assert file.status_code == 200 and "http" not in file.text.replace("http-equiv", "").replace(SVG, "")
    assert small.http.get("/static/../app.py").status_code == 404


def test_what_a_point_is_called_is_text_and_not_markup(small):
    point = {"code": "X", "name": "<script>alert(1)</script>", "kind": "border", "zone": "z"}
    small.good("admin", "PUT", "/v1/crossing-points/X", json=point)
    assert "<script>alert" not in small.http.get("/").text


def test_the_stream_gives_the_newest_crossings_and_the_counts(busy):
    found = events(busy, 0, 51)
    assert [data["position"] for name, data in found if name == "crossing"] == list(range(151, 201))
    name, board = found[-1]
    assert name == "board" and board["total"]["crossings"] == 200 and board["position"] == 200
    assert [data["position"] for _, data in events(busy, 190, 11)] == [*range(191, 201), 200]


def test_the_stream_says_nothing_of_who_crossed(busy):
    """Whoever signed in watches it, without a purpose and without a line in the log of reads."""
    crossings = [data for name, data in events(busy, 0, 50) if name == "crossing"]
    cards = {row["card_uid"] for row in busy.crossings()} - {""}
    assert len(crossings) == 50 and cards and not any(card in json.dumps(crossings) for card in cards)
    assert not {"card_uid", "permit"} & set().union(*crossings)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not CHROMIUM:
        pytest.skip("no Chromium here: the page is not drawn")
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


def test_a_browser_shows_the_crossings_as_they_arrive(busy, browser, tmp_path):
    browser.open(busy.url, 1100)
    browser.wait("document.querySelectorAll('#list li').length", 50)
    browser.wait("document.querySelector('#list .position').textContent", "#200")
    assert browser.value("document.getElementById('line').dataset.state") == "live"
    word = browser.value("document.querySelector('#list .word').textContent")
    assert word in ("Permitted", "Refer", "Can't verify")  # colour is never the only sign
    busy.good("office", "POST", "/v1/imports", json={"cards": [first_card(busy) | {"status": "lost"}]})
    newest = busy.crossings()[-1]["position"]
    browser.wait("document.querySelector('#list .position').textContent", f"#{newest}")
    assert browser.value("document.querySelectorAll('#list li').length") == 50
    browser.picture(tmp_path / "wide.png")


def test_the_page_comes_back_by_itself(busy, browser):
    browser.open(busy.url, 1100)
    browser.wait("document.getElementById('line').dataset.state", "live")
    busy.kill()
    browser.wait("document.getElementById('line').dataset.state", "lost")
    busy.start()
    browser.wait("document.getElementById('line').dataset.state", "live")


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone_and_can_be_read(busy, browser, tmp_path, dark):
    browser.open(busy.url, 390, dark)
    browser.wait("document.querySelectorAll('#list li').length", 50)
    assert browser.value("document.documentElement.scrollWidth") <= 390
    assert browser.value("document.querySelector('.scroll').scrollWidth") <= 390
    for name in ("body", ".word.permitted", ".word.refer", ".position", "thead th", "td.unverifiable"):
        assert browser.value(CONTRAST % name) >= 4.5, name  # WCAG 2.2, 1.4.3
    browser.picture(tmp_path / "phone.png")


def first_card(served):
    row = next(row for row in served.crossings() if row["permit"])
    return {"card_uid": row["card_uid"], "application_id": row["permit"]}


# Contrast of an element's ink on the nearest paper below it: WCAG 2.2, relative luminance.
CONTRAST = """(() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let at = document.querySelector("%s");
  const ink = numbers(getComputedStyle(at).color).slice(0, 3);
  let paper = numbers(getComputedStyle(at).backgroundColor);
  while (paper.length === 4 && paper[3] === 0) {
    at = at.parentElement;
    paper = numbers(getComputedStyle(at).backgroundColor);
  }
  const [low, high] = [light(ink), light(paper.slice(0, 3))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
})()"""
