"""The JSON of applications: what is asked for, who asks, what is proposed and decided. Names stay with persons."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Date, Instant, Model, Name

MAX_GROUNDS = 5  # of one application: more are none
MAX_REASON = 1000  # characters that an applicant reads
MAX_QUEUE = 200  # applications a page of the queue

Ground = Literal[
    "family_visit", "resettlement", "return", "work", "training", "trade", "official", "medical", "regularised"
]
# Names and words that people write: no control characters, and not only blanks.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON, pattern=r"^[^\x00-\x08]+$")
]


class Person(Model):
    """Who applies. Nothing else is kept of a person here: no nationality, no origin."""

    reference: Name
    name: Line
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class PersonBody(Model):
    """A person's name, and how to reach them."""

    name: Line
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Asked(Model):
    """An application as it is handed in. `name`: needed for a person who is not known yet, who may lack a reference.

    `contract`: of a programme; the permit then lives as long as that, and has no dates of its own.
    """

    person: Name | None = None
    name: Line | None = None
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    grounds: Annotated[list[Ground], Field(min_length=1, max_length=MAX_GROUNDS)]
    submitted_on: Date
    valid_from: Date | None = None
    valid_until: Date | None = None
    crossing_points: list[Name] = Field(default=[], max_length=32)
    entries: int | None = Field(default=None, ge=0, le=10_000)
    max_stay_days: int | None = Field(default=None, ge=0, le=10_000)
    zones: list[Name] = Field(default=[], max_length=32)
    reception_days: int | None = Field(default=None, ge=0, le=200)
    companions: int | None = Field(default=None, ge=0, le=14)
    contract: Name | None = None


class AskedRow(Asked):
    """A row of a file of applications. Lists are separated by blanks."""

    application_id: Name


class Proposal(Model):
    """What the rules propose, "" for nothing, and why. A clerk decides."""

    decision: Literal["approved", ""]
    why: str


class ApplicationView(Model):
    """An application in the office's queue. `age_days`: since it was handed in, until it was decided; None: unknown.

    `revision`: of what the centre knows; a decision may name it, and then counts only for what its clerk saw.
    `reason`: what the applicant is told.
    """

    application_id: Name
    person: str
    grounds: list[str]
    submitted_on: Date | None
    age_days: int | None
    decision: Literal["pending", "approved", "refused", "withdrawn"]
    decided_on: Date | None
    reason: str
    contract: str | None
    valid_from: Date | None
    valid_until: Date | None
    crossing_points: list[str]
    revision: int
    proposal: Proposal | None = None


class Queue(Model):
    """GET /v1/applications: oldest first; `next` is what to ask for the next page, None on the last."""

    applications: list[ApplicationView]
    next: str | None


class DecisionBody(Model):
    """A clerk's decision. A refusal needs a reason that the applicant can read."""

    decision: Literal["approved", "refused"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REASON)] = ""
    revision: int | None = Field(default=None, ge=0, le=2**53)


class Withdrawal(Model):
    """An approval taken back. `withdrawn_from`: Unix UTC s from which it counts; None: from now on."""

    reason: Words
    withdrawn_from: Instant | None = None


class BrokenRow(Model):
    """A row of a file that was left out, by line and column, and why."""

    line: int
    column: str
    reason: str


class IntakeReply(Model):
    """What became of a file's rows; sent again, those that went in are `unchanged`."""

    taken: int
    unchanged: int
    broken: list[BrokenRow]


class OfCase(Model):
    """A case that is open about a person: while it is, nothing is proposed for them."""

    opened_on: Date


class Turnaround(Model):
    """Days from handing in to decision, of the applications of one ground that were decided in a time."""

    ground: str
    decided: int
    median_days: int | None
    slowest_tenth_days: int | None
    longest_days: int | None


class Waiting(Model):
    """Applications of one ground that are undecided at the end of a time, and how old they were then."""

    ground: str
    pending: int
    median_days: int | None
    oldest_days: int | None
    oldest: str | None


class IssuedOn(Model):
    """How many permits were issued, refused and withdrawn on a day; days without one are left out."""

    day: Date
    approved: int
    refused: int
    withdrawn: int


class ApplicationFigures(Model):
    """GET /v1/figures/applications: both days included."""

    first: Date
    last: Date
    submitted: int
    approved: int
    refused: int
    withdrawn: int
    pending: int
    busiest_day: IssuedOn | None
    days: list[IssuedOn]
    turnaround: list[Turnaround]
    waiting: list[Waiting]
