"""Judges stored crossings, and a tap that is not yet written, by the shared rules. Pure."""

from typing import NamedTuple

from checkpost import reasons as why
from checkpost.history import replay
from checkpost.hole import Hole
from checkpost.passage import Step
from checkpost.permit import Card, Permit, Usage
from checkpost.rules import Knowledge, Policy, Tap, Verdict, judge
from gateway.verdict.facts import CrossingRow, step_of

_FIRST = CrossingRow._fields.index("verdict")
_VERDICT = slice(_FIRST, _FIRST + 6)  # the columns of `values`
NEWEST_SEQ = 1 << 32  # beyond every record's: a tap at the reader comes after all that its board wrote


class Facts(NamedTuple):
    """What is known of one permit (None: nobody issued it).

    `complete_to_s`: up to then (order of time) no use elsewhere can be missing; None: none at all. `holes`: of logs of
    border points anywhere.
    """

    permit: Permit | None
    policy: Policy
    known: Knowledge
    complete_to_s: int | None = None
    holes: tuple[Hole, ...] = ()


class Ruling(NamedTuple):
    """A verdict on a crossing."""

    row: CrossingRow
    verdict: Verdict


def judge_history(rows: list[CrossingRow], elsewhere: list[CrossingRow], facts: Facts) -> tuple[list[Ruling], Usage]:
    """Judge every crossing of one permit; return the verdicts of `rows`, and the use after the last."""
    steps = [step_of(row) for row in rows]
    usage = replay(steps + [step_of(row) for row in elsewhere], *facts)
    return [Ruling(row, _given(step)) for row, step in zip(rows, steps, strict=True)], usage


def judge_alone(row: CrossingRow, facts: Facts) -> Verdict:
    """Judge a crossing without a card, or with one that nobody issued: history says nothing about it."""
    return judge(step_of(row).tap, None, None, Usage(), facts.policy, facts.known)


def judge_next(
    rows: list[CrossingRow], tap: Tap, uid: bytes, card: Card, place: tuple[int, int], facts: Facts
) -> Verdict:
    """Judge a tap that is not yet written as if it were the next record of `place` (board, epoch)."""
    order_s = max([row.order_s for row in rows if (row.board, row.epoch) == place] + [tap.utc_s])
    step = Step((order_s, *place, NEWEST_SEQ), uid, tap, card)
    replay([step_of(row) for row in rows] + [step], *facts)
    return _given(step)


def answer_before(shown: int, given: int | None, verdict: Verdict) -> str | None:
    """Return which answer is the other now, None when none is. `shown`: by the board; `given`: here, None: none yet.

    Answers are GO and ASK. CANNOT VERIFY is none: what was answered before it is what changes after it.
    """
    before = shown if given is None else given
    if {before, verdict.verdict} != {why.PERMITTED, why.REFER}:
        return None
    return f"{'shown' if given is None else 'judged'} {why.VERDICTS[before]}"


def values(verdict: Verdict) -> tuple[int, int, int, int, int, int]:
    """Return what the store keeps of a verdict, in the order of CrossingRow."""
    return (verdict.verdict, verdict.reasons, verdict.causes, verdict.notes, verdict.waived, verdict.unchecked)


def differs(row: CrossingRow, verdict: Verdict) -> bool:
    """Return True if this is not the verdict that stands."""
    return row[_FIRST : _FIRST + 6] != values(verdict)


def _given(step: Step) -> Verdict:
    assert step.verdict is not None  # `replay` judges every step
    return step.verdict
