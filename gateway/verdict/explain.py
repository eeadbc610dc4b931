"""Why a crossing was judged as it was: each rule, the facts that it looked at, and whether it holds. Pure."""

from typing import NamedTuple

from checkpost import permit as grants
from checkpost import reasons as why
from checkpost.calendar import DAY_S, local_day
from checkpost.dates import format_date, format_local
from checkpost.history import replay
from checkpost.hole import Hole, concerns
from checkpost.passage import Passage, Step, passages
from checkpost.permit import BORDER, INTERNAL, UNKNOWN_DAY, Card, Permit, Usage
from checkpost.record import ASSURANCES, ENTRY, EXIT, UNSET
from checkpost.rules import Policy, Tap, Verdict
from gateway.verdict.facts import CrossingRow, step_of
from gateway.verdict.judge import Facts

HOLDS = "holds"
NOT = "does not hold"
NOT_ASKED = "not asked"
OPEN = "cannot be told"


class Rule(NamedTuple):
    """One rule at one crossing. `answer`: HOLDS, NOT, NOT_ASKED or OPEN; `facts`: what it looked at, for people."""

    name: str
    answer: str
    facts: str


class Explanation(NamedTuple):
    """The verdict on a crossing, every rule in its order, and what the verdict rests on besides."""

    verdict: Verdict
    rules: list[Rule]
    rests_on: list[str]


def explain(row: CrossingRow, others: list[CrossingRow], facts: Facts) -> Explanation:
    """Explain one stored crossing among the others of its permit (none where nobody issued the card)."""
    ours = step_of(row)
    steps = [ours, *(step_of(other) for other in others)]
    found = passages(steps, facts.policy, facts.holes)
    passage = next(one for one in found if ours in (*one.steps, *one.lines))
    usage = replay(steps, *facts, before=ours)
    verdict = ours.verdict
    assert verdict is not None  # `replay` judges every step
    first = passage.steps[0]
    asked = _Asked(first.tap, first.card, facts.permit, usage, facts.policy)
    rules = [Rule(name, asked.answer(1 << bit, verdict), asked.facts(name)) for bit, name in enumerate(why.REASONS)]
    return Explanation(verdict, rules, _rests_on(passage, ours, usage, facts))


class _Asked:
    """The facts of one judgement, as each rule sees them."""

    def __init__(self, tap: Tap, card: Card | None, permit: Permit | None, usage: Usage, policy: Policy):
        self._tap, self._card, self._permit, self._usage, self._policy = tap, card, permit, usage, policy
        self._dated = tap.trust != UNSET and tap.uncertainty_s <= policy.clock_max_uncertainty_s

    def answer(self, bit: int, verdict: Verdict) -> str:
        """Return whether the rule of a reason holds, or why nobody asked it."""
        held = verdict.reasons | verdict.waived
        if held & bit:
            return HOLDS
        ended = held & (why.NO_PERMIT | why.CARD_NOT_GENUINE | why.UNKNOWN_CARD)
        silenced = held & why.APPLICATION_NOT_APPROVED and bit > why.APPLICATION_NOT_APPROVED
        if (ended and bit > ended) or silenced or not self._fits(bit):
            return NOT_ASKED
        if verdict.unchecked & why.NOT_ON_ROSTER:
            return OPEN if bit == why.UNKNOWN_CARD else NOT if bit < why.UNKNOWN_CARD else NOT_ASKED
        return OPEN if self._is_open(bit) else NOT

    def facts(self, name: str) -> str:
        """Return in words what the rule of a reason looks at."""
        tap, permit, usage = self._tap, self._permit or Permit(), self._usage
        today = local_day(tap.utc_s, tap.offset)
        entry = _day(usage.entry_day) if usage.entry_day != UNKNOWN_DAY else "on a day that nobody knows"
        said = {
            "no-permit": "a card was shown" if tap.has_card else "no card was shown",
            "card-not-genuine": "the reader took it" if tap.genuine else "the reader saw its proof fail",
            "unknown-card": "its card is known" if self._card else "no such card is known",
            "card-blocked": _card(self._card),
            "application-not-approved": _decision(permit),
            "not-yet-valid": f"local day {format_date(today)}, valid from {_day(permit.valid_from_day)}",
            "expired": f"local day {format_date(today)}, valid until {_day(permit.valid_until_day)}",
            "wrong-crossing-point": f"{tap.point}; granted: {', '.join(permit.points) or 'any'}",
            "entries-exhausted": f"{usage.entries} entries before; granted: {_count(permit.entries)}",
            "overstay": f"entered {entry}; days granted: {_count(permit.max_stay_days)}",
            "outside-zone": f"{tap.zone}; granted: {', '.join(permit.zones) or 'any'}",
            "reception-incomplete": f"entered {entry}; reception days: {_count(permit.reception_days)}; "
            f"released {_day(usage.released_day)}",
            "party-too-large": f"{tap.party} persons; companions granted: {_count(permit.companions)}",
        }
        return said[name]

    def _fits(self, bit: int) -> bool:
        """Return True if the rule is one of this kind of point, and of this direction."""
        tap = self._tap
        if bit & (why.WRONG_CROSSING_POINT | why.ENTRIES_EXHAUSTED | why.OVERSTAY) and tap.kind != BORDER:
            return False
        if bit & (why.OUTSIDE_ZONE | why.RECEPTION_INCOMPLETE) and tap.kind != INTERNAL:
            return False
        return not (bit == why.ENTRIES_EXHAUSTED and tap.direction != ENTRY) and not (
            bit == why.OVERSTAY and tap.direction != EXIT
        )

    def _is_open(self, bit: int) -> bool:
        """Return True if a fact is missing that could make the rule hold."""
        permit, usage = self._permit or Permit(), self._usage
        unknown_entry = usage.entry_day == UNKNOWN_DAY
        if bit == why.NOT_YET_VALID:
            return permit.valid_from_day is not None and not self._dated
        if bit == why.EXPIRED:
            return permit.valid_until_day is not None and not self._dated
        if bit == why.ENTRIES_EXHAUSTED:
            return permit.entries is not None and not usage.counted
        if bit == why.OVERSTAY:
            return permit.max_stay_days is not None and (not self._dated or unknown_entry or not usage.complete)
        if bit == why.RECEPTION_INCOMPLETE:
            missing = usage.entry_day is None and not usage.complete
            open_question = not self._dated or ((unknown_entry or missing) and not self._released())
            return bool(permit.reception_days) and open_question
        return False

    def _released(self) -> bool:
        day = self._usage.released_day
        return day is not None and local_day(self._tap.utc_s, self._tap.offset) >= day


def _rests_on(passage: Passage, ours: Step, usage: Usage, facts: Facts) -> list[str]:
    first = passage.steps[0]
    tap, policy = first.tap, facts.policy
    news = "whole" if usage.complete and usage.counted else "crossings may be missing"
    said = [
        f"clock unsure by at most {tap.uncertainty_s} s; the policy takes {policy.clock_max_uncertainty_s} s",
        f"card proven: {ASSURANCES[tap.assurance]}; the policy asks for {ASSURANCES[policy.assurance]}",
        f"history: {usage.entries} entries, {'inside' if usage.inside else 'outside'}, {news}",
        f"passed in {policy.frequent_days} days before: {_recent(tap, usage, policy)}; "
        f"frequent from {policy.frequent_count}, this one included",
    ]
    said += [_hole(hole) for hole in facts.holes if _counts(hole, facts.permit, first)]
    if len(passage.steps) > 1:
        said.append(f"{len(passage.steps)} taps within {policy.repeat_s} s are one passage, judged by the first")
    return said + _written(passage, ours)


def _written(passage: Passage, ours: Step) -> list[str]:
    """Say what hands wrote of a crossing besides, and what follows from it."""
    first = passage.steps[0]
    said = []
    if ours in passage.lines:
        said.append(f"perhaps written twice: {_key(first)} says this crossing, which counts once, judged by that one")
    said += [f"{_key(line)}, written by hand, says this crossing, too" for line in passage.lines if line is not ours]
    if passage.near:
        others = ", ".join(_key(other.steps[0]) for other in passage.near)
        said.append(f"perhaps written twice: nobody can tell it from {others}, so it counts neither way")
    elif passage.disputed:
        said.append("nobody can tell from what hands wrote whether it went through: it counts neither way")
    return said


def _key(step: Step) -> str:
    return "/".join(map(str, step.key[1:]))


def _counts(hole: Hole, permit: Permit | None, step: Step) -> bool:
    return permit is not None and concerns(hole, permit) and hole.may_precede(step.key)


def _hole(hole: Hole) -> str:
    until = "now" if hole.before_s is None else f"{format_local(hole.before_s, 0)[:19]}Z"
    since = f"{format_local(hole.after_s, 0)[:19]}Z" if hole.after_s else "the board's first day"
    place = f"{hole.board}/{hole.epoch}/{hole.seq} at {hole.point}"
    return f"record {place} cannot be read: a crossing between {since} and {until} may be missing"


def _recent(tap: Tap, usage: Usage, policy: Policy) -> int:
    since = tap.utc_s - policy.frequent_days * DAY_S
    return len([moment for moment in usage.recent if moment > since])


def _card(card: Card | None) -> str:
    if card is None:
        return "no such card is known"
    since = "" if card.blocked_from_s is None else f" from {card.blocked_from_s} (Unix UTC) on"
    return grants.CARD_STATUSES[card.status] + since


def _decision(permit: Permit) -> str:
    since = "" if permit.withdrawn_from_s is None else f" from {permit.withdrawn_from_s} (Unix UTC) on"
    return grants.DECISIONS[permit.decision] + since


def _day(day: int | None) -> str:
    return "-" if day is None else format_date(day)


def _count(number: int | None) -> str:
    return "no limit" if number is None else str(number)
