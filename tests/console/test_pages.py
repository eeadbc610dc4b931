"""The pages: what they show, what they keep to themselves, and a day's work over them."""

import re

import pytest

from checkpost import record
from gateway.console.catalogs import LANGUAGES
from gateway.contract import CrossingPoint
from gateway.intake.learning import Learning
from gateway.review.reviews import MAX_TEXT
from tests.console.support import GUARDS, live
from tests.gateway.support import CARD, MORNING_S, STRANGER

PAGES = ("/", "/lanes", "/reviews", "/hand-entry", "/search", "/looks", "/reviews/1")


@pytest.fixture(scope="module")
def busy(served):
    """Two crossings of the permit, one of a card that nobody knows, which raises a question."""
    served.tap(1, CARD, outcome=record.ADMITTED)
    served.tap(2, STRANGER, verdict=1, outcome=record.REFERRED)
    return served


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_loads_nothing_from_outside_and_runs_nothing_inline(busy, language):
    guard = busy.guard(language=language)
    for path in PAGES:
        answer = guard.http.get(path)
        assert answer.status_code == 200 and f'<html lang="{language}"' in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", answer.text)
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)
        for name in re.findall(r"/static/[\w.]+", answer.text):
            assert guard.http.get(name).status_code == 200
    assert guard.http.get("/static/../app.py").status_code == 404
    assert guard.http.get("/reviews/none").status_code == 404


def test_the_live_page_says_nothing_of_who_crossed(busy):
    page = busy.guard().page("/")
    assert "GO" in page and "ASK" in page and "Card is not known" in page
    assert CARD not in page and STRANGER not in page and "A1" not in page


def test_what_a_point_is_called_is_text_and_not_markup(busy):
    points = [CrossingPoint(code="HRY", name="<script>alert(1)</script>", kind="border", zone="north")]
    busy.do(lambda store: Learning(store).take_imported(points, MORNING_S))
    assert "<script>alert" not in busy.guard().page("/")


def test_a_lost_link_and_a_silent_centre_are_said(busy):
    guard = busy.guard()
    busy.now_s += 600  # the last answers no longer stand
    busy.say(live(1, connected=False, trouble="the store takes nothing: disk full"))
    page = guard.page("/")
    assert "The centre does not answer." in page and "disk full" in page and "Answers alone" in page
    busy.say(live(1, 2))


def test_a_search_needs_a_purpose_and_is_written_down_before_it_shows_anything(busy):
    guard = busy.guard()
    refused = guard.send("/search", query=CARD, purpose="")
    assert refused.status_code == 422 and "Active" not in refused.text and CARD not in guard.page("/looks")
    found = guard.send("/search", query="04:00:00:00:00:00:01", purpose="the traveller asks").text
    assert "Active" in found and "A1" in found and "Admitted" in found
    assert "Approved" in guard.send("/search", query="A1", purpose="the traveller asks").text
    looks = guard.page("/looks")
    assert "the traveller asks" in looks and GUARDS[0] in looks and "search A1" in looks
    assert "Card is not known" in guard.send("/search", query=STRANGER, purpose="found card").text
    assert "Nothing is held" in guard.send("/search", query="B7", purpose="found card").text
    assert guard.send("/search", query="'; --", purpose="found card").status_code == 422


def test_a_look_can_be_neither_changed_nor_deleted(busy):
    def tamper(store):
        for statement in ("DELETE FROM looks", "UPDATE looks SET name = 'x'"):
            with pytest.raises(Exception, match="a look is never"):
                store._conn.execute(statement)
        return len(store.looks.newest(100))

    assert busy.do(tamper) > 0


def test_a_review_goes_its_way_from_the_question_to_the_appeal(busy):
    first, second = busy.guard(GUARDS[0]), busy.guard(GUARDS[1])
    assert "Card is not known" in first.page("/reviews") and STRANGER not in first.page("/reviews")
    assert STRANGER in first.page("/reviews/1") and "review 1" in first.page("/looks")
    assert first.send("/reviews/1/decide", disposition="our-error", reason="mine").status_code == 422
    assert "with Han Sol" in first.send("/reviews/1/take").text
    assert "Han Sol has this review" in second.page("/reviews/1")
    assert "lost it" in second.send("/reviews/1/statement", statement="I <b>lost it</b>").text
    assert "<b>lost" not in second.page("/reviews/1")
    kept = first.send("/reviews/1/decide", disposition="none-such", reason="typed with care")
    assert kept.status_code == 422 and "typed with care" in kept.text
    done = first.send("/reviews/1/decide", disposition="our-error", reason="handed in this morning")
    assert "Closed as our error" in done.text and "handed in this morning" in done.text
    assert "Decided, newest first" in first.page("/reviews")
    assert "another person takes it" in first.send("/reviews/1/appeal", ground="it was mine").text
    assert first.send("/reviews/1/take").status_code == 422
    assert "with Kim Nari" in second.send("/reviews/1/take").text


def test_a_step_that_is_refused_shows_the_review_and_is_a_look_too(busy):
    guard = busy.guard()
    before = guard.page("/looks").count("review 1")
    assert STRANGER in guard.send("/reviews/1/statement", statement="").text
    assert guard.page("/looks").count("review 1") == before + 1


def test_the_longest_statement_is_taken_in_every_script(busy):
    assert busy.guard().send("/reviews/1/statement", statement="가" * MAX_TEXT).status_code == 200


ENTRY = {"crossing_point": "ONS", "date": "2026-10-24", "time": "09:00", "direction": "exit", "party": "1"}


def test_a_crossing_is_entered_by_hand_and_a_line_of_a_form_once(busy):
    guard = busy.guard()
    busy.now_s = MORNING_S + 86_400
    answer = guard.send("/hand-entry", **ENTRY, card="A1", outcome="admitted", form="7f3kq", line="4")
    assert answer.status_code == 200 and "Entered:" in answer.text and 'name="line"' in answer.text
    assert re.search(r'name="line"[^>]*value="5"', answer.text) and busy.taken[-1].new == 2
    assert "From a paper form" in guard.page("/")
    again = guard.send("/hand-entry", **ENTRY, card="A1", outcome="", form="7F3KQ", line="4")
    assert again.status_code == 422 and "entered before" in again.text
    who = busy.do(lambda store: store.hand.of_form("7F3KQ/4"))
    assert who.person == GUARDS[0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"card": "no such"}, "neither a card number"),
        ({"date": "2026-13-45"}, "date and the local time"),
        ({"date": "2999-01-01"}, "lies in the future"),
        ({"crossing_point": "XXX"}, "Choose the crossing point"),
        ({"direction": "up"}, "no such direction"),
        ({"party": "99"}, "1 to 15 persons"),
        ({"form": "7F3KQ"}, "number of its line"),
        ({"form": "ä ö", "line": "1"}, "number of its line"),
    ],
)
def test_an_entry_that_does_not_fit_is_shown_again_with_what_was_typed(busy, wrong, said):
    before = len(busy.taken)
    answer = busy.guard().send("/hand-entry", **(ENTRY | {"outcome": "", "card": CARD} | wrong))
    assert answer.status_code == 422 and said in answer.text and len(busy.taken) == before
    assert 'value="09:00"' in answer.text


def test_mistakes_are_said_in_the_pages_language(busy):
    answer = busy.guard(language="ko").send("/hand-entry", **(ENTRY | {"crossing_point": "XXX", "outcome": ""}))
    assert "통행 지점을 고르세요." in answer.text


def test_preferences_stay_in_the_browser(busy):
    guard = busy.guard()
    for name, value, seen in (("theme", "dark", 'data-theme="dark"'), ("keys", "off", 'data-keys="off"')):
        assert seen in guard.http.post("/preferences", data={"back": "/looks", name: value}, follow_redirects=True).text
    assert (
        "열람 기록"
        in guard.http.post("/preferences", data={"back": "/looks", "language": "ko"}, follow_redirects=True).text
    )
    assert 'data-theme="dark"' in guard.http.post("/preferences", data={"theme": "x"}, follow_redirects=True).text


def test_after_a_choice_of_language_the_same_page_is_shown(busy):
    guard = busy.guard()
    assert 'name="back" value="/lanes?board=1"' in guard.page("/lanes?board=1")
    for path, form in (("/search", "/search"), ("/reviews/1/decide", "/reviews/1")):
        assert f'name="back" value="{form}"' in guard.send(path, query="", purpose="").text
        assert guard.http.get(form).status_code == 200
