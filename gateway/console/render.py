"""Templates in every language, and the pieces of the live page that the stream sends again when they change."""

import gettext
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from gateway.console.catalogs import LANGUAGES
from gateway.console.mistake import Mistake
from gateway.console.shown import Crossing, Lane, Picture
from gateway.console.words import question, word

TEMPLATES = Path(__file__).resolve().parent / "templates"
STANDS_S = 60  # an answer fills its lane this long, then the lane says that it is ready
SPOKEN_S = 30  # an older crossing is not read out: it came late


def environment(translations: gettext.NullTranslations) -> Environment:
    """Return the templates in one language; `word` is the filter for the names of the core."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    made.filters["word"] = lambda name: translations.gettext(word(name))
    made.filters["question"] = lambda kind: translations.gettext(question(kind))
    made.filters["mistake"] = lambda error: _said(translations, error)
    made.globals["LANGUAGES"] = LANGUAGES
    made.globals["STANDS_S"] = STANDS_S
    return made


def _said(translations: gettext.NullTranslations, error: Exception) -> str:
    """Return what is wrong: in the page's language where it is the page's own word, else as it was said."""
    return translations.gettext(error.msgid) % error.values if isinstance(error, Mistake) else str(error)


class Fragments:
    """Renders by language. `catalogs`: as `gateway.console.catalogs.catalogs` returns them."""

    def __init__(self, catalogs: dict[str, gettext.NullTranslations]):
        self.environments = {language: environment(found) for language, found in catalogs.items()}

    def page(self, language: str, template: str, **values: Any) -> str:
        """Return a whole page."""
        return self.environments[language].get_template(template).render(values)

    def state(self, language: str, now: Picture, live: dict[str, Any]) -> dict[str, str]:
        """Return the pieces by the id of the element that holds them; `order` and `cursor` are for the script."""
        pieces = self._module(language)
        found = {f"lane-{lane.board}": str(pieces.lane(lane)) for lane in now.lanes}
        return found | {
            "notices": str(pieces.notices(live)),
            "boards": str(pieces.boards(now.lanes)),
            "open-reviews": str(now.open or ""),
            "order": " ".join(str(lane.board) for lane in now.lanes),
            "cursor": now.cursor.text(),
        }

    def crossing(self, language: str, crossing: Crossing, lanes: list[Lane]) -> tuple[str, str]:
        """Return a crossing's line in the list, and what is read out of it."""
        pieces = self._module(language)
        names = {lane.board: lane for lane in lanes}
        html = str(pieces.crossing(crossing, names))
        return html, str(pieces.spoken(crossing, names)).strip()

    def _module(self, language: str) -> Any:
        return self.environments[language].get_template("pieces.html").module
