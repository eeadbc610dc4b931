"""The JSON of reviews at the centre, version 1."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Model, Name

MAX_TEXT = 4000  # characters of a statement or reason: two pages
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]
Disposition = Literal[
    "permitted-after-all", "regularised", "voluntary-return", "returned", "referred-to-court", "our-error"
]
State = Literal["open", "taken", "proposed", "decided", "withdrawn"]


class ReviewLine(Model):
    """A review in a list: what is asked, where it stands, and no word of who crossed. Times: Unix UTC s.

    About a record when `board` is not 0, else about a card. `detail`: what was found, such as the verdict's reasons.
    """

    number: int
    kind: str
    board: int
    epoch: int
    seq: int
    crossing_point: str
    detail: str
    opened_s: int
    due_s: int
    state: State
    reviewer: str
    disposition: Disposition | Literal[""]
    decided_s: int | None


class ReviewList(Model):
    """GET /v1/reviews: those that wait, soonest due first, or those decided, newest first. `next`: "" on the last."""

    reviews: list[ReviewLine]
    next: str


class ReviewEvent(Model):
    """One step, by whom and when. `person` is empty for what the centre itself did; `body`: its words."""

    at_s: int
    person: str
    kind: str
    body: dict[str, Any]


class ReviewView(ReviewLine):
    """GET /v1/reviews/{number}: with its evidence as it was when it opened, and all that happened, oldest first.

    `intact`: the evidence still has the SHA-256 that was noted when the review opened. Erased, it is empty.
    """

    card_uid: str
    permit: str
    evidence: dict[str, Any]
    evidence_sha256: str
    intact: bool
    events: list[ReviewEvent]


class Taking(Model):
    """Who takes a review over from another names them."""

    instead_of: str = Field(default="", max_length=64)


class Statement(Model):
    """What the traveller says, as it was written down; or, `heard` being false, why they could not be heard."""

    text: Words
    heard: bool = True


class Disposing(Model):
    """How a review ends, and why. `appeal`: how the traveller can appeal, as they are told.

    `risk`: what a return puts the traveller at risk of, for `returned` alone. `permit`: the application
    that is approved with it, unless it is already, for `regularised` alone.
    """

    disposition: Disposition
    reason: Words
    appeal: Words
    risk: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TEXT)] = ""
    permit: Name | None = None


class Confirmation(Model):
    """The second person's word on a return that the first proposed."""

    agrees: bool
    reason: Words


class Appeal(Model):
    """The traveller's ground, as it was written down."""

    ground: Words
