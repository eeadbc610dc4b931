"""The passages of one permit in the order of time, and the verdict of each. Pure.

Whatever order records arrived in, the same set of taps ends in the same verdicts.
"""

from checkpost.hole import Hole, Missing
from checkpost.passage import Passage, Step, passages
from checkpost.permit import BORDER, UNKNOWN_DAY, Permit, Usage
from checkpost.reasons import (
    APPLICATION_NOT_APPROVED,
    FREQUENT,
    HISTORY_INCOMPLETE,
    IMPOSSIBLE_TRAVEL,
    NOT_ON_ROSTER,
    UNKNOWN_CARD,
    WRITTEN_TWICE,
)
from checkpost.record import NO_OUTCOME
from checkpost.rules import Knowledge, Policy, Tap, Verdict, advance, dated, judge, passed


def replay(
    steps: list[Step],
    permit: Permit | None,
    policy: Policy,
    known: Knowledge,
    complete_to_s: int | None = None,
    holes: tuple[Hole, ...] = (),
    before: Step | None = None,
) -> Usage:
    """Judge every step of one permit in order, set its `verdict`, and return the use after the last.

    `complete_to_s`: up to this order of time no use can be missing but in `holes`; None: none at all. `before`: the
    step by whose passage the use that it was judged by is returned instead.
    """
    usage = Usage()
    asked: Usage | None = None
    found = passages(steps, policy, holes)
    missing = Missing(holes, permit) if holes or any(passage.near or passage.disputed for passage in found) else None
    releases = permit if permit and permit.released_days else None
    if releases:
        usage.released_day = released_day(releases, usage)
    seen: dict[bytes, Tap] = {}
    for passage in found:
        first, tap = passage.steps[0], passage.judged()
        usage.complete = usage.counted = complete_to_s is None or first.key[0] <= complete_to_s
        if missing:
            missing.narrow(usage, first.key)
        held = _use_against(passage, usage) if passage.near else usage
        if before and (before in passage.steps or before in passage.lines):
            asked = held.copied()
        verdict = judge(tap, first.card, permit, held, policy, known)
        if policy.journeys and tap.kind == BORDER and tap.genuine and dated(tap, policy) and not passage.near:
            _look_for_travel(seen.get(first.uid), tap, verdict, policy)
            seen[first.uid] = tap
        entries = usage.entries
        if not (missing and tap.kind == BORDER and _hidden(missing, passage, verdict)):
            advance(usage, tap, verdict, policy)
        first.used_entry = usage.entries > entries
        if releases:
            usage.released_day = released_day(releases, usage)
        for step in passage.steps:
            step.verdict = verdict
        if passage.near or passage.lines:
            _note_second_writings(passage, verdict, policy)
    if asked:
        return asked
    usage.complete = usage.counted = complete_to_s is None
    if missing:
        missing.narrow(usage, None)
    return usage


def _use_against(passage: Passage, usage: Usage) -> Usage:
    """Return what may be held against a passage: nothing of the crossings that it may be another writing of."""
    first = passage.steps[0]
    known = usage.copied()
    known.complete = known.counted = False
    known.lost = True
    for other in passage.near:
        if other.steps[0].key < first.key and other.steps[0].used_entry:
            known.entries -= 1
    return known


def _note_second_writings(passage: Passage, verdict: Verdict, policy: Policy) -> None:
    """Give what hands wrote of a passage its verdict; what is perhaps written twice also gets the note that asks it."""
    first = passage.steps[0]
    given = [verdict] if passage.near else []
    if passage.near:
        verdict.beside = passage.near[0].steps[0].key[1:]
    for line in passage.lines:
        line.verdict = verdict.copied(policy)
        line.verdict.beside = first.key[1:]
        given.append(line.verdict)
    if _notes_asked(verdict):
        for one in given:
            one.notes |= WRITTEN_TWICE


def _notes_asked(verdict: Verdict) -> bool:
    """Return True if the judging came as far as the notes."""
    ended = (verdict.reasons | verdict.waived) & (UNKNOWN_CARD | APPLICATION_NOT_APPROVED)
    return not ended and not verdict.unchecked & NOT_ON_ROSTER


def _hidden(missing: Missing, passage: Passage, verdict: Verdict) -> bool:
    """Return True if nobody can tell whether a passage at a border point went through, so that it counts neither way.

    Its outcome, or the one that put it right, may be missing; or the verdict that let it pass without one. Or it is
    perhaps another one's, written twice.
    """
    first, last = passage.steps[0], passage.steps[-1]
    unjudged = first.tap.outcome == NO_OUTCOME and verdict.causes & HISTORY_INCOMPLETE
    if missing.hides_outcome(last.key) or unjudged or passage.near or passage.disputed:
        missing.doubt(last.key, last.tap.point)
        verdict.notes &= ~FREQUENT
        return True
    if passed(last.tap.outcome, verdict.verdict):
        missing.passed(first.key)
    return False


def released_day(permit: Permit, usage: Usage) -> int | None:
    """Return the day on which a station released the holder in the stay that stands, None if none did.

    A release belongs to the stay whose entry lies on its day or before. Where no entry of a known day stands, it counts
    until an exit passes: that of its own day too, and one whose day nobody knows.
    """
    since = usage.entry_day
    if since is None or since == UNKNOWN_DAY:
        if usage.left_day == UNKNOWN_DAY:
            return None
        since = 0 if usage.left_day is None else usage.left_day + 1
    for day in permit.released_days:
        if day >= since:
            return day
    return None


def _look_for_travel(before: Tap | None, tap: Tap, verdict: Verdict, policy: Policy) -> None:
    if before and not (verdict.reasons | verdict.waived) & APPLICATION_NOT_APPROVED and _too_fast(before, tap, policy):
        verdict.notes |= IMPOSSIBLE_TRAVEL


def _too_fast(before: Tap, tap: Tap, policy: Policy) -> bool:
    """Return True if a card was at two points nearer in time than the journey, whatever their clocks are unsure of."""
    needed_s = policy.journeys.get((before.point, tap.point), 0)
    return abs(tap.utc_s - before.utc_s) + before.uncertainty_s + tap.uncertainty_s < needed_s
