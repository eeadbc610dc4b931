"""What persons did in reviews at gateways: held as it was done there, shown beside the office's own, deciding nothing.

Guards and the office look at the same question apart. Neither's word is lost, and where they differ, both are shown.
"""

import json
from collections.abc import Iterable

from gateway.central.cases.evidence import canonical
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.gateway_steps import StepRow
from gateway.central.store.reviews import Question
from gateway.contract.reviews import STEP_DIFFERS, GatewayStep, ReviewEvent, ReviewThere, StepLine, StepsReply

TAKEN, DECIDED, APPEALED = "taken", "decided", "appealed"
DIFFERS = "differs"
# As a review's own history names what a person said.
WORDS = {"statement": "text", DECIDED: "reason", APPEALED: "ground"}


class GatewaySteps:
    """Takes and lists through one store."""

    def __init__(self, store: Store):
        self._store = store

    def take(self, steps: list[GatewayStep], gateway: str) -> StepsReply:
        """Hold the steps of a gateway; one that is held already stays as it is. Problem for another of its number."""
        with self._store.write() as transaction:
            rows = [_row(transaction, step, gateway) for step in steps]
            _not_set_back(transaction, rows)
            new = transaction.gateway_steps.add(rows)
        return StepsReply(new=new, known=len(steps) - new)

    def newest(self, before: int, limit: int) -> list[StepLine]:
        """Return at most `limit` steps before a number (0: all), newest first."""
        with self._store.read() as transaction:
            return [_line(row) for row in transaction.gateway_steps.newest(before, limit)]


def there(steps: Iterable[StepRow]) -> list[ReviewThere]:
    """Return the reviews at gateways that these steps of one question make, in the order of their first step."""
    found: dict[tuple[str, int, int], ReviewThere] = {}
    for row in sorted(steps, key=lambda one: (one.gateway, one.store, one.event)):
        key = row.gateway, row.store, row.review
        review = found.setdefault(
            key,
            ReviewThere(gateway=row.gateway, review=row.review, state="open", reviewer="", disposition="", steps=[]),
        )
        body = json.loads(row.body)
        review.steps.append(ReviewEvent(at_s=row.at_s, person=row.person, kind=row.step, body=body))
        if row.step == TAKEN:
            review.state, review.reviewer = "taken", row.person
        elif row.step == DECIDED:
            review.state, review.disposition = "decided", body.get("disposition", "")
        elif row.step == APPEALED:
            review.state, review.reviewer, review.disposition = "open", "", ""
    return list(found.values())


def stands(reviews: list[ReviewThere], disposition: str) -> str:
    """Return where a question stands at gateways, in one word; `disposition`: what was decided here, "" if nothing.

    A gateway that was asked the same again says by its newest review what it holds: the one before was of other facts.
    """
    newest: dict[str, ReviewThere] = {}
    for review in reviews:
        before = newest.get(review.gateway)
        if before is None or _place(review) > _place(before):
            newest[review.gateway] = review
    reviews = list(newest.values())
    said = {review.disposition for review in reviews if review.disposition} | ({disposition} - {""})
    if len(said) > 1:
        return DIFFERS
    for state in (DECIDED, TAKEN, "open"):
        if any(review.state == state for review in reviews):
            return state
    return ""


def _place(review: ReviewThere) -> tuple[int, int]:
    return max(step.at_s for step in review.steps), review.review


def _not_set_back(transaction: Transaction, rows: list[StepRow]) -> None:
    """Return if what is held under these numbers is the same; Problem when a store began to count anew."""
    held = transaction.gateway_steps.held(rows)
    for row in rows:
        there = held.get((row.store, row.event))
        if there is not None and _done(there) != _done(row):  # words are not compared: an erasure may have taken them
            detail = f"Event {row.event} of store {row.store} is held as another step: the store was set back."
            raise Problem(409, STEP_DIFFERS, detail)


def _done(row: StepRow) -> tuple[int | str, ...]:
    return row.review, row.kind, row.board, row.epoch, row.seq, row.at_s, row.person, row.step


def _row(transaction: Transaction, step: GatewayStep, gateway: str) -> StepRow:
    """Return a step as it is held: of a person who was erased here, without words."""
    body: dict[str, str] = {}
    if step.text:
        body[WORDS.get(step.step, "text")] = step.text
    if step.disposition:
        body["disposition"] = step.disposition
    if step.instead_of:
        body["instead_of"] = step.instead_of
    card = step.card_uid
    place = step.board, step.epoch, step.seq
    # A gateway may bring its steps before it hears of an erasure. Erased cards are not remembered: they are unknown.
    gone = transaction.erasing.erased(*place, step.seq) if step.board else set()
    if gone or (card and card not in transaction.knowledge.get("card", [card])):
        card, body = "", {}
    question = Question(step.kind, card, *place)
    words = canonical(body)
    at = (step.at_s, step.person, step.step, words, transaction.at_s)
    return StepRow(0, gateway, step.store, step.event, step.review, *question, *at)


def _line(row: StepRow) -> StepLine:
    disposition = json.loads(row.body).get("disposition", "")
    values = {name: value for name, value in row._asdict().items() if name in StepLine.model_fields}
    return StepLine(**values, disposition=disposition)
