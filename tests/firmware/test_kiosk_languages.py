"""Every message exists in every language, has all its letters, and fits its place."""

import re
import shutil
from pathlib import Path

import pytest

from checkpost import reasons as why
from checkpost.record import OUTCOMES
from kiosk import texts as kiosk_texts
from kiosk.errors import LetteringError
from kiosk.faults import PARTS
from kiosk.glyphs import LARGE, SMALL, Glyphs
from kiosk.lettering import Lettering
from kiosk.script import WIDTH, WORD_WIDTH, Latin
from kiosk.texts import LANGUAGES, Texts, filled, texts_of
from kiosk.wide import Wide
from tests.support import framebuf
from tests.support.kiosk import Kiosk
from tools.lettering import LARGE_WORDS
from tools.lettering.make import NoFont, double, find_fonts, make_all, messages, needed

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
FOLDER = str(FIRMWARE / "lettering") + "/"
OTHERS = [language for language in LANGUAGES if language != "en"]


def script(language):
    """Return a language's texts and script."""
    texts = Texts(language, FOLDER)
    buffer = bytearray(1024)
    pen = Lettering(framebuf.FrameBuffer(buffer, 128, 64, framebuf.MONO_VLSB), buffer)
    return texts, Latin(pen) if texts.glyphs is None else Wide(pen, texts.glyphs)


def drawn(rows):
    """Return a picture's rows as words."""
    return ["".join("#" if point else "." for point in row) for row in rows]


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_messages_exist_with_the_same_numbers_in_them(language):
    assert sorted(messages(language)) == sorted(messages("en"))
    texts, english = Texts(language, FOLDER), Texts()
    for name in messages("en"):
        assert "".join(texts(name)).count("%d") == "".join(english(name)).count("%d"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_wider_than_its_place(language):
    texts, writes = script(language)
    for name in messages(language):
        lines = texts(name)
        if name in LARGE_WORDS:
            wide = [LARGE * len(line) if texts.glyphs else 2 * writes.width(line) for line in lines]
            assert max(wide) <= WORD_WIDTH and len(lines) <= (1 if texts.glyphs else 2), name
        else:
            longest = [line.replace("%d-%d", "16-64").replace("%d", "65535") for line in lines]
            assert 0 < max(writes.width(line) for line in longest) <= WIDTH and len(lines) <= 2, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_cause_note_and_fault_has_words(language):
    for name in why.REASONS + why.CAUSES + why.NOTES + tuple("fault-" + part for part in PARTS):
        assert name in messages(language)


def test_every_word_that_a_page_draws_large_is_among_the_large_ones():
    drawn = set(why.VERDICTS + OUTCOMES[1:])
    for path in (FIRMWARE / "kiosk").glob("*.py"):
        source = path.read_text()
        drawn.update(re.findall(r"_words\(\"([a-z-]+)\"\)", source))
        drawn.update(re.findall(r"(?:stopped|\.fault)\((?:view, )?\"([a-z-]+)\"", source))
    assert drawn <= set(LARGE_WORDS) <= set(messages("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_the_file_holds_the_letters_that_the_messages_need_and_no_others(language):
    glyphs = Glyphs(FOLDER + language + ".bin")
    for size, large in ((SMALL, False), (LARGE, True)):
        letters = needed(language, large)
        assert all(glyphs.has(letter, size) for letter in letters), "make it anew with: python -m tools.lettering"
        held = [letter for letter in map(chr, range(0x80, 0x10000)) if glyphs.has(letter, size)]
        assert held == letters, "make it anew with: python -m tools.lettering"


def test_the_files_of_letters_equal_a_fresh_run():
    try:
        fonts = find_fonts()
    except NoFont as error:
        pytest.skip(str(error))
    for name, data in make_all(fonts).items():
        assert (FIRMWARE / "lettering" / name).read_bytes() == data, "make it anew with: python -m tools.lettering"


def test_doubling_fills_steps_and_leaves_corners():
    assert drawn(double([[True, False], [False, True]])) == ["##..", "###.", ".###", "..##"]
    assert drawn(double([[True, True], [True, False]])) == ["####", "####", "##..", "##.."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: None, "letters missing"),
        (lambda data: b"", "not letters"),
        (lambda data: data[:-1], "letters damaged"),
        (lambda data: data[:900] + bytes([data[900] ^ 1]) + data[901:], "letters damaged"),
    ],
)
def test_a_language_without_its_letters_is_english_and_says_so(tmp_path, change, said):
    data = change((FIRMWARE / "lettering" / "ko.bin").read_bytes())
    shutil.copy(FOLDER + "en.txt", tmp_path)
    if data is not None:
        (tmp_path / "ko.bin").write_bytes(data)
    with pytest.raises(LetteringError, match=said):
        Texts("ko", str(tmp_path) + "/")
    texts, wrong = texts_of("ko", str(tmp_path) + "/")
    assert (texts("permitted"), wrong) == (("GO",), said) and len(said) <= 17


def test_a_board_without_its_letters_works_and_the_log_keeps_it(tmp_path, monkeypatch):
    shutil.copy(FOLDER + "en.txt", tmp_path)
    monkeypatch.setattr(kiosk_texts.texts_of, "__defaults__", (str(tmp_path) + "/",))
    kiosk = Kiosk(language="zh").run(100)
    assert any(b"letters missing" in record.body for record in kiosk.records())
    assert not kiosk.app.faults.has("screen")


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("en", "Onsong", "Onsong 1"), ("en", "온성", "ONS 1"), ("en", "N" * 64, "N" * 14 + " 1"),
        ("ko", "Onsong", "Onsong 1"), ("ko", "카드 통신소", "카드 통신소 1"), ("ko", "龍井", "ONS 1"),
        ("zh", "卡" * 64, "卡" * 9 + " 1"), ("zh", "온성", "ONS 1"), ("zh", "N" * 64, "N" * 14 + " 1"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_drawn_is_shown_as_its_code(language, name, shown):
    texts, writes = script(language)
    assert texts.title(name, "ONS", "1") == shown
    assert writes.width(shown) <= WIDTH


def test_a_longer_lane_leaves_less_of_the_name():
    assert len(Texts().title("N" * 64, "ONS", "12345678")) == 16


def test_english_boards_load_no_letters():
    assert Texts().glyphs is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_is_read_as_it_stands_in_its_file(language):
    texts = Texts(language)
    for name, words in messages(language).items():
        assert texts(name) == tuple(words.split("|")), name
    assert texts("permitted-") == ("permitted-",) and texts("permit") == ("permit",)


def test_no_file_names_a_message_twice():
    for language in LANGUAGES:
        lines = (FIRMWARE / "lettering" / f"{language}.txt").read_text().splitlines()
        assert len(messages(language)) == sum(not line.startswith("#") for line in lines)
        assert max(len(line.encode()) for line in lines) < 128


def test_a_board_without_any_words_shows_their_ids_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(kiosk_texts.texts_of, "__defaults__", (str(tmp_path) + "/",))
    kiosk = Kiosk().run(100)
    assert any(b"words missing" in record.body for record in kiosk.records())
    assert texts_of("en")[0]("permitted") == ("permitted",)
    kiosk.tap().run(2000)
    assert filled("%d to %d", (1, 2)) == "1 to 2" and filled("set-range", (1, 2)) == "set-range"
