"""Files of the exchange: what goes out is kept byte for byte; what comes in counts once, however often it comes."""

import hashlib
from datetime import date

from gateway.central.access import Caller
from gateway.central.cases.answers import Answers, parse
from gateway.central.cases.exchange import due_day
from gateway.central.cases.leaving import waits_for
from gateway.central.cases.outgoing import written
from gateway.central.cases.wrong import check_span, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.exchange import IN, SENT, CaseRow, MessageRow, Waiting
from gateway.central.store.exchange_batches import BatchRow
from gateway.contract.exchange import (
    MAX_ANSWERS,
    MAX_BATCH_ROWS,
    AnswersTaken,
    Batch,
    Batches,
    ExchangeFigures,
    Form,
    Outgoing,
)

LOOK = 5000  # waiting messages looked at for one file: those that wait for approval stand among them


class BatchOffice:
    """Reads and writes through one store."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def send(self, form: Form, caller: Caller) -> Batch:
        """Make a file of everything that may leave, and note it as sent; Problem when nothing may."""
        today = self._time.today()
        with self._store.write() as transaction:
            found = transaction.exchange.waiting(0, LOOK)
            ready = [one for one in found if waits_for(one.case, one.message) == "batch"][:MAX_BATCH_ROWS]
            if not ready:
                detail = f"Nothing may leave; {len(found)} messages wait for a second person's approval."
                raise Problem(409, "nothing-to-send", detail, waiting=len(found))
            number = transaction.exchange_batches.next_number()
            content = written(form, number, [self._row(one) for one in ready])
            row = self._keep(
                transaction, BatchRow(number, "out", form, len(ready), *self._made(content, caller)), content
            )
            transaction.exchange_batches.sent([one.message.number for one in ready], number, today)
            for case in {one.case.case_id: one.case for one in ready}.values():
                _ask(transaction, case, today)
        return view(row)

    def file(self, number: int) -> tuple[BatchRow, bytes]:
        """Return a file as it went out or came in; Problem when there is none, or it is not what it was."""
        with self._store.read() as transaction:
            found = transaction.exchange_batches.get(number)
        if found is None:
            raise Problem(404, "unknown-batch", f"There is no file {number}.")
        if not found[1]:
            detail = f"File {number} held a letter that named somebody who was erased; its SHA-256 stays."
            raise Problem(410, "batch-erased", detail)
        if hashlib.sha256(found[1]).hexdigest() != found[0].sha256:
            raise Problem(503, "batch-damaged", f"File {number} is not what its SHA-256 says; restore the store.")
        return found

    def page(self, before: int, limit: int) -> Batches:
        """Return files, newest first."""
        with self._store.read() as transaction:
            rows = transaction.exchange_batches.before(before, limit + 1)
        return Batches(
            batches=[view(row) for row in rows[:limit]], next=rows[limit - 1].number if len(rows) > limit else 0
        )

    def take(self, content: bytes, form: Form, caller: Caller) -> AnswersTaken:
        """Take a file of answers: good rows go in, each other is named; the same row again changes nothing."""
        good, broken = parse(content, form)
        if len(good) + len(broken) > MAX_ANSWERS:
            raise not_valid("", f"a file may have at most {MAX_ANSWERS} rows; split it")
        with self._store.write() as transaction:
            found = Answers(transaction, good, self._time.today())
            same = transaction.exchange_batches.same("in", hashlib.sha256(content).hexdigest())
            if same and not found.new:
                number = same.number
            else:
                number = transaction.exchange_batches.next_number()
                row = BatchRow(number, "in", form, len(good) + len(broken), *self._made(content, caller))
                self._keep(transaction, row, content)
            now_s = self._time.now_s()
            transaction.exchange.add_messages(
                MessageRow(
                    number=0,
                    case_id=one.answer.case_id,
                    kind=IN,
                    utc_s=now_s,
                    by=caller.name,
                    text=one.answer.text,
                    personal=int(one.personal),
                    batch=number,
                    their_number=one.answer.answer_id,
                )
                for one in found.new
            )
            found.settle(transaction)
        broken = sorted([*broken, *found.broken], key=lambda row: row.line)
        return AnswersTaken(batch=number, new=len(found.new), known=found.known, broken=broken)

    def figures(self, first: str, last: str) -> ExchangeFigures:
        """Return what the exchange did from one day to another, and what was overdue at the end of the last."""
        check_span(first, last)
        with self._store.read() as transaction:
            counts = transaction.exchange_counts
            asked, overdue = counts.asked(first, last), counts.overdue(last)
            (opened, closed), (out, personal) = counts.cases(first, last), counts.messages_out(first, last)
            reminders, batches = counts.reminders(first, last), counts.batches_out(first, last)
        return ExchangeFigures(
            first=first,
            last=last,
            opened=opened,
            sent=asked.sent,
            answered=asked.answered,
            answered_late=asked.late,
            never_answered=asked.never,
            overdue=overdue.cases,
            oldest_case=overdue.case_id,
            oldest_days=days_between(overdue.sent_on, last),
            closed=closed,
            reminders=reminders,
            messages_out=out,
            personal_messages_out=personal,
            batches_out=batches,
        )

    def _row(self, one: Waiting) -> Outgoing:
        return _outgoing(one, self._time.day(one.message.utc_s), self._time.today())

    def _made(self, content: bytes, caller: Caller) -> tuple[str, int, int, str, str]:
        hashed = hashlib.sha256(content).hexdigest()
        return hashed, len(content), self._time.now_s(), self._time.today(), caller.name

    def _keep(self, transaction: Transaction, row: BatchRow, content: bytes) -> BatchRow:
        transaction.exchange_batches.add(row, content)
        return row


def view(row: BatchRow) -> Batch:
    """Return a file as the office reads of it."""
    return Batch.model_validate({name: getattr(row, name) for name in Batch.model_fields})


def days_between(first: str, last: str) -> int:
    """Return how many days lie between two; 0 where there is no first."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days if first else 0


def _outgoing(one: Waiting, written_on: str, today: str) -> Outgoing:
    """Return a message as a row of a file; a case that waits for an answer already keeps its day."""
    message, case = one
    return Outgoing(
        case_id=case.case_id,
        message=message.number,
        written_on=written_on,
        person=case.person,
        application_id=case.application_id,
        answer_by=case.due_on if case.state == SENT else due_day(today, case.answer_days),
        text=message.text,
    )


def _ask(transaction: Transaction, case: CaseRow, today: str) -> None:
    """Note that something was asked; what goes after a question that is open begins no new one."""
    if case.state == SENT:
        return
    due_on = due_day(today, case.answer_days)
    transaction.exchange.ask(case.case_id, today, due_on)
    values = {"state": SENT, "sent_on": today, "due_on": due_on, "answered_on": "", "reminded": 0}
    transaction.exchange.change_case(case.case_id, values)
