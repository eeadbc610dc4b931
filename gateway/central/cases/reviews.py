"""A named reviewer looks at a question: takes it, hears the traveller, decides with a reason; an appeal stops that.

A return is proposed by one and agreed to by another. Whoever decided has no part in the appeal.
"""

import json
from collections.abc import Callable
from typing import Any

from checkpost.calendar import DAY_S
from gateway.central.access import REVIEWER, Caller
from gateway.central.cases.deciding import approve
from gateway.central.cases.evidence import canonical, digest
from gateway.central.cases.gateway_steps import stands, there
from gateway.central.cases.intake import At
from gateway.central.officetime import OfficeTime
from gateway.central.people import same_person
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.applications import PENDING
from gateway.central.store.reviews import EventRow, Question, ReviewRow
from gateway.contract.reviews import (
    Appeal,
    Confirmation,
    Disposing,
    ReviewEvent,
    ReviewLine,
    ReviewView,
    Statement,
)

OPEN, TAKEN, PROPOSED, DECIDED = "open", "taken", "proposed", "decided"
RETURNED, REGULARISED = "returned", "regularised"
DISPOSITIONS = ("permitted-after-all", REGULARISED, "voluntary-return", RETURNED, "referred-to-court", "our-error")
APPEAL_DAYS = 14  # in which an appeal is decided
# What a traveller is told unless the reviewer writes it otherwise.
WAY_TO_APPEAL = (
    "Within 30 days, in writing or by word at any crossing point. Somebody else decides; until then nothing is done."
)


class Reviews:
    """Works through one store. Every step is one transaction and appends to the history; nothing is deleted."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def waiting(self, after: tuple[int, int], limit: int, crossing_point: str = "") -> list[ReviewLine]:
        """Return at most `limit` that wait, soonest due first, after (due_s, number)."""
        with self._store.read() as transaction:
            return _lines(transaction, transaction.reviews.waiting(after, limit, crossing_point))

    def decided(self, before: tuple[int, int], limit: int) -> list[ReviewLine]:
        """Return at most `limit` decided ones before (decided_s, number), newest first."""
        with self._store.read() as transaction:
            return _lines(transaction, transaction.reviews.decided(before, limit))

    def counts(self, now_s: int) -> tuple[int, int]:
        """Return how many wait, and how many of them are overdue."""
        with self._store.read() as transaction:
            return transaction.reviews.counts(now_s)

    def by_point(self) -> dict[str, int]:
        """Return how many wait, by crossing point."""
        with self._store.read() as transaction:
            return transaction.reviews.by_point()

    def get(self, number: int) -> ReviewView:
        """Return a review; Problem when there is none of that number."""
        with self._store.read() as transaction:
            return _view(transaction, _row(transaction, number))

    def of_record(self, board: int, epoch: int, seq: int) -> list[ReviewLine]:
        """Return every review of a crossing, oldest first."""
        with self._store.read() as transaction:
            return _lines(transaction, transaction.reviews.of_record(board, epoch, seq))

    def take(self, number: int, caller: Caller, instead_of: str = "") -> ReviewLine:
        """Make the caller the reviewer; one that another has is taken over only by naming them in `instead_of`."""

        def step(transaction: Transaction, row: ReviewRow, person: str) -> None:
            _waits(row)
            if row.state == PROPOSED:
                raise _wrong(409, "proposed", f"Review {number} waits for a second person's word; agree or object.")
            if row.reviewer and row.reviewer not in (person, instead_of):
                detail = f"Review {number} is with {row.reviewer}; ask them, or take it over in their stead."
                raise _wrong(409, "taken", detail, "instead_of")
            _had_no_part(transaction, number, person)
            if row.reviewer != person:
                transaction.reviews.set(number, state=TAKEN, reviewer=person)
                _note(transaction, number, person, "taken", {"instead_of": row.reviewer} if row.reviewer else {})

        return self._step(number, caller, step)

    def add_statement(self, number: int, caller: Caller, statement: Statement) -> ReviewLine:
        """Append what the traveller says; also after the disposition."""

        def step(transaction: Transaction, row: ReviewRow, person: str) -> None:
            _note(transaction, number, person, "statement", statement.model_dump())

        return self._step(number, caller, step)

    def decide(self, number: int, caller: Caller, how: Disposing) -> ReviewLine:
        """End a review that the caller has; a return waits for a second person."""

        def step(transaction: Transaction, row: ReviewRow, person: str) -> None:
            _waits(row)
            if row.reviewer != person or row.state != TAKEN:
                detail = f"Review {number} is with {row.reviewer or 'nobody'}; {person} takes it first."
                raise _wrong(409, "not-yours", detail)
            _check(transaction, number, how)
            if how.permit:
                _issue(transaction, how.permit, At(caller, transaction.at_s, self._time.today()))
            said = {name: value for name, value in how.model_dump().items() if value}
            if how.disposition == RETURNED:
                transaction.reviews.set(number, state=PROPOSED)
                _note(transaction, number, person, PROPOSED, said)
            else:
                _end(transaction, number, person, said)

        return self._step(number, caller, step)

    def confirm(self, number: int, caller: Caller, word: Confirmation) -> ReviewLine:
        """Give the second person's word on a proposed return: it is done, or goes back to who proposed it."""

        def step(transaction: Transaction, row: ReviewRow, person: str) -> None:
            if row.state != PROPOSED:
                raise _wrong(409, "not-proposed", f"Nothing is proposed in review {number} that needs a second word.")
            if same_person(person, row.reviewer):
                detail = f"{person} proposed the return in review {number}; another person agrees or objects."
                raise _wrong(403, "same-person", detail)
            _had_no_part(transaction, number, person)
            if word.agrees:
                said = _proposed(transaction, number) | {"proposed_by": row.reviewer, "agreed": word.reason}
                _end(transaction, number, person, said)
            else:
                transaction.reviews.set(number, state=TAKEN)
                _note(transaction, number, person, "objected", {"reason": word.reason})

        return self._step(number, caller, step)

    def appeal(self, number: int, caller: Caller, appeal: Appeal) -> ReviewLine:
        """Stop what was decided or proposed, on the traveller's ground; another person decides anew."""

        def step(transaction: Transaction, row: ReviewRow, person: str) -> None:
            if row.state not in (DECIDED, PROPOSED):
                detail = f"Review {number} is not decided; add what the traveller says to it as a statement."
                raise _wrong(409, "not-decided", detail)
            question = _question(row)
            newest = transaction.reviews.newest([question])[question]
            if newest.waits and newest.number != number:
                detail = f"The same question is open again as review {newest.number}; add the statement there."
                raise _wrong(409, "open-again", detail)
            due_s = transaction.at_s + APPEAL_DAYS * DAY_S
            where = {"waits": 1, "state": OPEN, "reviewer": "", "disposition": "", "decided_s": None, "due_s": due_s}
            transaction.reviews.set(number, **where)
            _note(transaction, number, person, "appealed", appeal.model_dump())

        return self._step(number, caller, step)

    def _step(self, number: int, caller: Caller, step: Callable[[Transaction, ReviewRow, str], None]) -> ReviewLine:
        if caller.role != REVIEWER:
            detail = f"A review is for a reviewer, signed in by name; {caller.name} has the role {caller.role}."
            raise Problem(403, "wrong-role", detail)
        with self._store.write() as transaction:
            step(transaction, _row(transaction, number), caller.name)
            return _lines(transaction, [_row(transaction, number)])[0]


def _check(transaction: Transaction, number: int, how: Disposing) -> None:
    """Return if a disposition says all that it has to; Problem that names the field."""
    kinds = {event.kind for event in transaction.reviews.events(number)}
    if not kinds & {"statement", "appealed"}:
        detail = f"Nobody wrote down in review {number} what the traveller says, or why they could not be heard."
        raise _wrong(409, "not-heard", detail)
    if (how.disposition == RETURNED) != bool(how.risk):
        words = "write down what the return puts the traveller at risk of" if not how.risk else "is for a return alone"
        raise _wrong(422, "not-valid", f"#/risk: {words}.", "risk", words)
    if (how.disposition == REGULARISED) != bool(how.permit):
        words = "name the application that is approved with it" if not how.permit else "is for a regularisation alone"
        raise _wrong(422, "not-valid", f"#/permit: {words}.", "permit", words)


def _issue(transaction: Transaction, permit: str, at: At) -> None:
    """Approve the application that regularises somebody's travel, unless it is approved; Problem that names the field.

    Whoever takes applications in enters it first; the permit is issued with the disposition, or neither is.
    """
    held = transaction.applications.get([permit]).get(permit)
    if held is not None and held.row.decision == PENDING:
        approve(transaction, permit, at)
    elif held is None or held.row.decision != "approved":
        words = f"the application {permit} is {held.row.decision}" if held else f"there is no application {permit}"
        raise _wrong(422, "not-valid", f"#/permit: {words}.", "permit", words)


def _end(transaction: Transaction, number: int, person: str, said: dict[str, Any]) -> None:
    where = {"waits": 0, "state": DECIDED, "disposition": said["disposition"], "decided_s": transaction.at_s}
    transaction.reviews.set(number, **where)
    _note(transaction, number, person, DECIDED, said)


def _proposed(transaction: Transaction, number: int) -> dict[str, Any]:
    bodies = [event.body for event in transaction.reviews.events(number) if event.kind == PROPOSED]
    said: dict[str, Any] = json.loads(bodies[-1])
    return said


def _had_no_part(transaction: Transaction, number: int, person: str) -> None:
    """Return if a person did not decide this review before; Problem when they did, alone or with another."""
    events = transaction.reviews.events(number)
    appeals = [at for at, event in enumerate(events) if event.kind == "appealed"]
    before = events[: appeals[-1]] if appeals else []
    if person in {event.person for event in before if event.kind in (PROPOSED, DECIDED)}:
        detail = f"{person} decided review {number} before; after an appeal another person decides."
        raise _wrong(403, "own-appeal", detail)


def _waits(row: ReviewRow) -> None:
    if row.state == DECIDED:
        detail = f"Review {row.number} was decided as {row.disposition}; an appeal opens it again."
        raise _wrong(409, "decided", detail)
    if not row.waits:
        raise _wrong(409, "withdrawn", f"Review {row.number} fell away: the rules ask nothing any more.")


def _row(transaction: Transaction, number: int) -> ReviewRow:
    row = transaction.reviews.get(number)
    if row is None:
        raise Problem(404, "unknown-review", f"There is no review {number}.")
    return row


def _note(transaction: Transaction, number: int, person: str, kind: str, body: dict[str, Any]) -> None:
    transaction.reviews.add_events([(number, EventRow(transaction.at_s, person, kind, canonical(body)))])


def _wrong(status: int, kind: str, detail: str, field: str = "", words: str = "") -> Problem:
    errors = [{"pointer": f"#/{field}", "detail": words or detail}] if field else []
    return Problem(status, kind, detail, errors=errors)


def _lines(transaction: Transaction, rows: list[ReviewRow]) -> list[ReviewLine]:
    steps = transaction.gateway_steps.of(_question(row) for row in rows)
    return [_line(row, stands(there(steps.get(_question(row), [])), row.disposition)) for row in rows]


def _line(row: ReviewRow, at_gateways: str) -> ReviewLine:
    values = {name: getattr(row, name) for name in ReviewLine.model_fields if name != "at_gateways"}
    return ReviewLine.model_validate(values | {"at_gateways": at_gateways})


def _question(row: ReviewRow) -> Question:
    return Question(row.kind, row.card_uid, row.board, row.epoch, row.seq)


def _view(transaction: Transaction, row: ReviewRow) -> ReviewView:
    events = [
        ReviewEvent(at_s=event.at_s, person=event.person, kind=event.kind, body=json.loads(event.body))
        for event in transaction.reviews.events(row.number)
    ]
    elsewhere = there(transaction.gateway_steps.of([_question(row)]).get(_question(row), []))
    return ReviewView(
        **_line(row, stands(elsewhere, row.disposition)).model_dump(),
        card_uid=row.card_uid,
        permit=row.permit,
        evidence=json.loads(row.evidence or "{}"),
        evidence_sha256=row.evidence_sha256,
        intact=not row.evidence or digest(row.evidence) == row.evidence_sha256,
        events=events,
        there=elsewhere,
    )
