"""Whether a text names somebody: by reference, application, card, or whole name, each as whole words.

Korean writes particles and titles onto a word (`한솔씨에게는`): what stands before them is a word, too. A person's own
words for somebody cannot be known; this sees what the office itself would find them by.
"""

import re
from collections.abc import Set

from gateway.central.store import Transaction

WORD = re.compile(r"\w+(?:[._-]+\w+)*")  # a reference is one word, its blanks and stops left out
FEW = 16  # names of one person, with applications and cards
MAX_TAILS = 3  # particles that follow each other: a title, a case, a topic
# What Korean writes onto a name or a number: titles, cases, topics. A long one is tried beside the one that it ends in.
TAILS = (
    *("씨", "님", "양", "군", "동무", "동지", "선생", "네", "들"),
    *("은", "는", "이", "가", "을", "를", "의", "에", "에게", "에게서", "께", "께서", "한테", "한테서", "더러", "에서"),
    *("와", "과", "랑", "이랑", "하고", "로", "으로", "로서", "으로서", "도", "만", "부터", "까지", "보다", "처럼"),
    *(
        "마다",
        "조차",
        "마저",
        "밖에",
        "나",
        "이나",
        "라고",
        "이라고",
        "라는",
        "이라는",
        "이다",
        "야",
        "아",
        "여",
        "이여",
    ),
)
MAX_NAME_WORDS = 4  # of a name: longer ones are seen by their reference alone


def names_somebody(transaction: Transaction, text: str) -> bool:
    """Return True if a reference, an application, a card or a whole name of somebody stands in a text."""
    words = WORD.findall(text)
    single = set(words).union(*map(_stems, words))
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
    """Return a text with a mark in the place of each of these words or names; a particle stays behind it."""
    tail = "|".join(sorted(TAILS, key=len, reverse=True))
    for name in sorted(names, key=lambda one: (-len(one), one)):  # a short one may lie in a long one
        whole = r"\W+".join(map(re.escape, WORD.findall(name)))
        text = re.sub(rf"(?<!\w){whole}(?=(?:{tail}){{0,{MAX_TAILS}}}(?!\w))", mark, text, flags=re.IGNORECASE)
    return text


def _names(words: list[str]) -> set[str]:
    """Return whatever could be a name: up to MAX_NAME_WORDS words that follow each other, the last without its tail."""
    found = set()
    for end, last in enumerate(words, start=1):
        for stem in (last, *_stems(last)):
            for size in range(1, min(MAX_NAME_WORDS, end) + 1):
                found.add(" ".join([*words[end - size : end - 1], stem]))
    return found


def _stems(word: str) -> set[str]:
    """Return what stands before one to MAX_TAILS particles at the end of a word."""
    found: set[str] = set()
    left = {word}
    for _ in range(MAX_TAILS):
        left = {one.removesuffix(tail) for one in left for tail in TAILS if one.endswith(tail)} - {""}
        found |= left
    return found
