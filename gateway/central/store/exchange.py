"""Rows of exchange cases, what was asked, and their threads."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, insert, not_, select, tuple_, update

from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.tables_exchange import (
    EXCHANGE_ASKS,
    EXCHANGE_CASES,
    EXCHANGE_MESSAGES,
    EXCHANGE_REMINDERS,
)

DRAFT, SENT, ANSWERED, CLOSED = "draft", "sent", "answered", "closed"
NOTE, OUT, IN, REMINDER = "note", "out", "in", "reminder"

_CASE = Put(EXCHANGE_CASES)


@dataclass(frozen=True)
class CaseRow:
    """A case as it stands; an empty day is none."""

    case_id: str
    subject: str
    owner: str
    person: str
    application_id: str
    answer_days: int
    state: str
    opened_on: str
    sent_on: str = ""
    due_on: str = ""
    answered_on: str = ""
    closed_on: str = ""
    reminded: int = 0


@dataclass(frozen=True)
class MessageRow:
    """A message of a thread. `number` rises; 0: not stored yet."""

    number: int
    case_id: str
    kind: str
    utc_s: int
    by: str
    text: str
    personal: int = 0
    ground: str = ""
    approved_by: str = ""
    refused_by: str = ""
    waiting: int = 0
    batch: int | None = None
    sent_on: str = ""
    their_number: str = ""


@dataclass(frozen=True)
class ReminderRow:
    """A reminder that was sent, and who marked it so."""

    case_id: str
    step: int
    sent_to: str
    sent_on: str
    marked_by: str


class Waiting(NamedTuple):
    """A message that waits, and its case."""

    message: MessageRow
    case: CaseRow


class ExchangeRows:
    """Messages and reminders are only ever added; a message's text is never changed."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def cases(self, case_ids: Iterable[str]) -> dict[str, CaseRow]:
        """Return those cases that are known."""
        found: dict[str, CaseRow] = {}
        for some in chunks(sorted(set(case_ids))):
            rows = self._connection.execute(select(EXCHANGE_CASES).where(EXCHANGE_CASES.c.case_id.in_(some)))
            found.update((row[0], CaseRow(*row)) for row in rows)
        return found

    def add_cases(self, rows: Iterable[CaseRow]) -> None:
        """Add cases; one that is known stays as it is."""
        _CASE.run(self._connection, [asdict(row) for row in rows])

    def change_case(self, case_id: str, values: Mapping[str, object]) -> None:
        """Write new values over a case's."""
        self._connection.execute(update(EXCHANGE_CASES).where(EXCHANGE_CASES.c.case_id == case_id).values(values))

    def overdue(self, today: str, owner: str, after: tuple[str, str], limit: int) -> list[CaseRow]:
        """Return at most `limit` cases whose answer is overdue, after (sent_on, case_id): who waits longest on top."""
        column = EXCHANGE_CASES.c
        query = select(EXCHANGE_CASES).where(column.state == SENT, column.due_on < today)
        query = query.where(tuple_(column.sent_on, column.case_id) > tuple_(*after))
        query = query.where(column.owner == owner) if owner else query
        return self._rows(query.order_by(column.sent_on, column.case_id).limit(limit))

    def first_due(self) -> str:
        """Return the earliest day on which an answer that is still missing was due, '' when none is missing."""
        query = select(func.min(EXCHANGE_CASES.c.due_on)).where(EXCHANGE_CASES.c.state == SENT)
        return self._connection.execute(query).scalar() or ""

    def in_time(self, today: str, owner: str, after: tuple[str, str], limit: int) -> list[CaseRow]:
        """Return at most `limit` open cases that are not overdue, after (opened_on, case_id), oldest first."""
        column = EXCHANGE_CASES.c
        late = and_(column.state == SENT, column.due_on < today)
        query = select(EXCHANGE_CASES).where(column.closed_on == "", not_(late))
        query = query.where(tuple_(column.opened_on, column.case_id) > tuple_(*after))
        query = query.where(column.owner == owner) if owner else query
        return self._rows(query.order_by(column.opened_on, column.case_id).limit(limit))

    def closed(self, owner: str, before: tuple[str, str, str], limit: int) -> list[CaseRow]:
        """Return at most `limit` cases that ended, before (closed_on, opened_on, case_id), newest first."""
        column = EXCHANGE_CASES.c
        place = (column.closed_on, column.opened_on, column.case_id)
        query = select(EXCHANGE_CASES).where(column.closed_on > "", tuple_(*place) < tuple_(*before))
        query = query.where(column.owner == owner) if owner else query
        return self._rows(query.order_by(*(one.desc() for one in place)).limit(limit))

    def count_overdue(self, today: str) -> int:
        """Return how many cases' answers are overdue."""
        column = EXCHANGE_CASES.c
        query = select(func.count()).where(column.state == SENT, column.due_on < today)
        return self._connection.execute(query).scalar_one()

    def count_open(self) -> int:
        """Return how many cases have not ended."""
        return self._connection.execute(select(func.count()).where(EXCHANGE_CASES.c.closed_on == "")).scalar_one()

    def ask(self, case_id: str, sent_on: str, due_on: str) -> None:
        """Note that something was asked."""
        row = {"case_id": case_id, "sent_on": sent_on, "due_on": due_on, "answered_on": "", "ended_on": ""}
        self._connection.execute(insert(EXCHANGE_ASKS), [row])

    def end_ask(self, case_id: str, values: Mapping[str, str]) -> None:
        """Note when the question that is open in a case was answered, or ended without an answer."""
        column = EXCHANGE_ASKS.c
        open_one = (column.case_id == case_id, column.answered_on == "", column.ended_on == "")
        self._connection.execute(update(EXCHANGE_ASKS).where(*open_one).values(values))

    def add_messages(self, rows: Iterable[MessageRow]) -> None:
        """Add messages to their threads; their numbers are given here."""
        values = [{name: value for name, value in asdict(row).items() if name != "number"} for row in rows]
        if values:
            self._connection.execute(insert(EXCHANGE_MESSAGES), values)

    def thread(self, case_id: str) -> list[MessageRow]:
        """Return the messages of a case, oldest first."""
        column = EXCHANGE_MESSAGES.c
        query = select(EXCHANGE_MESSAGES).where(column.case_id == case_id).order_by(column.number)
        return [MessageRow(*row) for row in self._connection.execute(query)]

    def change_message(self, number: int, approved_by: str, refused_by: str) -> None:
        """Note what a second person says of a message; one that was refused waits no more."""
        order = update(EXCHANGE_MESSAGES).where(EXCHANGE_MESSAGES.c.number == number)
        waiting = {"waiting": 0} if refused_by else {}
        self._connection.execute(order.values(approved_by=approved_by, refused_by=refused_by, **waiting))

    def drop_waiting(self, case_id: str) -> None:
        """Let nothing of a case that ended leave any more."""
        column = EXCHANGE_MESSAGES.c
        self._connection.execute(
            update(EXCHANGE_MESSAGES).where(column.case_id == case_id, column.waiting == 1).values(waiting=0)
        )

    def waiting(self, after: int, limit: int) -> list[Waiting]:
        """Return at most `limit` messages that wait for approval or a batch, after a number, oldest first."""
        column = EXCHANGE_MESSAGES.c
        query = select(EXCHANGE_MESSAGES).where(column.waiting == 1, column.number > after)
        rows = [MessageRow(*row) for row in self._connection.execute(query.order_by(column.number).limit(limit))]
        cases = self.cases(row.case_id for row in rows)
        return [Waiting(row, cases[row.case_id]) for row in rows]

    def answers_held(self, case_ids: Iterable[str]) -> dict[tuple[str, str], str]:
        """Return the texts of the answers that are held of those cases, by (case, the other side's number)."""
        column = EXCHANGE_MESSAGES.c
        found: dict[tuple[str, str], str] = {}
        for some in chunks(sorted(set(case_ids))):
            query = select(column.case_id, column.their_number, column.text)
            rows = self._connection.execute(query.where(column.case_id.in_(some), column.kind == IN))
            found.update(((row[0], row[1]), str(row[2])) for row in rows)
        return found

    def add_reminder(self, row: ReminderRow) -> None:
        """Add a reminder that was sent."""
        self._connection.execute(insert(EXCHANGE_REMINDERS), [asdict(row)])

    def _rows(self, query: Select[Any]) -> list[CaseRow]:
        return [CaseRow(*row) for row in self._connection.execute(query)]
