"""The JSON of enrolments: a board provisioned without a line, made known to both ends. SPEC.md, "Enrolment"."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.contract import CrossingPoint, Hex32, Model, Name

MAX_NUMBERS = 20  # of one voucher: more boards than a technician mounts on one journey
MAX_POINTS = 1000  # that a voucher names: the whole of a border
MAX_STATEMENT = 400_000  # characters: a voucher of that many points, quoted once more inside an enrolment
VOUCHER_DAYS = 60  # a journey through the mountains and back; a lost key is of use no longer

Number = Annotated[int, Field(ge=1, le=0xFFFF)]
Lane = Annotated[str, Field(min_length=1, max_length=16)]
SealedLink = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]  # 32 bytes of HPKE's key, 16 of the link key, 16 of tag
SealedBoth = Annotated[str, Field(pattern=r"^[0-9a-f]{192}$")]  # the same, of link key and seal key


class Signed(Model):
    """A statement as JSON text, and the Ed25519 signature over its domain's name and that text."""

    statement: Annotated[str, Field(min_length=2, max_length=MAX_STATEMENT)]
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class SealingKey(Model):
    """PUT /v1/sealing-key: the public key (X25519) to which a gateway's link keys are sealed."""

    sealing_key: Hex32


class CentreKeys(Model):
    """A centre's public keys: what is sealed to it (X25519), and what checks its vouchers (Ed25519)."""

    sealing_key: Hex32
    signing_key: Hex32


class NewVoucher(Model):
    """POST /v1/vouchers: how many board numbers, for boards of which gateway, and whose key signs enrolments."""

    gateway: Name
    technician: Hex32
    boards: int = Field(default=5, ge=1, le=MAX_NUMBERS)


class Voucher(Model):
    """What the centre signs for a technician: numbers of boards, and all that provisioning asks of a centre."""

    layout: Literal[1]
    gateway: Name
    gateway_key: Hex32
    centre_key: Hex32
    technician: Hex32
    numbers: list[Number] = Field(min_length=1, max_length=MAX_NUMBERS)
    points: list[CrossingPoint] = Field(max_length=MAX_POINTS)
    assurance: Literal["uid", "sun", "live"]
    made_s: int
    until_s: int


class Enrolment(Model):
    """What a technician signs of a board: where it stands, the centre's voucher, and its keys, sealed to each end."""

    layout: Literal[1]
    voucher: Signed
    board: Number
    epoch: Literal[1] = 1  # numbers of a voucher are new ones
    crossing_point: Name
    lane: Lane
    gateway: Name
    chip: Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$")]
    made_s: int
    for_gateway: SealedLink
    for_centre: SealedBoth


class ReservedNumber(Model):
    """A board number of a voucher. `trouble`: why an enrolment that came for it was refused."""

    number: int
    technician: Hex32
    gateway: Name
    made_s: int
    until_s: int
    state: Literal["free", "taken", "ended"]
    chip: str = ""
    trouble: str = ""


class ReservedNumbers(Model):
    """GET /v1/vouchers: every number that was reserved, oldest first."""

    numbers: list[ReservedNumber]
