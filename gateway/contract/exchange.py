"""The JSON of the exchange with the other side: cases, their threads, approvals, batches, answers, reminders."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Date, Model, Name
from gateway.contract.applications import BrokenRow, Line, Words

ANSWER_DAYS = 30  # until an answer is due, unless a case says otherwise
MAX_ANSWER_DAYS = 366
MAX_CASES = 200  # cases a page of a list
MAX_BATCH_ROWS = 2000  # messages of one file: what the other side reads in a day
MAX_ANSWERS = 2000  # answers of one file
MAX_TEXT = 4000  # characters of one message

State = Literal["draft", "sent", "answered", "closed"]
Kind = Literal["note", "out", "in", "reminder"]
Form = Literal["csv", "json"]
Said = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT, pattern=r"^[^\x00-\x08]+$")
]
Ground = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=r"^[^\x00-\x08]*$")]


class CaseBody(Model):
    """A case for the other side. `owner`: who answers for it here. `person`, `application_id`: whom it is about.

    `subject` and `owner` never leave the office.
    """

    subject: Line
    owner: Name
    person: Name | None = None
    application_id: Name | None = None
    answer_days: int = Field(default=ANSWER_DAYS, ge=1, le=MAX_ANSWER_DAYS)


class Case(Model):
    """A case as it stands. `due_on`: when the answer is due, once something was sent.

    `days_open`: since it was sent, or opened, until it ended or today; `days_overdue`: past the due day, else 0.
    `reminded`: the newest reminder that went out for the answer that is awaited; `sent_on`: when it was asked for.
    """

    case_id: Name
    subject: str
    owner: str
    person: str
    application_id: str
    answer_days: int
    state: State
    opened_on: Date
    sent_on: Date | None
    due_on: Date | None
    answered_on: Date | None
    closed_on: Date | None
    days_open: int
    days_overdue: int
    reminded: int


class CasePage(Model):
    """Cases, the longest overdue first; `next`: after which the next page begins, "" at the end."""

    cases: list[Case]
    next: str


class MessageBody(Model):
    """A message of a case. `out` goes to the other side with the next batch; a `note` stays here.

    `personal`: it says something of a person. One of a case about a person always does. It then needs a written
    `ground`, and a second person's approval.
    """

    kind: Literal["note", "out"] = "out"
    text: Said
    personal: bool = False
    ground: Ground = ""


class Message(Model):
    """A message of a thread. `batch`: with which it went out, or came. `waits_for`: what keeps it here."""

    number: int
    kind: Kind
    utc_s: int
    by: str
    text: str
    personal: bool
    ground: str
    approved_by: str
    refused_by: str
    batch: int | None
    their_number: str
    waits_for: Literal["", "approval", "batch"]


class Approval(Model):
    """What a second person says of a message: that it may leave, or that it may not, and why."""

    approve: bool = True
    reason: Ground = ""


class Story(Model):
    """A case and its thread, oldest message first."""

    case: Case
    thread: list[Message]


class Closing(Model):
    """Why a case ends."""

    reason: Words


class BatchBody(Model):
    """The form of a file for the other side."""

    form: Form = "csv"


class Batch(Model):
    """A file that went out, or came in. What was sent is kept byte for byte under its SHA-256."""

    number: int
    direction: Literal["out", "in"]
    form: Form
    rows: int
    size: int
    sha256: str
    made_s: int
    made_by: str


class Batches(Model):
    """Batches, newest first; `next`: the number before which the next page begins, 0 at the end."""

    batches: list[Batch]
    next: int


class Outgoing(Model):
    """A row of a file that goes out. `answer_by`: until when an answer is asked for."""

    case_id: Name
    message: int
    written_on: Date
    person: str
    application_id: str
    answer_by: Date
    text: str


class Answer(Model):
    """A row of a file that comes in. `answer_id`: the other side's own number, by which a row counts once."""

    case_id: Name
    answer_id: Name
    answered_on: Date
    text: Said


class AnswersTaken(Model):
    """What became of a file of answers: good rows are in, whatever is wrong with others. `batch`: how it is kept."""

    batch: int
    new: int
    known: int
    broken: list[BrokenRow]


class Reminder(Model):
    """An answer is overdue and somebody is to be reminded. `step` rises; `to`: a name, or the head of office."""

    case_id: Name
    step: int
    to: str
    owner: str
    subject: str
    due_on: Date
    days_overdue: int


class Reminders(Model):
    """Reminders that are due, the longest overdue case first."""

    reminders: list[Reminder]


class Reminded(Model):
    """The step of a reminder that was sent."""

    step: int = Field(ge=1, le=10_000)


class ExchangeFigures(Model):
    """The exchange from `first` to `last`, both included. What waits, and the oldest, are as of the end of `last`.

    `never_answered`: sent from `first` to `last` and without an answer at its end. `oldest_days`: since it was sent.
    """

    first: Date
    last: Date
    opened: int
    sent: int
    answered: int
    answered_late: int
    never_answered: int
    overdue: int
    oldest_case: str
    oldest_days: int
    closed: int
    reminders: int
    messages_out: int
    personal_messages_out: int
    batches_out: int
