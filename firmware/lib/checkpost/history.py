"""The taps of one permit in the order of time: passages, and the verdict of each. Pure.

Whatever order records arrived in, the same set of taps ends in the same verdicts.
"""

from checkpost.hole import Hole, Missing
from checkpost.permit import BORDER, UNKNOWN_DAY, Card, Permit, Usage
from checkpost.reasons import APPLICATION_NOT_APPROVED, FREQUENT, HISTORY_INCOMPLETE, IMPOSSIBLE_TRAVEL
from checkpost.record import NO_OUTCOME
from checkpost.rules import Knowledge, Policy, Tap, Verdict, advance, dated, judge, passed


class Step:
    """One tap of a permit's history. `key`: (order UTC s, board, epoch, sequence); `card`: as it is held now."""

    def __init__(self, key: tuple[int, int, int, int], uid: bytes, tap: Tap, card: Card | None):
        self.key = key
        self.uid = uid
        self.tap = tap
        self.card = card
        self.verdict: Verdict | None = None


def passages(steps: list[Step], policy: Policy, holes: tuple[Hole, ...] = ()) -> list[list[Step]]:
    """Return the steps, in order, grouped into passages: a card tapped again before any outcome is one passage.

    A card that failed its proof is another card than the genuine one of its UID. A hole between two taps may be the
    outcome between them.
    """
    found: list[list[Step]] = []
    open_at: dict[tuple[bytes, int, int, bool], list[Step]] = {}
    for step in sorted(steps, key=lambda item: item.key):
        place = (step.uid, step.key[1], step.tap.direction, step.tap.genuine)
        last = open_at.get(place)
        if last and last[-1].tap.outcome == NO_OUTCOME and step.key[0] - last[-1].key[0] <= policy.repeat_s:
            if not (holes and any(hole.between(last[-1].key, step.key) for hole in holes)):
                last.append(step)
                continue
        open_at[place] = [step]
        found.append(open_at[place])
    return found


def replay(
    steps: list[Step],
    permit: Permit | None,
    policy: Policy,
    known: Knowledge,
    complete_to_s: int | None = None,
    holes: tuple[Hole, ...] = (),
    next_key: tuple[int, int, int, int] | None = None,
) -> Usage:
    """Judge every step of one permit in order, set its `verdict`, and return the use after the last.

    `complete_to_s`: up to this order of time no use can be missing but in `holes`; None: none at all. `next_key`: of
    the step for which the use is asked; None: of any that may follow.
    """
    usage = Usage()
    missing = Missing(holes, permit) if holes else None
    releases = permit if permit and permit.released_days else None
    if releases:
        usage.released_day = released_day(releases, usage)
    seen: dict[bytes, Tap] = {}
    for passage in passages(steps, policy, holes):
        first, last = passage[0], passage[-1]
        tap = first.tap
        tap.outcome = last.tap.outcome
        tap.party = last.tap.party
        usage.complete = usage.counted = complete_to_s is None or first.key[0] <= complete_to_s
        if missing:
            missing.narrow(usage, first.key)
        verdict = judge(tap, first.card, permit, usage, policy, known)
        if policy.journeys and tap.kind == BORDER and tap.genuine and dated(tap, policy):
            if not (verdict.reasons | verdict.waived) & APPLICATION_NOT_APPROVED and first.uid in seen:
                verdict.notes |= IMPOSSIBLE_TRAVEL if _too_fast(seen[first.uid], tap, policy) else 0
            seen[first.uid] = tap
        if not (missing and tap.kind == BORDER and _hidden(missing, passage, verdict)):
            advance(usage, tap, verdict, policy)
        if releases:
            usage.released_day = released_day(releases, usage)
        for step in passage:
            step.verdict = verdict
    usage.complete = usage.counted = complete_to_s is None or (next_key is not None and next_key[0] <= complete_to_s)
    if missing:
        missing.narrow(usage, next_key)
    return usage


def _hidden(missing: Missing, passage: list[Step], verdict: Verdict) -> bool:
    """Return True if nobody can tell whether a passage at a border point went through, so that it counts neither way.

    Its outcome, or the one that put it right, may be missing; or the verdict that let it pass without one.
    """
    first, last = passage[0], passage[-1]
    unjudged = last.tap.outcome == NO_OUTCOME and verdict.causes & HISTORY_INCOMPLETE
    if missing.hides_outcome(last.key) or unjudged:
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


def _too_fast(before: Tap, tap: Tap, policy: Policy) -> bool:
    """Return True if a card was at two points nearer in time than the journey, whatever their clocks are unsure of."""
    needed_s = policy.journeys.get((before.point, tap.point), 0)
    return abs(tap.utc_s - before.utc_s) + before.uncertainty_s + tap.uncertainty_s < needed_s
