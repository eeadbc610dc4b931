"""The JSON between gateway and central, version 1: what either may rely on. Bytes travel as lower-case hex."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints, WithJsonSchema

from gateway.contract.erasing import Erased, Erasure

MAX_BATCH = 2000  # records a batch: about 140 KB of JSON; the other gateways wait some tenths of a second for it
MAX_SEQ = 0xFFFF_FFFF  # of a record, which has 32 bits for it
MAX_SEALS = 500  # seals a batch: one a record at most
MAX_GAPS = 128  # gaps a batch: one before and one behind each run
MAX_IMPORT = 500  # applications or cards a request
MAX_RELEASES = 100  # of one permit, one a stay: more than two a week in a year's validity
MAX_PAGE = 1000  # rows a page of a feed
CONSOLE_LANE = "console"  # the lane of a gateway's console: the board from which its hand-entered crossings come

EVERYWHERE = "everywhere"  # the key zone of cards whose permit names none: every gateway has its key

Hex16 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Uid = Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Instant = Annotated[int, Field(ge=0, le=0xFFFF_FFFF)]  # Unix UTC s, in the 32 bits that boards have for it
Date = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), WithJsonSchema({"type": "string", "format": "date"})
]


class Model(BaseModel):
    """Unknown fields are an error: a newer peer must raise the version, not be half understood.

    Values are of their kind: text, `true` or 1.0 is no whole number. Who reads text (CSV, forms) says so.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


class CrossingPoint(Model):
    """A place where travel is checked. `time_zone`: IANA name."""

    code: Name
    name: str = Field(max_length=200)
    kind: Literal["border", "internal"]
    zone: Name
    time_zone: str = "Asia/Pyongyang"


class Board(Model):
    """A board as the centre registered it; `link_key` is the escrowed 16-byte key of its sessions."""

    board: int = Field(ge=1, le=0xFFFF)
    epoch: int = Field(ge=1, le=0xFFFF)
    crossing_point: Name
    lane: str = "1"
    gateway: Name
    link_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Application(Model):
    """A request to travel and its decision. None or an empty list is no limit.

    `released_on`: the local days on which reception stations released the traveller. Stations alone take one back: an
    import adds those that it names.
    """

    application_id: Name
    applicant_ref: str = Field(default="", max_length=200)
    purpose: str = Field(default="", max_length=1000)
    submitted_on: Date | None = None
    decision: Literal["pending", "approved", "refused", "withdrawn"]
    decided_on: Date | None = None
    withdrawn_from: Instant | None = None
    valid_from: Date | None = None
    valid_until: Date | None = None
    crossing_points: list[Name] = []
    entries: int | None = Field(default=None, ge=0, le=10_000)
    max_stay_days: int | None = Field(default=None, ge=0, le=10_000)
    zones: list[Name] = []
    reception_days: int | None = Field(default=None, ge=0, le=200)
    companions: int | None = Field(default=None, ge=0, le=14)
    released_on: list[Date] = Field(default=[], max_length=MAX_RELEASES)


class Card(Model):
    """A permit card by UID. `blocked_from`: Unix UTC seconds from which a block counts; None: always.

    `key_version`: of the keys that it was issued with; `zone`: whose master key they come from, None: see `zone_of`.
    """

    card_uid: Uid
    application_id: Name
    status: Literal["active", "lost", "stolen", "revoked", "replaced"]
    blocked_from: Instant | None = None
    key_version: int = Field(default=1, ge=1, le=255)
    zone: Name | None = None


def zone_of(card: Card, application: Application | None) -> str:
    """Return the zone whose master key makes a card's keys: its own, else the first that its permit names, else all."""
    zones = application.zones if application else []
    return card.zone or (zones[0] if zones else EVERYWHERE)


class Journey(Model):
    """The shortest time in which anybody can come from one point to another, or back."""

    points: Annotated[tuple[Name, Name], Strict(False)]  # JSON has no tuples
    minutes: int = Field(ge=1, le=10_000)


class Policy(Model):
    """The centre's policy. Fields as in `checkpost.rules.Policy`; `lenient` names reasons listed as notes.

    `history_max_age_s`: how old news of other points may be where a permit's use there counts; no journey between two
    points is shorter than its default. `retention_days`: how long data of a person are kept after the last exit.
    """

    version: int = Field(default=1, ge=1, le=0xFFFF_FFFF)
    assurance: Literal["uid", "sun", "live"] = "live"
    frequent_count: int = Field(default=7, ge=2, le=1000)
    frequent_days: int = Field(default=30, ge=1, le=3660)
    repeat_s: int = Field(default=300, ge=0, le=3600)
    roster_max_age_s: int = Field(default=7 * 86400, ge=60, le=0xFFFF_FFFF)
    clock_max_uncertainty_s: int = Field(default=600, ge=1, le=0xFFFF_FFFF)
    history_max_age_s: int = Field(default=900, ge=0, le=0xFFFF_FFFF)
    reception_stay_days: int = Field(default=15, ge=1, le=200)
    retention_days: int = Field(default=1096, ge=30, le=36_600)
    lenient: list[str] = []
    journeys: list[Journey] = Field(default=[], max_length=1000)


class RecordRun(Model):
    """Consecutive records of one board and epoch, 32 bytes each as hex, and the chain head after the last."""

    board: int = Field(ge=1, le=0xFFFF)
    epoch: int = Field(ge=1, le=0xFFFF)
    first_seq: int = Field(ge=1, le=MAX_SEQ - MAX_BATCH + 1)
    records: list[Hex32] = Field(min_length=1, max_length=MAX_BATCH)
    head: Hex32


class Seal(Model):
    """A board's seal over its chain up to record `seq`, as the board sent it: a gateway has no key to check it with.

    What is sealed, and with which key, says SPEC.md, "Seal". `generation`: of the key, in steps from provisioning; at
    least that of the sector that holds the record, and higher where a backlog was sealed later.
    """

    board: int = Field(ge=1, le=0xFFFF)
    epoch: int = Field(ge=1, le=0xFFFF)
    seq: int = Field(ge=1, le=MAX_SEQ)
    generation: int = Field(ge=0, lt=1 << 24)
    seal: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class Gap(Model):
    """The first and the last record of a sector that a board cannot read any more; they are held as it read them, and
    its own chain goes on from `head` after record `seq`: SPEC.md, "Gaps"."""

    board: int = Field(ge=1, le=0xFFFF)
    epoch: int = Field(ge=1, le=0xFFFF)
    first_seq: int = Field(ge=1, le=MAX_SEQ)
    last_seq: int = Field(ge=1, le=MAX_SEQ)
    seq: int = Field(ge=0, le=MAX_SEQ)
    head: Hex32


class Batch(Model):
    """POST /v1/batches: runs of several boards; sent again unchanged until answered.

    Every seal and gap speaks of a record that is in a run of the same batch, or that the centre said it holds; no run
    goes over the end of a gap.
    """

    runs: list[RecordRun] = Field(min_length=1, max_length=64)
    seals: list[Seal] = Field(default=[], max_length=MAX_SEALS)
    gaps: list[Gap] = Field(default=[], max_length=MAX_GAPS)


class Held(Model):
    """Up to which sequence, without a gap, the centre holds a board's epoch durably."""

    board: int
    epoch: int
    seq: int


class BatchReply(Model):
    """What the centre holds now for each board named in the batch, and how many records were new to it."""

    held: list[Held]
    new: int
    known: int


class Import(Model):
    """POST /v1/imports: rows a gateway or the office brings; equal rows change nothing."""

    applications: list[Application] = Field(default=[], max_length=MAX_IMPORT)
    cards: list[Card] = Field(default=[], max_length=MAX_IMPORT)


class ImportReply(Model):
    """How many rows changed what the centre holds, and the newest revision."""

    changed: int
    revision: int


class Change(Model):
    """One row of the knowledge feed, `revision` ascending; exactly one of the others is given."""

    revision: int
    application: Application | None = None
    card: Card | None = None
    crossing_point: CrossingPoint | None = None
    board: Board | None = None
    policy: Policy | None = None
    erasure: Erasure | None = None


class Elsewhere(Model):
    """A border crossing with a permit's card, wherever it was: the facts of the rules. Codes as in `Crossing`.

    `order_s`: its place in the order of time; `uncertainty`: log2 code of quarter seconds, as in a record.
    `corrected`: which of its fields a person put right: they hold, whatever the record says.
    `kind`: of its point. An internal one comes here only with something corrected: it may have been held as a border's.
    """

    board: int
    epoch: int
    seq: int
    crossing_point: Name
    card_uid: Uid
    order_s: int
    utc_s: int
    offset: int
    clock: Literal["unset", "holdover", "synced", "anchored"]
    uncertainty: int
    direction: Literal["entry", "exit"]
    party: int
    assurance: Literal["none", "uid", "sun", "live"]
    genuine: bool
    outcome: Literal["", "admitted", "referred", "turned_back"]
    source: Literal["tap", "hand", "paper"] = "tap"
    corrected: list[Literal["crossing_point", "direction", "outcome", "party"]] = []
    kind: Literal["border", "internal"] = "border"


class Hole(Model):
    """A record that nobody can read. The order of time (Unix UTC) of its board's crossings around it: `after_s` 0, none
    before it; `before_s` None, none behind it yet."""

    board: int
    epoch: int
    seq: int
    crossing_point: str
    after_s: int
    before_s: int | None = None


def hole_mark(holes: Iterable[Hole]) -> str:
    """Return 16 hex digits that are the same for the same holes only."""
    rows = sorted(tuple(hole.model_dump().values()) for hole in holes)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


class Changes(Model):
    """GET /v1/changes?after=N&position=P: what a gateway needs to know since revision N and position P.

    `more`: ask again at once. `complete_to`: for each point with a board, up to when (Unix UTC) the centre holds all
    its crossings. `holes`: all of them, for who asks with `holes`, the mark of those it has; None: they are the same.
    """

    changes: list[Change]
    revision: int
    more: bool
    crossings: list[Elsewhere] = []
    position: int = 0
    complete_to: dict[str, int] = {}
    holes: list[Hole] | None = None


class Crossing(Model):
    """One crossing as the office sees it now; `position` is its latest change in the feed.

    `clock`: the board's when it wrote the record: `synced` by a gateway; `holdover`, set and not confirmed; `unset`:
    `utc` is only where its sequence puts it; `anchored`: unset then, and its time computed from when the clock was set.
    `source`: tapped at a board, entered by hand, or from a paper form. `unchecked`: what the verdict could not look at.
    `corrected`: which fields a person put right since, against the record.
    """

    position: int
    board: int
    epoch: int
    seq: int
    crossing_point: str
    direction: Literal["entry", "exit"]
    local_time: str
    utc: str
    clock: Literal["unset", "holdover", "synced", "anchored"]
    card_uid: str
    permit: str
    party: int
    assurance: str
    board_verdict: str
    verdict: str
    reasons: list[str]
    notes: list[str]
    outcome: str
    source: Literal["tap", "hand", "paper"] = "tap"
    unchecked: list[str] = []
    rule_version: int = 1
    corrected: list[str] = []


class Feed(Model):
    """GET /v1/feed?after=P (every change) and GET /v1/crossings?after=P (current state), positions ascending."""

    crossings: list[Crossing | Erased]
    position: int
    more: bool
