"""Verdicts, reasons, causes and notes: their codes on the wire and their names for people.

Source: the domain's rules table. A code is a bit number; a name never changes once it was published.
"""

PERMITTED = 0
REFER = 1
UNVERIFIABLE = 2
VERDICTS = ("permitted", "refer", "unverifiable")

# Bits 0-12, in the order in which a verdict lists them: the first that holds is primary.
REASONS = (
    "no-permit",
    "card-not-genuine",
    "unknown-card",
    "card-blocked",
    "application-not-approved",
    "not-yet-valid",
    "expired",
    "wrong-crossing-point",
    "entries-exhausted",
    "overstay",
    "outside-zone",
    "reception-incomplete",
    "party-too-large",
)
(
    NO_PERMIT,
    CARD_NOT_GENUINE,
    UNKNOWN_CARD,
    CARD_BLOCKED,
    APPLICATION_NOT_APPROVED,
    NOT_YET_VALID,
    EXPIRED,
    WRONG_CROSSING_POINT,
    ENTRIES_EXHAUSTED,
    OVERSTAY,
    OUTSIDE_ZONE,
    RECEPTION_INCOMPLETE,
    PARTY_TOO_LARGE,
) = tuple(1 << bit for bit in range(13))

# Why nothing certain can be said: bits 0-4.
CAUSES = ("clock-untrusted", "stale-roster", "card-unproven", "history-incomplete", "not-on-roster")
CLOCK_UNTRUSTED, STALE_ROSTER, CARD_UNPROVEN, HISTORY_INCOMPLETE, NOT_ON_ROSTER = tuple(1 << bit for bit in range(5))

# What is worth a look but changes no verdict: bits 0-4.
NOTES = ("missing-exit", "missing-entry", "frequent", "impossible-travel", "written-twice")
MISSING_EXIT, MISSING_ENTRY, FREQUENT, IMPOSSIBLE_TRAVEL, WRITTEN_TWICE = tuple(1 << bit for bit in range(5))


def names(mask: int, table: tuple[str, ...]) -> list[str]:
    """Return the names of the bits set in `mask`, lowest bit first; unknown bits are named `bit-N`."""
    found = []
    bit = 0
    while mask >> bit:
        if mask >> bit & 1:
            found.append(table[bit] if bit < len(table) else "bit-%d" % bit)
        bit += 1
    return found


def mask(wanted: list[str], table: tuple[str, ...]) -> int:
    """Return the bits of the names in `wanted`; ValueError names one that `table` does not hold."""
    bits = 0
    for name in wanted:
        if name not in table:
            raise ValueError("no such name: %s" % name)
        bits |= 1 << table.index(name)
    return bits
