"""What the codes of the core are called on the page: message ids of the catalogs, the guard's own words."""

from checkpost import reasons as why
from checkpost.anchor import CLOCKS
from checkpost.record import ASSURANCES, DIRECTIONS, OUTCOMES
from checkpost.source import SOURCES

# The panel of a board shows the same words, at the same place and in the same colour.
VERDICTS = {"permitted": "GO", "refer": "ASK", "unverifiable": "CANNOT VERIFY"}
REASONS = {
    "no-permit": "No permit card",
    "card-not-genuine": "Card is not genuine",
    "unknown-card": "Card is not known",
    "card-blocked": "Card is blocked",
    "application-not-approved": "Permit is not approved",
    "not-yet-valid": "Permit is not valid yet",
    "expired": "Permit has ended",
    "wrong-crossing-point": "Permit is for another point",
    "entries-exhausted": "All entries are used",
    "overstay": "Stayed too long",
    "outside-zone": "Permit is for another zone",
    "reception-incomplete": "Reception stay is not finished",
    "party-too-large": "Too many persons for the permit",
}
CAUSES = {
    "clock-untrusted": "Clock is not set",
    "stale-roster": "Permit list is too old",
    "card-unproven": "Card is not proven",
    "history-incomplete": "Earlier trips are not known here",
    "not-on-roster": "Card is not on the list held here",
}
NOTES = {
    "missing-exit": "No exit on file",
    "missing-entry": "No entry on file",
    "frequent": "Crosses often",
    "impossible-travel": "Seen far away shortly before",
    "written-twice": "Perhaps written twice",
}
CROSSING = {
    "entry": "In",
    "exit": "Out",
    "admitted": "Admitted",
    "referred": "Referred",
    "turned_back": "Turned back",
    "none": "No card",
    "uid": "Number read only",
    "sun": "Message of the card checked",
    "live": "Card proven live",
    "unset": "Clock not set",
    "holdover": "Clock not confirmed",
    "synced": "Clock right",
    "anchored": "Time computed afterwards",
    "tap": "Tapped",
    "hand": "Entered by hand",
    "paper": "From a paper form",
}
KNOWLEDGE = {
    "pending": "Pending",
    "approved": "Approved",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "active": "Active",
    "lost": "Lost",
    "stolen": "Stolen",
    "revoked": "Revoked",
    "replaced": "Replaced",
}
# What does not fit about a board or its records: `gateway.intake.records`, `.readings` and `.alarms` name it so.
ODD = {
    "board-restored": "The board was restored from a copy",
    "epoch-changed": "The board began a new journal",
    "epoch-went-back": "The board runs with an older journal",
    "chain-mismatch": "Records contradict what is held",
    "damaged-record": "A record is damaged",
    "records-missing": "Records are missing",
    "records-unreadable": "Records could not be read at their board",
    "outcome-without-crossing": "An outcome names no crossing",
    "gap": "Records came out of sequence",
    "compact-mismatch": "Compact records do not add up",
    "record-not-understood": "A record is not understood",
    "counter-out-of-order": "The card's counter went back",
    "two-boards": "Two boards speak as this one",
}
QUESTIONS = {
    "refer": "The crossing needs a person's look",
    "answer-changed": "The answer is another now",
}
DISPOSITIONS = {
    "permitted-after-all": "Permitted after all",
    "regularised": "Regularised: a permit is issued",
    "voluntary-return": "Voluntary return",
    "returned": "Returned",
    "referred-to-court": "Referred to a court",
    "our-error": "Closed as our error",
}
STEPS = {
    "opened": "Opened",
    "raised-again": "Raised again",
    "taken": "Taken",
    "statement": "Statement of the traveller",
    "decided": "Decided",
    "appealed": "Appealed",
    "open": "Waits",
}
WORDS = DISPOSITIONS | STEPS | VERDICTS | REASONS | CAUSES | NOTES | CROSSING | KNOWLEDGE | ODD


def word(name: str) -> str:
    """Return the message id of a name, the name itself for one that has none: it is shown rather than hidden."""
    return WORDS.get(name, name)


def question(kind: str) -> str:
    """Return the message id of what a flag asks."""
    return (QUESTIONS | ODD | NOTES).get(kind, kind)


def every_code() -> set[str]:
    """Return every name that the core may give; each must have its word."""
    judged = {*why.VERDICTS, *why.REASONS, *why.CAUSES, *why.NOTES}
    return (judged | {*DIRECTIONS, *ASSURANCES, *CLOCKS, *OUTCOMES, *SOURCES}) - {""}
