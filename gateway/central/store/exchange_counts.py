"""What the exchange did, counted by the store from one day to another."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, or_, select

from gateway.central.store.parts import within
from gateway.central.store.tables_exchange import (
    EXCHANGE_ASKS,
    EXCHANGE_BATCHES,
    EXCHANGE_CASES,
    EXCHANGE_MESSAGES,
    EXCHANGE_REMINDERS,
)

_ASK = EXCHANGE_ASKS.c


class Asked(NamedTuple):
    """Questions: sent, answered, answered after the due day, and sent without an answer by the end."""

    sent: int
    answered: int
    late: int
    never: int


class Oldest(NamedTuple):
    """Questions that are overdue on a day: how many, and which waits longest ("": none)."""

    cases: int
    case_id: str
    sent_on: str


class ExchangeCounts:
    """Counts through one connection; both days of a span are included."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def asked(self, first: str, last: str) -> Asked:
        """Return what became of questions."""
        sent, answered = within(_ASK.sent_on, first, last), within(_ASK.answered_on, first, last)
        return Asked(
            self._count(EXCHANGE_ASKS, sent),
            self._count(EXCHANGE_ASKS, answered),
            self._count(EXCHANGE_ASKS, answered, _ASK.answered_on > _ASK.due_on),
            self._count(EXCHANGE_ASKS, sent, _later(_ASK.answered_on, last)),
        )

    def overdue(self, day: str) -> Oldest:
        """Return the questions that were overdue at the end of a day."""
        where = and_(_ASK.due_on < day, _later(_ASK.answered_on, day), _later(_ASK.ended_on, day))
        query = select(_ASK.case_id, _ASK.sent_on).where(where).order_by(_ASK.sent_on, _ASK.case_id).limit(1)
        row = self._connection.execute(query).first()
        return Oldest(self._count(EXCHANGE_ASKS, where), row[0], row[1]) if row else Oldest(0, "", "")

    def cases(self, first: str, last: str) -> tuple[int, int]:
        """Return how many cases were opened, and how many ended."""
        opened = self._count(EXCHANGE_CASES, within(EXCHANGE_CASES.c.opened_on, first, last))
        return opened, self._count(EXCHANGE_CASES, within(EXCHANGE_CASES.c.closed_on, first, last))

    def reminders(self, first: str, last: str) -> int:
        """Return how many reminders were sent."""
        return self._count(EXCHANGE_REMINDERS, within(EXCHANGE_REMINDERS.c.sent_on, first, last))

    def messages_out(self, first: str, last: str) -> tuple[int, int]:
        """Return how many messages left, and how many of them with personal data."""
        left = within(EXCHANGE_MESSAGES.c.sent_on, first, last)
        return self._count(EXCHANGE_MESSAGES, left), self._count(
            EXCHANGE_MESSAGES, left, EXCHANGE_MESSAGES.c.personal == 1
        )

    def batches_out(self, first: str, last: str) -> int:
        """Return how many files left."""
        column = EXCHANGE_BATCHES.c
        return self._count(EXCHANGE_BATCHES, column.direction == "out", within(column.made_on, first, last))

    def _count(self, table: FromClause, *where: ColumnElement[bool]) -> int:
        return self._connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _later(column: ColumnElement[str], day: str) -> ColumnElement[bool]:
    """Return that a day came after another, or has not come."""
    return or_(column == "", column > day)
