"""The JSON of programmes for technical personnel: plans, contracts, diplomas, what is attached, and the settlement."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Date, Model, Name
from gateway.contract.applications import Line, Words

MAX_PLACES = 100_000  # of one kind in a plan
MAX_MINOR_UNITS = 10**12  # of one cost: beyond any journey, and sums of a year stay far below 2**63
MAX_CONTRACTS = 200  # a page
WHOLE_PERMILLE = 1000

Kind = Literal["trainee", "worker"]
Side = Literal["sending", "host"]
Territory = Literal["sending", "host", "transit"]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Places = Annotated[int, Field(ge=0, le=MAX_PLACES)]
Year = Annotated[int, Field(ge=1900, le=2999)]


class PlanBody(Model):
    """A host department's places in a year, handed in on a day."""

    trainees: Places
    workers: Places
    submitted_on: Date


class PlacesOf(Model):
    """Places of one kind: how many there are, how many contracts ask for one, how many are approved."""

    places: int
    asked: int
    approved: int


class Plan(Model):
    """A year's plan of a department. `due_on`: the last day for it; `late`: handed in, or changed, after that."""

    year: int
    department: str
    submitted_on: Date
    changed_on: Date
    due_on: Date
    late: bool
    trainees: PlacesOf
    workers: PlacesOf
    over_quota: bool


class Programme(Model):
    """GET /v1/programmes/{year}: every department's plan; `missing`: those with contracts and without a plan."""

    year: int
    due_on: Date
    plans: list[Plan]
    missing: list[str]


class ContractBody(Model):
    """A contract of a person with a host department. `higher`: a placement at a higher institution."""

    department: Name
    kind: Kind
    person: Name
    institution: Line
    higher: bool = False
    concluded_on: Date
    starts_on: Date
    ends_on: Date


class ContractLine(ContractBody):
    """A row of a file of contracts: POST /v1/files/contracts."""

    contract_id: Name


class Contract(ContractBody):
    """A contract as it stands. Its year is that in which it starts.

    `due_on`: four months before its start; `late`: concluded after that. `missing`: what an approval of its permit
    still needs. `certificate_asked_on`: from when its certificate or appraisal is asked for; None: not yet, or there.
    """

    contract_id: Name
    year: int
    state: Literal["open", "approved", "cancelled"]
    due_on: Date
    late: bool
    application: str | None
    health_done_on: Date | None
    health_done_by: str | None
    missing: list[str]
    certificate_asked_on: Date | None
    certificate: str | None


class Contracts(Model):
    """GET /v1/contracts: by start; `next` is what to ask for the next page, None on the last."""

    contracts: list[Contract]
    next: str | None


class Cancellation(Model):
    """Why a contract ends before it began, or at once; its permit is withdrawn with the same words."""

    reason: Words


class HealthCheck(Model):
    """That a health check was done, when, and by whom. What it found is no business of this office."""

    done_on: Date
    done_by: Line


class DiplomaBody(Model):
    """A diploma as its holder showed it."""

    person: Name
    title: Line
    institution: Line
    issued_on: Date | None = None


class DiplomaLine(DiplomaBody):
    """A row of a file of diplomas: POST /v1/files/diplomas."""

    diploma_id: Name


class Verification(Model):
    """That a diploma was held against something: a register, a letter of the school, an original."""

    verified_on: Date
    against: Line


class Diploma(DiplomaBody):
    """A diploma, and who verified it against what, when; None: nobody yet."""

    diploma_id: Name
    verified_on: Date | None
    verified_by: str | None
    against: str | None


class Attached(Model):
    """A certificate or appraisal that is attached to a contract."""

    contract_id: Name
    kind: Literal["certificate", "appraisal"]
    media_type: str
    size_bytes: int
    sha256: str
    attached_by: str
    attached_on: Date


class CostBody(Model):
    """What a journey cost, in minor units of its currency (fen, chon, cents). `paid_by`: who paid it out.

    `host_permille`: the host's share; None: what the agreement says of the territory.
    """

    contract: Name | None = None
    travelled_on: Date
    territory: Territory
    currency: Currency
    minor_units: Annotated[int, Field(ge=1, le=MAX_MINOR_UNITS)]
    paid_by: Side
    host_permille: Annotated[int, Field(ge=0, le=WHOLE_PERMILLE)] | None = None


class CostLine(CostBody):
    """A row of a file of costs: POST /v1/files/costs."""

    cost_id: Name


class Cost(CostBody):
    """A cost with both sides' shares; they add up to it."""

    cost_id: Name
    sending_minor_units: int
    host_minor_units: int


class SettlementRow(Model):
    """A territory's costs, or all: how many, their sum, what each side bears and what each paid, in minor units."""

    territory: Territory | Literal["all"]
    costs: int
    minor_units: int
    sending_bears: int
    host_bears: int
    sending_paid: int
    host_paid: int


class Balance(Model):
    """What one side owes the other at the end of the year; "" and 0: nothing."""

    owes: Literal["sending", "host", ""]
    minor_units: int


class CurrencySettlement(Model):
    """One currency's part of a settlement: a row a territory, their total, and who owes what."""

    currency: str
    rows: list[SettlementRow]
    total: SettlementRow
    balance: Balance


class Settlement(Model):
    """GET /v1/settlements/{year}: one report for both sides, of the journeys of a calendar year.

    `closed_on`, by whom: from then on its figures stay; None: the year is open.
    """

    year: int
    closed_on: Date | None = None
    closed_by: str | None = None
    currencies: list[CurrencySettlement]


class OverQuota(Model):
    """Places of one kind in a department's year for which more contracts ask than there are."""

    year: int
    department: str
    kind: Kind
    places: int
    asked: int
    approved: int


class LateContract(Model):
    """A contract that was concluded less than four months before its start."""

    contract_id: Name
    department: str
    concluded_on: Date
    starts_on: Date
    due_on: Date


class ProgrammeFigures(Model):
    """GET /v1/figures/programmes: what was handed in, concluded, verified and attached from one day to another.

    `contracts_late`: those that start first. `over_quota`: of the plans of the years that begin or go on
    in this time, and of the next one.
    """

    first: Date
    last: Date
    plans: int
    plans_late: int
    trainee_places: int
    worker_places: int
    contracts_concluded: int
    contracts_late: Annotated[list[LateContract], Field(max_length=MAX_CONTRACTS)]
    contracts_late_count: int
    over_quota: list[OverQuota]
    health_checks: int
    diplomas: int
    diplomas_verified: int
    certificates_asked: int
    certificates_attached: int
