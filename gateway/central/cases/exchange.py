"""Cases for the other side: each with an owner, a due day, a state and a thread, the longest overdue always first."""

from dataclasses import asdict
from datetime import date, timedelta

from gateway.central.access import Caller
from gateway.central.cases.leaving import check_approval, check_draft, is_personal, waits_for
from gateway.central.cases.naming import names_somebody
from gateway.central.cases.paging import cursor, split_cursor
from gateway.central.cases.reminders import addressee, due, overdue_days
from gateway.central.cases.wrong import not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.exchange import (
    CLOSED,
    DRAFT,
    NOTE,
    OUT,
    REMINDER,
    SENT,
    CaseRow,
    MessageRow,
    ReminderRow,
)
from gateway.contract.exchange import (
    Case,
    CaseBody,
    CasePage,
    Message,
    MessageBody,
    Reminder,
    Reminders,
    Story,
)

MAX_REMINDERS = 10_000  # looked at in one run: far more overdue answers than any office can bear
OVERDUE, IN_TIME = "0", "1"  # the two parts of the list of open cases, as a cursor names them
LAST = ("9999-12-31", "", "")  # behind every case
DAY = len("2026-01-01")


class Exchange:
    """Reads and writes through one store; nothing of a thread is ever changed or removed."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def put(self, case_id: str, body: CaseBody, caller: Caller) -> Case:
        """Open a case, or change its owner, subject and days; the same again changes nothing."""
        today = self._time.today()
        with self._store.write() as transaction:
            if transaction.people.find(body.owner) is None:
                raise not_valid("owner", f"nobody is called {body.owner}; the owner is somebody who may sign in")
            held = transaction.exchange.cases([case_id]).get(case_id)
            given = {**body.model_dump(), "person": body.person or "", "application_id": body.application_id or ""}
            if held is None:
                made = CaseRow(case_id, state=DRAFT, opened_on=today, **given)
                transaction.exchange.add_cases([made])
                self._write(transaction, made, NOTE, f"Opened for {made.owner}.", caller)
                if made.person:
                    transaction.persons.open_case(made.person, case_id, today)
                return view(made, today)
            changed = {name: value for name, value in given.items() if getattr(held, name) != value}
            if changed:
                _check_change(transaction, held, changed)
                transaction.exchange.change_case(case_id, changed)
                said = ", ".join(f"{name} {getattr(held, name)} to {value}" for name, value in changed.items())
                self._write(transaction, held, NOTE, f"Changed: {said}.", caller)
                if "person" in changed:
                    transaction.persons.close_case(held.person, case_id, today)
                if changed.get("person"):
                    transaction.persons.open_case(str(changed["person"]), case_id, held.opened_on)
            return view(CaseRow(**asdict(held) | changed), today)

    def page(self, owner: str, after: str, limit: int) -> CasePage:
        """Return open cases: overdue ones first, who waits longest on top of all, then the others by age."""
        today = self._time.today()
        part, _, place = after.partition(":")
        if after and part not in (OVERDUE, IN_TIME):
            split_cursor("no cursor of ours")
        rows: list[tuple[str, CaseRow]] = []
        with self._store.read() as transaction:
            if part in ("", OVERDUE):
                found = transaction.exchange.overdue(today, owner, split_cursor(place), limit + 1)
                rows, place = [(OVERDUE, row) for row in found], ""
            if len(rows) <= limit:
                found = transaction.exchange.in_time(today, owner, split_cursor(place), limit + 1 - len(rows))
                rows += [(IN_TIME, row) for row in found]
        following = _cursor(*rows[limit - 1]) if len(rows) > limit else ""
        return CasePage(cases=[view(row, today) for _, row in rows[:limit]], next=following)

    def closed(self, owner: str, after: str, limit: int) -> CasePage:
        """Return cases that ended, newest first."""
        with self._store.read() as transaction:
            days, case_id = split_cursor(after)
            before = (days[:DAY], days[DAY:], case_id) if after else LAST
            rows = transaction.exchange.closed(owner, before, limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        following = cursor(last.closed_on + last.opened_on, last.case_id) if last else ""
        today = self._time.today()
        return CasePage(cases=[view(row, today) for row in rows[:limit]], next=following)

    def story(self, case_id: str) -> Story:
        """Return a case and its thread."""
        with self._store.read() as transaction:
            case = find_case(transaction, case_id)
            rows = transaction.exchange.thread(case_id)
        return Story(case=view(case, self._time.today()), thread=[message_view(case, row) for row in rows])

    def oldest(self) -> Case | None:
        """Return the case that has waited longest for an answer that is overdue, None when there is none.

        It stands on every page, so that it is two looks into an index.
        """
        today = self._time.today()
        with self._store.read() as transaction:
            first_due = transaction.exchange.first_due()
            rows = transaction.exchange.overdue(today, "", ("", ""), 1) if "" < first_due < today else []
        return view(rows[0], today) if rows else None

    def counts(self) -> tuple[int, int]:
        """Return how many cases are open, and how many of their answers overdue."""
        with self._store.read() as transaction:
            return transaction.exchange.count_open(), transaction.exchange.count_overdue(self._time.today())

    def write(self, case_id: str, body: MessageBody, caller: Caller) -> Message:
        """Add a message to a case: a note stays here, another waits for a batch, or first for a second person."""
        with self._store.write() as transaction:
            case = find_case(transaction, case_id)
            if body.kind not in (NOTE, OUT):
                raise not_valid("kind", "somebody writes a note or a message to the other side, nothing else")
            if case.state == CLOSED and body.kind == OUT:
                raise Problem(409, "case-closed", f"The case {case_id} ended on {case.closed_on}; open another one.")
            named = body.kind == OUT and names_somebody(transaction, body.text)
            check_draft(case, body, caller, named)
            personal = body.kind == OUT and is_personal(case, body.personal or named)
            return self._write(
                transaction, case, body.kind, body.text, caller, personal=int(personal), ground=body.ground.strip()
            )

    def approve(self, case_id: str, number: int, approve: bool, reason: str, caller: Caller) -> Message:
        """Let a message leave, or stay for good, as a second person says; a refusal says why."""
        with self._store.write() as transaction:
            case = find_case(transaction, case_id)
            message = next((row for row in transaction.exchange.thread(case_id) if row.number == number), None)
            if message is None:
                raise Problem(404, "unknown-message", f"The case {case_id} has no message {number}.")
            check_approval(case, message, caller)
            if not approve and not reason.strip():
                raise not_valid("reason", "a refusal says why")
            said = ("", caller.name) if not approve else (caller.name, "")
            transaction.exchange.change_message(number, *said)
            word = "may leave" if approve else "stays"
            self._write(
                transaction, case, NOTE, f"Message {number} {word}. Ground: {message.ground}. {reason}".strip(), caller
            )
            after = next(row for row in transaction.exchange.thread(case_id) if row.number == number)
        return message_view(case, after)

    def close(self, case_id: str, reason: str, caller: Caller) -> Case:
        """End a case; what still waits in it does not leave any more."""
        today = self._time.today()
        with self._store.write() as transaction:
            case = find_case(transaction, case_id)
            if case.state != CLOSED:
                transaction.exchange.drop_waiting(case_id)
                transaction.exchange.end_ask(case_id, {"ended_on": today})
                transaction.exchange.change_case(case_id, {"state": CLOSED, "closed_on": today})
                self._write(transaction, case, NOTE, f"Closed: {reason}", caller)
                if case.person:
                    transaction.persons.close_case(case.person, case_id, today)
            return view(find_case(transaction, case_id), today)

    def reminders(self, cases: int = MAX_REMINDERS) -> Reminders:
        """Return the reminders that are due and were not sent, among so many cases: the longest overdue first."""
        today = self._time.today()
        with self._store.read() as transaction:
            rows = transaction.exchange.overdue(today, "", ("", ""), cases)
        return Reminders(reminders=due(rows, today))

    def reminded(self, case_id: str, step: int, caller: Caller) -> Case:
        """Note that a reminder was sent; the same again changes nothing, and none can be noted that is not due."""
        today = self._time.today()
        with self._store.write() as transaction:
            case = find_case(transaction, case_id)
            if step <= case.reminded:
                return view(case, today)
            waits: list[Reminder] = due([case] if case.state == SENT else [], today)
            if not waits or waits[0].step < step:
                raise Problem(409, "reminder-not-due", f"Reminder {step} of the case {case_id} is not due.")
            to, days = addressee(step, case.owner), overdue_days(case.due_on, today)
            transaction.exchange.add_reminder(ReminderRow(case_id, step, to, today, caller.name))
            transaction.exchange.change_case(case_id, {"reminded": step})
            self._write(transaction, case, REMINDER, f"Reminder {step} to {to}: {days} days overdue.", caller)
            return view(find_case(transaction, case_id), today)

    def _write(
        self,
        transaction: Transaction,
        case: CaseRow,
        kind: str,
        text: str,
        caller: Caller,
        personal: int = 0,
        ground: str = "",
    ) -> Message:
        waiting = int(kind == OUT)
        row = MessageRow(
            0, case.case_id, kind, self._time.now_s(), caller.name, text, personal, ground, waiting=waiting
        )
        transaction.exchange.add_messages([row])
        return message_view(case, transaction.exchange.thread(case.case_id)[-1])


def find_case(transaction: Transaction, case_id: str) -> CaseRow:
    """Return a case; Problem when there is none of this name."""
    case = transaction.exchange.cases([case_id]).get(case_id)
    if case is None:
        raise Problem(404, "unknown-case", f"There is no case {case_id}.")
    return case


def due_day(sent_on: str, days: int) -> str:
    """Return the day by which an answer is due."""
    return (date.fromisoformat(sent_on) + timedelta(days=days)).isoformat()


def view(row: CaseRow, today: str) -> Case:
    """Return a case as the office reads it."""
    ended = row.closed_on or (row.answered_on if row.state == "answered" else "") or today
    begun = row.sent_on or row.opened_on
    empty = {name: getattr(row, name) or None for name in ("sent_on", "due_on", "answered_on", "closed_on")}
    return Case.model_validate(
        asdict(row)
        | empty
        | {
            "days_open": max(0, (date.fromisoformat(ended) - date.fromisoformat(begun)).days),
            "days_overdue": overdue_days(row.due_on, today) if row.state == SENT else 0,
        }
    )


def message_view(case: CaseRow, row: MessageRow) -> Message:
    """Return a message as the office reads it."""
    names = ("number", "kind", "utc_s", "by", "text", "ground", "approved_by", "refused_by", "batch", "their_number")
    given = {name: getattr(row, name) for name in names}
    return Message.model_validate(given | {"personal": bool(row.personal), "waits_for": waits_for(case, row)})


def _check_change(transaction: Transaction, held: CaseRow, changed: dict[str, object]) -> None:
    """Return if a case may be changed so: whom it is about stays, once anything is written to the other side."""
    if held.state == CLOSED:
        raise Problem(409, "case-closed", f"The case {held.case_id} ended on {held.closed_on}; open another one.")
    about = [name for name in ("person", "application_id") if name in changed]
    if about and any(row.kind == OUT for row in transaction.exchange.thread(held.case_id)):
        detail = f"Something is written in the case {held.case_id}; whom it is about does not change any more."
        raise Problem(409, "case-differs", detail, errors=[{"pointer": f"#/{about[0]}", "detail": "does not change"}])


def _cursor(part: str, row: CaseRow) -> str:
    return f"{part}:{cursor(row.sent_on if part == OVERDUE else row.opened_on, row.case_id)}"
