"""Every look at personal data, and by which words an erasure finds the looks that name somebody."""

import re
import sqlite3
from typing import NamedTuple

# Of ASCII alone, so that a particle that is written onto a number is none of it: in "A-17은" the permit is A-17.
_WORD = re.compile(r"[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*")
_BLANKS = re.compile(r"[\s:.-]")  # within a card's number, as people type it
_SEARCH = "search "  # of a look that is what somebody typed
_REVIEW = "review "  # of a look at a review: its number is nobody's


class Look(NamedTuple):
    """One look at personal data: when (Unix UTC), who, at what, and the purpose that was given."""

    at_s: int
    name: str
    what: str
    why: str


def words_of(what: str, why: str) -> set[str]:
    """Return the words of a look that may name a permit or card, in capitals."""
    texts = [why] if what.startswith(_REVIEW) else [what, why]
    words = {_folded(word) for text in texts for word in _WORD.findall(text)}
    return words | ({_typed(what)} - {""} if what.startswith(_SEARCH) else set())


def without(text: str, name: str, mark: str) -> str:
    """Return a text with a mark where this permit or card stands as a whole word, or was typed in a search."""
    if text.startswith(_SEARCH) and _typed(text) == _folded(name):
        return _SEARCH + mark
    return _WORD.sub(lambda found: mark if _folded(found[0]) == _folded(name) else found[0], text)


class Looks:
    """The log of looks, one connection's view of it. Nothing here is ever deleted, or changed but by an erasure."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def note(self, look: Look) -> None:
        """Keep that somebody looked at personal data."""
        number = self._conn.execute("INSERT INTO looks (at_s, name, what, why) VALUES (?, ?, ?, ?)", look).lastrowid
        rows = [(word, number) for word in words_of(look.what, look.why)]
        self._conn.executemany("INSERT INTO look_words VALUES (?, ?)", rows)

    def newest(self, limit: int) -> list[Look]:
        """Return the newest looks, newest first."""
        rows = self._conn.execute("SELECT at_s, name, what, why FROM looks ORDER BY id DESC LIMIT ?", (limit,))
        return [Look(*row) for row in rows]

    def forget(self, name: str, mark: str) -> None:
        """Put a mark in the place of a permit or card; the trigger that keeps looks is stepped over meanwhile."""
        word = _folded(name)
        query = "SELECT id, what, why FROM looks WHERE id IN (SELECT look FROM look_words WHERE word = ?)"
        for number, what, why in self._conn.execute(query, (word,)).fetchall():
            texts = without(what, name, mark), without(why, name, mark)
            self._conn.execute("UPDATE looks SET what = ?, why = ? WHERE id = ?", (*texts, number))
        self._conn.execute("DELETE FROM look_words WHERE word = ?", (word,))


def _folded(name: str) -> str:
    found = _WORD.match(name)  # a stop at the end of a name is none of it, nor of the word in a text
    return found[0].upper() if found else name.upper()


def _typed(what: str) -> str:
    """Return a card's number as one word, however it was typed; any other word as it is."""
    return _BLANKS.sub("", what.removeprefix(_SEARCH)).upper()
