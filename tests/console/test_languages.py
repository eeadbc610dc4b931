"""The catalogs: every word of every page is there in every language, and nothing that no page says."""

import ast
import gettext
import re
from pathlib import Path

import pytest

from gateway.console import words
from gateway.console.catalogs import LANGUAGES, LOCALE, CatalogError, catalogs, read_po
from gateway.console.mistake import Mistake
from gateway.console.render import TEMPLATES, environment
from gateway.intake import alarms, judging, layout, readings
from gateway.intake import records as intake

CONSOLE = TEMPLATES.parent


def spoken():
    """Every message id of templates, words and mistakes; plurals joined as in a catalog."""
    found = set(words.WORDS.values()) | set(words.QUESTIONS.values())
    for path in TEMPLATES.glob("*.html"):
        for _, _, message in environment(gettext.NullTranslations()).extract_translations(path.read_text()):
            parts = [message] if isinstance(message, str) else [part for part in message if part]
            found.add("\0".join(parts))
    return found | {text for path in CONSOLE.rglob("*.py") for text in mistakes(path)}


def mistakes(path: Path):
    """The sentences of the mistakes that a file raises."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Mistake.__name__:
            assert isinstance(node.args[0], ast.Constant), path
            yield node.args[0].value


def held(language):
    return {key: text for key, text in read_po((LOCALE / f"{language}.po").read_text()).items() if key}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_catalog_has_every_message_and_no_other(language):
    assert set(held(language)) == spoken()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_keeps_what_is_put_into_it(language):
    holes = re.compile(r"%\(\w+\)s|\{\w+\}")
    for key, text in held(language).items():
        assert set(holes.findall(key)) == set(holes.findall(text)), key


def test_every_code_of_the_core_has_its_word():
    assert {code for code in words.every_code() if code not in words.WORDS} == set()


def test_every_question_and_oddity_has_its_words():
    named = {
        value
        for module in (alarms, intake, layout, readings)
        for name, value in vars(module).items()
        if is_code(name, value)
    }
    kinds = named | {judging.REFER, judging.ANSWER_CHANGED, judging.WRITTEN_TWICE}
    assert len(named) >= 10 and {kind for kind in kinds if words.question(kind) == kind} == set()


def is_code(name, value):
    return name.isupper() and isinstance(value, str) and " " not in value


def test_plurals_follow_the_language():
    found = catalogs()
    assert found["en"].ngettext("%(count)s person", "%(count)s persons", 2) == "%(count)s persons"
    assert found["ko"].ngettext("%(count)s person", "%(count)s persons", 2) == "%(count)s명"


@pytest.mark.parametrize(
    "text",
    ['msgid "a"\nmsgstr ""', 'msgid "a"\nnonsense', 'msgstr "a"', 'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"'],
)
def test_a_broken_catalog_is_named(text):
    with pytest.raises(CatalogError, match="Entry"):
        read_po(text)
