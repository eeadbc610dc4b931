"""Whether a text names somebody who is known here: by reference, application, card, or name.

A person's own words for somebody cannot be known; this sees what the office itself would find them by.
"""

import re

from gateway.central.store import Transaction

WORD = re.compile(r"\w+(?:[._-]+\w+)*")  # a reference is one word, its blanks and stops left out
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


def _names(words: list[str]) -> set[str]:
    """Return whatever could be a name: up to MAX_NAME_WORDS words that follow each other."""
    return {
        " ".join(words[at : at + size]) for size in range(1, MAX_NAME_WORDS + 1) for at in range(len(words) - size + 1)
    }
