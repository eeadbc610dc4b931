"""Applications as the office works on them: intake, the queue with its proposals, decisions, letters, figures."""

import secrets
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from checkpost.dates import format_date, parse_date
from gateway.central.access import Caller
from gateway.central.cases import application_figures, deciding
from gateway.central.cases.csvrows import broken, read_rows, whole
from gateway.central.cases.intake import At, take
from gateway.central.cases.letter import letter
from gateway.central.cases.paging import cursor
from gateway.central.cases.persons import fresh_number, need_purpose
from gateway.central.cases.proposals import propose
from gateway.central.cases.terms import days_between
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.reads import Reads
from gateway.central.store import Store, Transaction
from gateway.central.store.applications import PENDING, DecisionRow, Held
from gateway.central.store.knowledge import Body
from gateway.contract.applications import (
    ApplicationFigures,
    ApplicationView,
    Asked,
    AskedRow,
    BrokenRow,
    DecisionBody,
    IntakeReply,
    Queue,
    Withdrawal,
)

ROWS_AT_ONCE = 200  # of a file in one transaction: some tens of milliseconds, in which nobody else writes
FIRST_PAGE = ("", "")
READERS: dict[str, Callable[[str], Any]] = {
    "grounds": str.split,
    "crossing_points": str.split,
    "zones": str.split,
    "entries": whole,
    "max_stay_days": whole,
    "reception_days": whole,
    "companions": whole,
}
REQUIRED = frozenset(("application_id", "grounds", "submitted_on"))


class Counts(NamedTuple):
    """Applications that wait, and those of them that wait long."""

    pending: int
    slow: int


class Applications:
    """Reads and writes through one store; `choose` draws a character for new numbers."""

    def __init__(self, store: Store, reads: Reads, time: OfficeTime, choose: Callable[[str], str] = secrets.choice):
        self._store = store
        self._reads = reads
        self._time = time
        self._choose = choose

    def fresh_number(self) -> str:
        """Return a number for a new application: a form that is sent twice with it is one application."""
        return fresh_number("A", self._choose)

    def at(self, caller: Caller) -> At:
        """Return who acts now."""
        return At(caller, self._time.now_s(), self._time.today())

    def take(self, application_id: str, asked: Asked, caller: Caller) -> ApplicationView:
        """Take an application in; the same again changes nothing."""
        at = self.at(caller)
        with self._store.write() as transaction:
            take(transaction, application_id, asked, fresh_number("P", self._choose), at)
            return _views(transaction, [deciding.found(transaction, application_id)], at.today)[0]

    def take_csv(self, text: str, caller: Caller) -> IntakeReply:
        """Take a file in, row by row: good rows go in, broken ones are named; sent again it changes nothing."""
        reply = IntakeReply(taken=0, unchanged=0, broken=[])
        waiting: list[tuple[int, AskedRow]] = []
        for found in read_rows(text, AskedRow, READERS, REQUIRED):
            if isinstance(found, BrokenRow):
                reply.broken.append(found)
                continue
            waiting.append((found.line, found.row))
            if len(waiting) == ROWS_AT_ONCE:
                self._take_rows(waiting, self.at(caller), reply)
                waiting = []
        self._take_rows(waiting, self.at(caller), reply)
        reply.broken.sort(key=lambda row: row.line)
        return reply

    def queue(self, decision: str, after: tuple[str, str], limit: int) -> Queue:
        """Return a page of applications, oldest first; `after`: (submitted_on, application_id) of the last one seen."""
        with self._store.read() as transaction:
            held = transaction.applications.queue(decision, after, limit + 1)
            views = _views(transaction, held[:limit], self._time.today())
        last = held[limit - 1].row if len(held) > limit else None
        return Queue(applications=views, next=cursor(last.submitted_on, last.application_id) if last else None)

    def get(self, application_id: str) -> ApplicationView:
        """Return an application."""
        with self._store.read() as transaction:
            held = deciding.found(transaction, application_id)
            return _views(transaction, [held], self._time.today())[0]

    def decide(self, application_id: str, body: DecisionBody, caller: Caller) -> ApplicationView:
        """Approve or refuse an application; its gateways hear of it at once."""
        at = self.at(caller)
        with self._store.write() as transaction:
            held = deciding.decide(transaction, application_id, body.decision, body.reason, at, body.revision)
            return _views(transaction, [held], at.today)[0]

    def withdraw(self, application_id: str, body: Withdrawal, caller: Caller) -> ApplicationView:
        """Take an approval back, or let a pending application go."""
        at = self.at(caller)
        with self._store.write() as transaction:
            held = deciding.withdraw(transaction, application_id, body.reason, body.withdrawn_from, at)
            return _views(transaction, [held], at.today)[0]

    def letter(self, application_id: str, caller: Caller, purpose: str) -> str:
        """Return the text for the applicant; that their name was read is written down first."""
        need_purpose(purpose)
        with self._store.read() as transaction:
            held = deciding.found(transaction, application_id)
            person = transaction.persons.get([held.row.person]).get(held.row.person)
        if person is None:
            detail = f"The name of {held.row.person or 'the applicant'} is not known here; enter the person first."
            raise Problem(409, "unknown-person", detail)
        self._reads.note(caller, purpose, f"letter of {application_id}", 1, application_id)
        return letter(held, person.name)

    def history(self, application_id: str) -> list[DecisionRow]:
        """Return what was decided on an application, oldest first."""
        with self._store.read() as transaction:
            return transaction.applications.decisions(application_id)

    def counts(self, slow_days: int) -> Counts:
        """Return how many wait, and how many of them longer than some days."""
        slow_before = format_date(parse_date(self._time.today()) - slow_days)
        with self._store.read() as transaction:
            return Counts(transaction.applications.pending(), transaction.applications.pending_before(slow_before))

    def points(self) -> list[Body]:
        """Return the crossing points, by name, for a form to choose from."""
        with self._store.read() as transaction:
            return sorted(transaction.knowledge.all("crossing_point"), key=lambda point: str(point["name"]))

    def figures(self, first: str, last: str) -> ApplicationFigures:
        """Return the figures from one day to another."""
        with self._store.read() as transaction:
            return application_figures.figures(transaction, first, last)

    def _take_rows(self, rows: Iterable[tuple[int, AskedRow]], at: At, reply: IntakeReply) -> None:
        with self._store.write() as transaction:
            for line, row in rows:
                asked = Asked.model_validate(row.model_dump(exclude={"application_id"}))
                try:
                    new = take(transaction, row.application_id, asked, fresh_number("P", self._choose), at)
                except Problem as problem:
                    reply.broken.append(broken(line, "application_id", problem))
                    continue
                reply.taken += new
                reply.unchanged += not new


def _views(transaction: Transaction, rows: list[Held], today: str) -> list[ApplicationView]:
    persons = {held.row.person for held in rows if held.row.decision == PENDING}
    cases, reviews = transaction.persons.pending_cases(persons), transaction.reviews.open_about(persons)
    return [_view(held, cases.get(held.row.person, []), reviews.get(held.row.person, []), today) for held in rows]


def _view(held: Held, cases: list[str], reviews: list[int], today: str) -> ApplicationView:
    row, body = held.row, held.body
    until = row.decided_on if row.decision != PENDING else today
    grounds = row.grounds.split()
    return ApplicationView.model_validate(
        {name: body[name] for name in ("valid_from", "valid_until", "crossing_points")}
        | {
            "application_id": row.application_id,
            "person": row.person,
            "grounds": grounds,
            "submitted_on": row.submitted_on or None,
            "age_days": days_between(row.submitted_on, until) if row.submitted_on and until else None,
            "decision": row.decision,
            "decided_on": row.decided_on or None,
            "reason": row.reason,
            "contract": row.contract,
            "revision": held.revision,
            "proposal": propose(grounds, cases, reviews) if row.decision == PENDING else None,
        }
    )
