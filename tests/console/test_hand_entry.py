"""A typed crossing that is doubtful is asked for once more, in words, and what is sent twice is entered once."""

import re

import pytest

from checkpost import record
from gateway.boards.localtime import moment
from gateway.contract import Application, Card
from gateway.intake.learning import Learning
from gateway.review.reviews import Reviews
from tests.console.support import CONSOLE_BOARD, GUARDS
from tests.console.test_in_browser import PATIENCE_MS, WIDE, in_both_themes
from tests.console.test_unsent import sign_in
from tests.gateway.support import DAY_S, MORNING_S, NOW_S

ZONE = "Asia/Pyongyang"
YOUNG_CARD = "04000000000007"
TRADER_CARD = "04000000000008"
NONE = {"outcome": "", "card": ""}


@pytest.fixture(scope="module")
def office(served):
    """Permits: A7 is applied for in the days before, and valid from today on; A8 is what a board reads."""
    day = f"{moment(ZONE, MORNING_S):%Y-%m-%d}"
    rows = [
        Application(application_id="A7", decision="approved", submitted_on="2026-10-20", valid_from=day),
        Application(application_id="A8", decision="approved"),
        Card(card_uid=YOUNG_CARD, application_id="A7", status="active"),
        Card(card_uid=TRADER_CARD, application_id="A8", status="active"),
    ]
    served.do(lambda store: Learning(store).take_imported(rows, NOW_S))
    return served


def fields(at_s, **more):
    local = moment(ZONE, at_s)
    said = {"crossing_point": "ONS", "date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "direction": "entry"}
    return said | {"party": "1"} | NONE | more


def hidden(text):
    """The hidden fields of the page's form, without its mark."""
    form = text[text.index('action="/hand-entry"') :]
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    del found["csrf"]
    return found


def entered(office):
    """How many records the console wrote."""
    held = office.do(lambda store: store.records.chain(CONSOLE_BOARD, 1))
    return held.seq if held else 0


def asked(office, answer, before):
    """The page that asks once more: nothing is written."""
    assert answer.status_code == 200 and "Is this right?" in answer.text and entered(office) == before
    return answer.text


LONG_AGO = "That is not of these days"


@pytest.mark.parametrize(
    ("ago_s", "more", "asks"),
    [
        (12 * 3600, {}, False),
        (12 * 3600 + 60, {}, True),
        (3 * DAY_S, {"form": "B1", "line": "1"}, False),
        (3 * DAY_S + 60, {"form": "B2", "line": "1"}, True),
    ],
)
def test_what_was_long_ago_is_asked_for_once_more(office, ago_s, more, asks):
    before = entered(office)
    answer = office.guard().send("/hand-entry", **fields(office.now_s - ago_s, **more))
    if asks:
        assert LONG_AGO in asked(office, answer, before)
    else:
        assert "Entered:" in answer.text and entered(office) == before + 1


@pytest.mark.parametrize(
    ("language", "day", "ago"),
    [
        ("en", "Thursday 1 January 2026, 10:00", "296 days ago"),
        ("ko", "2026년 1월 1일 목요일, 10:00", "296일 전"),
        ("zh", "2026年1月1日 星期四, 10:00", "296 天前"),
    ],
)
def test_the_day_is_said_in_words(office, language, day, ago):
    guard = office.guard(language=language)
    typed = fields(MORNING_S) | {"date": "2026-01-01", "time": "10:00"}
    text = guard.send("/hand-entry", **typed).text
    assert day in text and ago in text
    typed["date"] = "2003-11-03"
    assert {"en": "22 years ago", "ko": "22년 전", "zh": "22 年前"}[language] in guard.send("/hand-entry", **typed).text


def test_what_was_confirmed_is_entered_and_nothing_else(office):
    guard, before = office.guard(), entered(office)
    typed = fields(office.now_s - 40 * DAY_S, outcome="referred", party="2")
    sure = hidden(asked(office, guard.send("/hand-entry", **typed), before))
    assert {name: sure[name] for name in typed if typed[name]} == {name: said for name, said in typed.items() if said}
    for name, other in (("date", "2026-10-01"), ("time", "04:44"), ("party", "3"), ("direction", "exit")):
        again = asked(office, guard.send("/hand-entry", **sure | {name: other}), before)
        assert hidden(again)["sure"] != sure["sure"]
    assert "Entered:" in guard.send("/hand-entry", **sure).text
    assert entered(office) == before + 2  # the crossing and its outcome


def test_what_is_to_be_changed_comes_back_as_it_was_typed(office):
    guard, before = office.guard(), entered(office)
    typed = fields(office.now_s - 40 * DAY_S, outcome="referred", party="4", form="C1", line="7")
    sure = hidden(asked(office, guard.send("/hand-entry", **typed), before))
    text = guard.send("/hand-entry", **sure, change="1").text
    unwritten = hidden(guard.send("/hand-entry", **typed | {"outcome": ""}).text)
    assert re.search(r'value="" required checked', guard.send("/hand-entry", **unwritten, change="1").text)
    for name in ("date", "time", "party", "form", "line"):
        assert re.search(rf'name="{name}"[^>]*value="{typed[name]}"', text), name
    assert re.search(r'value="referred"[^>]* checked', text) and entered(office) == before


def test_a_second_press_enters_nothing_twice(office):
    guard, before = office.guard(), entered(office)
    once = hidden(guard.page("/hand-entry"))
    first = guard.send("/hand-entry", **fields(office.now_s) | once)
    second = guard.send("/hand-entry", **fields(office.now_s) | once)
    assert "Entered:" in first.text and "Entered:" in second.text and second.url == first.url
    assert entered(office) == before + 1
    guard.send("/hand-entry", **fields(office.now_s, party="2") | once)  # another crossing, from a page that was kept
    assert entered(office) == before + 2
    sure = hidden(guard.send("/hand-entry", **fields(office.now_s - 50 * DAY_S) | once).text)
    for _ in range(2):
        assert "Entered:" in guard.send("/hand-entry", **sure).text
    assert entered(office) == before + 3


def test_a_line_of_a_form_that_contradicts_another_is_asked_for(office):
    guard = office.guard()
    for line, ago_s in (("2", 7200), ("4", 3600)):
        assert "Entered:" in guard.send("/hand-entry", **fields(office.now_s - ago_s, form="D1", line=line)).text
    before = entered(office)
    late = guard.send("/hand-entry", **fields(office.now_s - 1800, form="D1", line="3"))
    assert "Line 4 of this form is of" in asked(office, late, before)
    early = guard.send("/hand-entry", **fields(office.now_s - 9000, form="D1", line="3"))
    assert "Line 2 of this form is of" in asked(office, early, before)
    assert "Entered:" in guard.send("/hand-entry", **fields(office.now_s - 5400, form="D1", line="3")).text


def test_of_a_form_s_other_lines_of_one_day_it_is_asked_once(office):
    guard, at_s = office.guard(), office.now_s - 30 * DAY_S
    sure = hidden(guard.send("/hand-entry", **fields(at_s, form="E1", line="1")).text)
    assert "Entered:" in guard.send("/hand-entry", **sure).text
    assert "Entered:" in guard.send("/hand-entry", **fields(at_s + 60, form="E1", line="2")).text
    before = entered(office)
    another_day = guard.send("/hand-entry", **fields(at_s + DAY_S, form="E1", line="3"))
    assert LONG_AGO in asked(office, another_day, before)


def test_a_day_before_the_permit_s_first_is_asked_for_and_is_a_look(office):
    guard, before = office.guard(), entered(office)
    midnight_s = MORNING_S - 9 * 3600 - MORNING_S % DAY_S
    typed = fields(midnight_s - 60, card="A7")
    assert "The permit is valid from a later day on: Saturday 24 October 2026." in asked(
        office, guard.send("/hand-entry", **typed), before
    )
    typed["date"] = "2026-10-19"
    said = asked(office, guard.send("/hand-entry", **typed), before)
    assert "The permit was applied for on a later day: Tuesday 20 October 2026." in said
    assert f"hand entry {YOUNG_CARD}" in guard.page("/looks")


def test_what_a_board_or_another_guard_has_already_is_asked_for(office):
    guard, other, before = office.guard(), office.guard(GUARDS[1]), entered(office)
    office.tap(1, TRADER_CARD, outcome=record.ADMITTED)
    said = guard.send("/hand-entry", **fields(office.now_s + 60, card="A8"))
    assert "A board has this card" in asked(office, said, before)
    typed = fields(office.now_s - 3 * 3600, card="A8", direction="exit")
    assert "Entered:" in other.send("/hand-entry", **typed).text
    said = guard.send("/hand-entry", **typed | {"form": "F1", "line": "1"})
    assert f"{GUARDS[1]} entered this card" in asked(office, said, before + 1)
    left_out = re.search(r'href="(/hand-entry\?[^"]+)"', said.text)[1].replace("&amp;", "&")
    assert re.search(r'name="line"[^>]*value="2"', guard.page(left_out)) and entered(office) == before + 1


def test_a_reviewer_sees_what_is_perhaps_the_same_crossing(office):
    guard = office.guard()
    typed = fields(office.now_s - 6 * 3600, card="A8", direction="exit")
    assert "Entered:" in guard.send("/hand-entry", **typed).text
    sure = hidden(guard.send("/hand-entry", **typed, form="G1", line="1").text)
    assert "Entered:" in guard.send("/hand-entry", **sure).text
    asked_last = office.do(lambda store: Reviews(store).list_open()[-1])
    text = guard.page(f"/reviews/{asked_last.id}")
    assert asked_last.kind == "written-twice" and "Perhaps written twice" in text
    assert "Perhaps the same crossing" in text and "Entered by hand" in text


def test_a_time_to_come_is_refused_in_the_page_s_language(office):
    answer = office.guard(language="zh").send("/hand-entry", **fields(office.now_s + 3600))
    assert answer.status_code == 422 and "通行时间在将来" in answer.text


@pytest.mark.timeout(400)
def test_by_keyboard_a_doubtful_day_is_changed_or_confirmed(office, chromium):
    before = entered(office)
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{office.service.url}/sign-in?back=/hand-entry")
    sign_in(page)
    page.wait_for_url(f"{office.service.url}/hand-entry")
    page.fill("#date", "2026-01-01")
    page.check("input[name=direction][value=exit]")
    page.check("input[name=outcome][value='']")
    page.press("#line", "Enter")
    page.wait_for_selector("button[name=change]:focus")  # whoever presses Enter twice has entered nothing
    assert in_both_themes(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(WIDE)
    page.keyboard.press("Enter")
    page.wait_for_selector("#date")
    assert page.input_value("#date") == "2026-01-01" and entered(office) == before
    page.press("#line", "Enter")
    page.wait_for_selector("button[name=change]:focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".done-note >> text=2026-01-01")
    assert entered(office) == before + 1
    context.close()
