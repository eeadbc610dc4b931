"""The names of the core and the contract in words for people."""

WORDS = {
    "permitted": "Permitted",
    "refer": "Refer",
    "unverifiable": "Can't verify",
    "turned_back": "turned back",
    "none": "none recorded",
    "sun": "SUN (the card's own proof)",
    "uid": "bare UID (can be copied)",
    "live": "live (proven by key)",
    "our-error": "our error",
}


def word(name: str) -> str:
    """Return a name for people; one without words of its own is its letters."""
    return WORDS.get(name, name.replace("-", " ").replace("_", " "))
