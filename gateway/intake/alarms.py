"""What is wrong with a board itself, by name: an attack, or a mistake with the same looks."""

from collections.abc import Iterable

from gateway.intake.records import CHAIN_MISMATCH, EPOCH_BACK, RESTORED

TWO_BOARDS = "two-boards"
TWINS = 3  # frames of a replaced session: a single one may have been under way when its board started anew

WORDS = {
    RESTORED: "its journal went back: a flash image was restored; give it a new epoch",
    EPOCH_BACK: "its epoch went back: an older journal runs on it; give it a new epoch",
    CHAIN_MISMATCH: "its records contradict those that are held: fetch its journal before anything else",
    TWO_BOARDS: "two boards speak as this one: take both off, and provision one of them anew",
}


def alarms(odd: Iterable[str], drops: dict[str, int], refused: Iterable[str], ports: int) -> list[str]:
    """Return the names of what stands: `odd` as intake.notice has it, `ports` on which the board speaks now."""
    found = [name for name in odd if name in WORDS]
    if CHAIN_MISMATCH in refused:
        found.append(CHAIN_MISMATCH)
    if drops.get("twin", 0) >= TWINS or ports > 1:
        found.append(TWO_BOARDS)
    return found
