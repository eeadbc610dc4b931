"""The panel's pages equal the golden pictures, which somebody looked at, and no text is cut."""

import struct
import zlib

import pytest

from checkpost import reasons as why
from kiosk.pages import View, short_count
from kiosk.signals import lights, sound
from kiosk.texts import Texts
from tests.support import golden

pytestmark = pytest.mark.skipif(
    not golden.MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"
)


def points(png):
    """Return size, palette and points of a PNG: compressed bytes differ between versions of zlib."""
    at, chunks = 8, {}
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + size]
        at += 12 + size
    return chunks[b"IHDR"], chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])


def test_every_page_equals_its_golden_picture():
    made = golden.pictures()
    kept = {path.relative_to(golden.FOLDER).as_posix(): path.read_bytes() for path in golden.FOLDER.rglob("*.png")}
    assert sorted(made) == sorted(kept), "make them anew with: python -m tests.golden"
    wrong = [name for name in made if points(made[name]) != points(kept[name])]
    assert wrong == [], "look at them, then make them anew with: python -m tests.golden"


def test_every_message_is_seen_on_a_golden_picture():
    lines = (golden.ROOT / "firmware" / "lettering" / "en.txt").read_text().splitlines()
    messages = {line.split("=")[0] for line in lines if not line.startswith("#")}
    assert len(messages) > 70 and not messages - golden.asked()


def test_no_two_pages_look_alike():
    drawn = golden.pages()
    assert len(set(drawn.values())) == len(drawn)


def test_an_unknown_message_is_shown_as_it_is():
    assert Texts("en")("bit-13") == ("bit-13",)


def test_answers_differ_by_place_and_by_rhythm():
    places = [{light for first, end, *_ in lights(name) for light in range(first, end)} for name in why.VERDICTS]
    assert all(places) and not (places[0] & places[1] or places[1] & places[2] or places[0] & places[2])
    rhythms = [tuple(ms for _, ms in sound(name)) for name in why.VERDICTS]
    assert len(set(rhythms)) == 3


@pytest.mark.parametrize(("number", "text"), [(1, "1"), (999, "999"), (1000, "1k"), (207_500, "99k")])
def test_counts_take_three_letters(number, text):
    assert short_count(number) == text


def test_a_view_tells_when_the_idle_page_changes():
    first, second = View(), View()
    assert first.key() == second.key()
    second.queue = 1
    assert first.key() != second.key()
