"""The JSON of the proven log, version 1: its leaves and proofs. Bytes travel as lower-case hex."""

from typing import Literal

from pydantic import Field

from gateway.contract import Model

MAX_LEAVES = 1000  # a page of the log: about 500 KB


class SealFound(Model):
    """A board's seal, the chain head over which the centre checked it, and what it found."""

    generation: int
    seal: str
    head: str
    result: Literal["good", "wrong", "no-key"]


class Leaf(Model):
    """One leaf. `hash`: as the tree has it. Without `salt` its content was erased; an `erasure` names it.

    A `record` has `raw`, a `state` its feed `position` and the feed's text as `body`, a `seal` has `found`, an
    `erasure` or a `correction` its `number` and a `body`; the `body` of a `gap` names the unreadable records and the
    chain head behind.
    """

    leaf: int
    kind: Literal["record", "state", "seal", "erasure", "gap", "correction"]
    hash: str
    salt: str | None = None
    board: int | None = None
    epoch: int | None = None
    seq: int | None = None
    raw: str | None = None
    position: int | None = None
    number: int | None = None
    body: str | None = None
    found: SealFound | None = None


class Leaves(Model):
    """GET /v1/log/leaves?after=N: leaves from number N on, and how many the log had in that instant."""

    leaves: list[Leaf]
    size: int
    more: bool


class Inclusion(Model):
    """GET /v1/log/inclusion: the way from a leaf's hash to the root of `size` leaves (RFC 9162, 2.1.3)."""

    leaf: int
    size: int
    hash: str
    path: list[str]
    root: str


class Consistency(Model):
    """GET /v1/log/consistency: that the log of `second` leaves begins with that of `first` (RFC 9162, 2.1.4)."""

    first: int
    second: int
    path: list[str]


class Proven(Model):
    """GET /v1/crossings/{board}/{epoch}/{seq}: a crossing's whole story, and a proof of each of its leaves."""

    leaves: list[Leaf]
    proofs: list[Inclusion]
    checkpoint: str


class Cosigner(Model):
    """A second party: the verifier key (C2SP vkey) with which its cosignatures are checked."""

    vkey: str = Field(max_length=300)
