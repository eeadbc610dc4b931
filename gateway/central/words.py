"""The names of the core and the contract in words for people."""

REASONS = {
    "no-permit": "no permit card",
    "card-not-genuine": "card is not genuine",
    "unknown-card": "card is not known",
    "card-blocked": "card is blocked",
    "application-not-approved": "permit is not approved",
    "not-yet-valid": "permit is not valid yet",
    "expired": "permit has ended",
    "wrong-crossing-point": "permit is for another point",
    "entries-exhausted": "all entries are used",
    "overstay": "stayed too long",
    "outside-zone": "permit is for another zone",
    "reception-incomplete": "reception stay is not finished",
    "party-too-large": "too many persons for the permit",
    "clock-untrusted": "clock was not set",
    "stale-roster": "permit list was too old",
    "card-unproven": "card was not proven",
    "history-incomplete": "earlier trips were not known",
    "not-on-roster": "card was not on the list",
    "missing-exit": "no exit on file",
    "missing-entry": "no entry on file",
    "frequent": "crosses often",
    "impossible-travel": "seen far away shortly before",
    "written-twice": "perhaps written twice",
}
QUESTIONS = {
    "refer": "The crossing needs a person's look",
    "left-without-release": "Somebody is gone from a reception station without a release",
    "answer-changed": "The guard was shown another answer",
    "impossible-travel": "A card was far away shortly before",
    "written-twice": "A crossing was perhaps written twice",
    "record-differs": "A gateway's record differs from the one that is held",
    "chain-broken": "Records do not continue their board's chain",
    "wrong-seal": "A board's seal does not fit its records",
    "record-not-understood": "A record is not understood",
    "outcome-without-crossing": "An outcome names no crossing",
}
REVIEW = {
    "open": "waits",
    "differs": "decided otherwise",
    "proposed": "return proposed",
    "permitted-after-all": "permitted after all",
    "regularised": "regularised: a permit is issued",
    "voluntary-return": "voluntary return",
    "referred-to-court": "referred to a court",
    "our-error": "our error",
    "raised-again": "raised again",
    "no-longer-asked": "the rules no longer ask",
    "statement": "the traveller's statement",
    "objected": "objected to the return",
}
CROSSING = {
    "permitted": "Permitted",
    "refer": "Refer",
    "unverifiable": "Can't verify",
    "turned_back": "turned back",
    "none": "no card",
    "uid": "number read only",
    "sun": "message of the card checked",
    "live": "proven live",
    "unset": "clock not set",
    "holdover": "clock not confirmed",
    "synced": "clock right",
    "anchored": "time computed afterwards",
    "tap": "tapped",
    "hand": "entered by hand",
    "paper": "from a paper form",
}
WORDS = REASONS | REVIEW | CROSSING


def word(name: str) -> str:
    """Return a name for people; one without words of its own is its letters."""
    return WORDS.get(name, name.replace("-", " ").replace("_", " "))


def question(kind: str) -> str:
    """Return what a review asks."""
    return QUESTIONS.get(kind, word(kind))


def phrases(detail: str) -> str:
    """Return reasons, as a review's detail names them, in words; other words stay as they are."""
    return ", ".join(WORDS.get(name, name) for name in detail.split(", "))
