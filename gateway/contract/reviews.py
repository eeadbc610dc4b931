"""The JSON of reviews at the centre, version 1."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Model, Name, Uid

MAX_STEPS = 100  # steps a request: under two megabytes, if every one has two pages of text
MAX_TEXT = 4000  # characters of a statement or reason: two pages
STEP_DIFFERS = "step-differs"  # the problem's kind: another step is held under this store's and event's numbers
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]
Disposition = Literal[
    "permitted-after-all", "regularised", "voluntary-return", "returned", "referred-to-court", "our-error"
]
State = Literal["open", "taken", "proposed", "decided", "withdrawn"]


class GatewayStep(Model):
    """A step that a person took in a review at a gateway. What names it is (store, event): it counts once.

    `store`: random number of the gateway's store; `event`, `review`: its own numbers. The question is about a record
    (board, epoch, seq) or about a card; times are Unix UTC s. `text`: the statement, the reason or the ground; "" where
    it was erased. `disposition`: of a decision; `instead_of`: from whom it was taken over.
    """

    store: int = Field(ge=0, le=0xFFFFFFFF)
    event: int = Field(ge=1, le=2**53)
    review: int = Field(ge=1, le=2**53)
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,39}$")]
    card_uid: Uid | Literal[""] = ""
    board: int = Field(default=0, ge=0, le=0xFFFF)
    epoch: int = Field(default=0, ge=0, le=0xFFFF)
    seq: int = Field(default=0, ge=0, le=0xFFFFFFFF)
    at_s: int = Field(ge=0, le=0xFFFFFFFF)
    person: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
    step: Literal["taken", "statement", "decided", "appealed"]
    disposition: Disposition | Literal[""] = ""
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = ""
    instead_of: Annotated[str, StringConstraints(max_length=64)] = ""


class GatewaySteps(Model):
    """POST /v1/reviews/steps: steps of one gateway, in the order in which they were taken."""

    steps: list[GatewayStep] = Field(min_length=1, max_length=MAX_STEPS)


class StepsReply(Model):
    """How many of the steps were new; the others were held already. All are held durably."""

    new: int
    known: int


class StepLine(Model):
    """A step in the list of all: who did what where, and no word of who crossed. `number` counts up."""

    number: int
    gateway: str
    review: int
    kind: str
    board: int
    epoch: int
    seq: int
    at_s: int
    person: str
    step: str
    disposition: str


class StepList(Model):
    """GET /v1/reviews/steps: newest first. `next`: the `before` of the page that follows; 0 on the last one."""

    steps: list[StepLine]
    next: int


class ReviewLine(Model):
    """A review in a list: what is asked, where it stands, and no word of who crossed. Times: Unix UTC s.

    About a record when `board` is not 0, else about a card. `detail`: what was found, such as the verdict's reasons.
    `at_gateways`: where the same question stands at gateways, "" where nobody there touched it; `differs`: it was
    decided there otherwise than here, or at one gateway otherwise than at another.
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
    at_gateways: Literal["", "open", "taken", "decided", "differs"] = ""


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


class ReviewThere(Model):
    """The same question's review at a gateway, as its steps left it: they are evidence here, and decide nothing."""

    gateway: str
    review: int
    state: Literal["open", "taken", "decided"]
    reviewer: str
    disposition: Disposition | Literal[""]
    steps: list[ReviewEvent]


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
    there: list[ReviewThere]


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
