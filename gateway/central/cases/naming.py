"""Whether a text names somebody: by reference, application, card, or whole name, each as whole words.

A person's own words for somebody cannot be known; this sees what the office itself would find them by.
"""

import re
from collections.abc import Set

from gateway.central.store import Transaction

WORD = re.compile(r"\w+(?:[._-]+\w+)*")  # a reference is one word, its blanks and stops left out
FEW = 16  # names of one person, with applications and cards
MAX_NAME_WORDS = 4  # of a name: longer ones are seen by their reference alone


def names_somebody(transaction: Transaction, text: str) -> bool:
    """Return True if a reference, an application, a card or a whole name of somebody stands in a text."""
    words = WORD.findall(text)
    single = set(words)
    return bool(
        transaction.persons.get(single)
        or transaction.knowledge.get("application", single)
        or transaction.knowledge.get("card", {word.upper() for word in single})
        or transaction.reception.here(single)
        or transaction.persons.bearing(_names(words))
    )


def occurring(text: str, folded: Set[str]) -> set[str]:
    """Return which of these words or names, casefolded, stand in a text in whatever capitals."""
    if len(folded) <= FEW and not any(WORD.findall(name)[0] in text.casefold() for name in folded):
        return set()  # most texts name nobody of a few: this is told without taking them apart
    return {name.casefold() for name in _names(WORD.findall(text))} & folded


def without(text: str, names: Set[str], mark: str) -> str:
    """Return a text with a mark in the place of each of these words or names."""
    for name in sorted(names, key=lambda one: (-len(one), one)):  # a short one may lie in a long one
        whole = r"\W+".join(map(re.escape, WORD.findall(name)))
        text = re.sub(rf"(?<!\w){whole}(?!\w)", mark, text, flags=re.IGNORECASE)
    return text


def _names(words: list[str]) -> set[str]:
    """Return whatever could be a name: up to MAX_NAME_WORDS words that follow each other."""
    return {
        " ".join(words[at : at + size]) for size in range(1, MAX_NAME_WORDS + 1) for at in range(len(words) - size + 1)
    }
