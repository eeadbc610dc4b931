"""The JSON of the rights of travellers, version 1: erasure, access, correction."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Date, Model, Name

MAX_GROUND = 500  # characters: a sentence or two that stay in the log
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=10, max_length=MAX_GROUND, pattern=r"^[^\x00-\x1f]+$")
]
# A reference, an application's number, or a card's UID: what a person can be found by.
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]


class ErasureWanted(Model):
    """POST /v1/erasures: whose data shall go, and on which ground; the ground stays in the log, without a name."""

    person: Key
    ground: Sentence


class ErasureOrder(Model):
    """An erasure that was asked for. Once it is closed, it names nobody but those who decided it."""

    number: int
    opened_s: int
    opened_by: str
    subject: str
    ground: str
    state: Literal["open", "done", "refused"]
    closed_by: str
    closed_s: int
    erasure: int


class ErasureOrders(Model):
    """GET /v1/erasures: orders after a number, oldest first."""

    orders: list[ErasureOrder]


class ErasureDone(Model):
    """What an erasure came to: persons, their records, the numbers of the erasures in the log.

    `kept`: how many persons stay although their time is over, by why. `compacted`: the files hold nothing of them any
    more; False: somebody read on, and the next erasure makes up for it.
    """

    persons: int
    records: int
    erasures: list[int]
    kept: dict[str, int]
    compacted: bool


class AccessWanted(Model):
    """POST /v1/access: whose data are read, and why."""

    person: Key
    purpose: Sentence


class Area(Model):
    """What one area of the office holds on a person: rows as they are kept, in words where the rules have words."""

    name: str
    rows: list[dict[str, Any]]


class Held(Model):
    """Everything that is held on a person, at one instant (Unix UTC s).

    `kept_until`: the last day of retention; None: nobody can tell yet. `needed`: why it could not be erased today.
    """

    references: list[str]
    applications: list[str]
    cards: list[str]
    at_s: int
    purpose: str
    read_by: str
    kept_until: str | None
    needed: list[str]
    areas: list[Area]


class CrossingFields(Model):
    """What can be put right of a crossing; what is not given stays."""

    crossing_point: Name | None = None
    direction: Literal["entry", "exit"] | None = None
    outcome: Literal["admitted", "referred", "turned_back"] | None = None
    party: int | None = Field(default=None, ge=1, le=15)


class CrossingCorrection(Model):
    """POST /v1/crossings/{board}/{epoch}/{seq}/corrections: what was recorded wrongly, and how that is known."""

    fields: CrossingFields
    reason: Sentence


class ApplicationFields(Model):
    """What can be put right of an application; its decision is made, and never corrected. What is not given stays."""

    applicant_ref: Annotated[str, Field(max_length=64)] | None = None
    purpose: Annotated[str, Field(max_length=200)] | None = None
    submitted_on: Date | None = None
    valid_from: Date | None = None
    valid_until: Date | None = None
    crossing_points: list[Name] | None = Field(default=None, max_length=100)
    entries: int | None = Field(default=None, ge=0, le=10_000)
    max_stay_days: int | None = Field(default=None, ge=0, le=10_000)
    zones: list[Name] | None = Field(default=None, max_length=100)
    reception_days: int | None = Field(default=None, ge=0, le=200)
    companions: int | None = Field(default=None, ge=0, le=14)


class ApplicationCorrection(Model):
    """POST /v1/applications/{number}/corrections: a field that is given as null is no limit from then on."""

    fields: ApplicationFields
    reason: Sentence


class Corrected(Model):
    """What a correction changed: each field with what it was and is, and how many crossings are shown anew."""

    number: int
    changed: dict[str, list[Any]]
    judged: int
