"""Raises questions for a person, in the transaction of whoever found what asks for one; each once, however often asked.

A question is no sentence: nothing follows from it by itself. One that falls away before anybody took it is withdrawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from checkpost.calendar import DAY_S
from checkpost.reasons import IMPOSSIBLE_TRAVEL, PERMITTED, REFER, VERDICTS, WRITTEN_TWICE
from gateway.central.cases.evidence import Evidence, Facts, canonical, digest, records
from gateway.central.crossing import NOT_JUDGED, CrossingState
from gateway.central.store import Transaction
from gateway.central.store.reviews import EventRow, Newest, NewReview, Question

DUE_DAYS = 7  # a traveller can still be found, and remembers
REFERRED = "refer"
ANSWER_CHANGED = "answer-changed"  # the guard was shown GO or ASK, and it is the other
TWICE = "written-twice"  # by a hand, and by a board or another hand; nothing rests on its being two crossings
TRAVEL = "impossible-travel"  # about the card: a copy may be about, which says nothing of its holder
UNRELEASED = "left-without-release"  # about a stay at a reception station, as `stay:NUMBER`
OF_A_VERDICT = (REFERRED, ANSWER_CHANGED, TWICE)

WITHDRAWN = "withdrawn"
RAISED_AGAIN = "raised-again"
NO_LONGER_ASKED = "no-longer-asked"

Before = Mapping[tuple[int, int, int], CrossingState]


class Asked(NamedTuple):
    """A question, what was found in words, and the crossing that it was found in."""

    question: Question
    detail: str
    state: CrossingState


def ask_of_crossings(transaction: Transaction, changed: list[CrossingState], before: Before, facts: Facts) -> None:
    """Raise what crossings ask that were judged anew, and let go of what they ask no more. `before`: as stored."""
    asked = [one for state in changed for one in _asked(state, facts)]
    gone = set(_asked_before(changed, before)) - {one.question for one in asked}
    if not asked and not gone:
        return
    newest = transaction.reviews.newest({one.question for one in asked} | gone)
    news = [one for one in asked if _is_news(newest.get(one.question), one.detail)]
    raws = records(transaction, (one.state for one in news))
    opened: list[NewReview] = []
    events: list[tuple[int, EventRow]] = []
    for one in news:
        state = one.state
        evidence = {"question": one.question.kind, "detail": one.detail} | dict(
            facts.of(state, raws.get((state.board, state.epoch, state.seq)))
        )
        held = newest.get(one.question)
        if held is None or not held.waits:
            opened.append(_opened(one.question, one.detail, evidence, transaction.at_s, state))
            # A card may ask twice in one transaction: the second finds the first.
            newest[one.question] = Newest(0, True, "open", "", one.detail)
        elif held.number:
            transaction.reviews.set(held.number, detail=one.detail)
            events.append((held.number, EventRow(transaction.at_s, "", RAISED_AGAIN, canonical(evidence))))
    transaction.reviews.add(opened)
    events += _let_go(transaction, [held for one in gone if (held := newest.get(one)) and held.waits])
    transaction.reviews.add_events(events)


def ask(
    transaction: Transaction, question: Question, detail: str, evidence: Evidence, crossing_point: str = ""
) -> None:
    """Raise a question about something else than a verdict; one that waits already, or was the same, is no news."""
    held = transaction.reviews.newest([question]).get(question)
    if held is not None and (held.waits or held.detail == detail):
        return
    text = canonical({"question": question.kind, "detail": detail} | dict(evidence))
    due_s = transaction.at_s + DUE_DAYS * DAY_S
    review = NewReview(question, crossing_point, "", detail, transaction.at_s, due_s, text, digest(text))
    transaction.reviews.add([review])


def let_go(transaction: Transaction, question: Question) -> None:
    """Let go of a question about something else than a verdict, which is asked no more."""
    held = transaction.reviews.newest([question]).get(question)
    if held is not None and held.waits:
        transaction.reviews.add_events(list(_let_go(transaction, [held])))


def _asked(state: CrossingState, facts: Facts) -> Iterator[Asked]:
    key = state.board, state.epoch, state.seq
    for kind in _kinds(state):
        detail = ", ".join(state.reason_names())
        if kind == ANSWER_CHANGED:
            detail = f"shown {VERDICTS[state.board_verdict]}, now {VERDICTS[state.verdict]} {detail}".rstrip()
        elif kind == TWICE:
            detail = "perhaps the same as {}/{}/{}".format(*facts.twice[key])
        yield Asked(Question(kind, "", *key), detail, state)
    if state.notes & IMPOSSIBLE_TRAVEL:
        place = f"{state.board}/{state.epoch}/{state.seq} at {state.crossing_point}"
        yield Asked(Question(TRAVEL, state.card_uid), place, state)


def _kinds(state: CrossingState) -> Iterator[str]:
    """Yield what a verdict asks: a function of the crossing as it stands, so that the order of arrival is none."""
    if state.verdict == REFER:
        yield REFERRED
    if {state.board_verdict, state.verdict} == {PERMITTED, REFER}:  # CANNOT VERIFY was no answer
        yield ANSWER_CHANGED
    if state.notes & WRITTEN_TWICE:
        yield TWICE


def _asked_before(changed: Iterable[CrossingState], before: Before) -> Iterator[Question]:
    for state in changed:
        stood = before.get((state.board, state.epoch, state.seq))
        if stood is not None and stood.verdict != NOT_JUDGED:
            yield from (Question(kind, "", state.board, state.epoch, state.seq) for kind in _kinds(stood))


def _is_news(held: Newest | None, detail: str) -> bool:
    return held is None or held.state == WITHDRAWN or held.detail != detail


def _opened(question: Question, detail: str, evidence: Evidence, at_s: int, state: CrossingState) -> NewReview:
    text = canonical(evidence)
    due_s = at_s + DUE_DAYS * DAY_S
    return NewReview(question, state.crossing_point, state.permit, detail, at_s, due_s, text, digest(text))


def _let_go(transaction: Transaction, held: Iterable[Newest]) -> Iterator[tuple[int, EventRow]]:
    """Withdraw what nobody took; whoever took one decides it, and reads that the rules ask no more."""
    for one in held:
        if one.reviewer:
            transaction.reviews.set(one.number, detail="")  # asked again in the same words, it is news
        else:
            transaction.reviews.set(one.number, waits=0, state=WITHDRAWN)
        yield one.number, EventRow(transaction.at_s, "", NO_LONGER_ASKED, "{}")
