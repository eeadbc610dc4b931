"""Programmes for technical personnel: plans, contracts, what is checked and attached, and the yearly settlement."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Response

from gateway.central.access import Caller
from gateway.central.api.applications import Cursor, First, Last
from gateway.central.api.parts import AsClerk, AsCounter, AsIntake, AsOffice, Parts, Purpose, ThePart
from gateway.central.cases.paging import split_cursor
from gateway.central.cases.wrong import check_span
from gateway.contract import Name
from gateway.contract.applications import IntakeReply
from gateway.contract.programmes import (
    MAX_CONTRACTS,
    Attached,
    Cancellation,
    Contract,
    ContractBody,
    Contracts,
    Cost,
    CostBody,
    Diploma,
    DiplomaBody,
    HealthCheck,
    Plan,
    PlanBody,
    Programme,
    ProgrammeFigures,
    Settlement,
    Verification,
)

ROUTER = APIRouter(prefix="/v1", tags=["programmes"])
Year = Annotated[int, Path(ge=1900, le=2999)]
FileKind = Literal["contracts", "diplomas", "costs"]
ATTACHED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}, "image/png": {}, "image/jpeg": {}}, "description": "As it came."}
}


@ROUTER.put("/programmes/{year}/{department}")
def put_plan(year: Year, department: Name, body: PlanBody, the: ThePart, _: AsClerk) -> Plan:
    """Take a department's yearly plan in, or change its places; it is due by 31 December of the year before."""
    return the.casework.programmes.put_plan(year, department, body)


@ROUTER.get("/programmes/{year}")
def programme(year: Year, the: ThePart, _: AsCounter) -> Programme:
    """Return every department's plan of a year: its places, what asks for them, what is approved, what is late."""
    return the.casework.programmes.year(year)


@ROUTER.put("/contracts/{contract_id}")
def put_contract(contract_id: Name, body: ContractBody, the: ThePart, caller: AsIntake) -> Contract:
    """Enter a contract, or change it; the permit of an approved one follows its dates."""
    return _of(the, caller, "entered", the.casework.contracts.put(contract_id, body, caller))


@ROUTER.get("/contracts")
def contracts(
    the: ThePart,
    caller: AsOffice,
    year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    late: Annotated[bool, Query(description="Only those concluded less than four months before their start.")] = False,
    after: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=MAX_CONTRACTS)] = MAX_CONTRACTS,
    purpose: Purpose = "",
) -> Contracts:
    """Return contracts by their start."""
    found = the.casework.contracts.page(year, late, split_cursor(after), limit)
    the.reads.note(caller, purpose, f"contracts after {after or 'none'}", len(found.contracts))
    return found


@ROUTER.get("/contracts/{contract_id}")
def contract(contract_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Contract:
    """Return a contract, and what is still missing or asked for."""
    found = the.casework.contracts.get(contract_id)
    the.reads.note(caller, purpose, f"contract {contract_id}", 1, found.person)
    return found


@ROUTER.post("/contracts/{contract_id}/health-check")
def health_checked(contract_id: Name, check: HealthCheck, the: ThePart, caller: AsClerk) -> Contract:
    """Note that a health check was done, when and by whom; what it found is not kept."""
    return _of(the, caller, "health check noted", the.casework.contracts.health_checked(contract_id, check))


@ROUTER.post("/contracts/{contract_id}/cancellation")
def cancel(contract_id: Name, body: Cancellation, the: ThePart, caller: AsClerk) -> Contract:
    """End a contract: its permit is withdrawn, and its place is free again."""
    return _of(the, caller, "cancelled", the.casework.contracts.cancel(contract_id, body.reason, caller))


@ROUTER.put("/contracts/{contract_id}/certificate")
def attach(
    contract_id: Name,
    the: ThePart,
    caller: AsIntake,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    kind: Annotated[Literal["certificate", "appraisal"], Query()] = "certificate",
) -> Attached:
    """Attach a certificate or appraisal: a PDF, PNG or JPEG of at most a megabyte, as the body of the request."""
    return the.casework.certificates.attach(contract_id, kind, content, caller)


@ROUTER.get("/contracts/{contract_id}/certificate", response_class=Response, responses=ATTACHED)
def certificate(contract_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Response:
    """Return what is attached to a contract; it names its person, so that who reads it says why."""
    content, media_type = the.casework.certificates.content(contract_id, caller, purpose)
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff", "content-disposition": "attachment"}
    return Response(content, headers=headers, media_type=media_type)


@ROUTER.put("/diplomas/{diploma_id}")
def put_diploma(diploma_id: Name, body: DiplomaBody, the: ThePart, caller: AsIntake) -> Diploma:
    """Enter a diploma; one that says something else than before is to be verified anew."""
    found = the.casework.certificates.put_diploma(diploma_id, body)
    return the.reads.acted(caller, "entered", f"diploma {diploma_id}", found, found.person)


@ROUTER.post("/diplomas/{diploma_id}/verification")
def verify_diploma(diploma_id: Name, verification: Verification, the: ThePart, caller: AsClerk) -> Diploma:
    """Note that a diploma was held against a register, a letter or an original, and by whom."""
    found = the.casework.certificates.verify(diploma_id, verification, caller)
    return the.reads.acted(caller, "verified", f"diploma {diploma_id}", found, found.person)


@ROUTER.put("/costs/{cost_id}")
def put_cost(cost_id: Name, body: CostBody, the: ThePart, _: AsIntake) -> Cost:
    """Enter what a journey cost, in minor units, or correct it while its year is open."""
    return the.casework.costs.put(cost_id, body)


@ROUTER.post("/files/{kind}")
def take_file(
    kind: FileKind, the: ThePart, caller: AsIntake, file: Annotated[str, Body(media_type="text/csv", min_length=1)]
) -> IntakeReply:
    """Take a file in: good rows go in, broken ones are named by line and column; twice is once."""
    return the.casework.files.take(kind, file, caller)


@ROUTER.get("/files/{kind}", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def give_file(
    kind: FileKind,
    the: ThePart,
    caller: AsOffice,
    year: Annotated[int, Query(ge=1900, le=2999)],
    purpose: Purpose = "",
) -> Response:
    """Return a year's rows as CSV, in the columns that a file may bring: contracts, diplomas or travel costs."""
    text, rows = the.casework.files.give(kind, year)
    the.reads.note(caller, purpose, f"file of {kind} of {year}", rows)
    headers = {"content-disposition": f'attachment; filename="{kind}-{year}.csv"', "cache-control": "no-store"}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


@ROUTER.get("/settlements/{year}")
def settlement(year: Year, the: ThePart, _: AsCounter) -> Settlement:
    """Return a year's travel costs by territory, what each side bears and paid, and who owes what: one for both."""
    return the.casework.costs.settlement(year)


@ROUTER.post("/settlements/{year}/closure")
def close_year(year: Year, the: ThePart, caller: AsClerk) -> Settlement:
    """Settle a year that is over: from then on its report stays as it is."""
    return the.casework.costs.close(year, caller)


@ROUTER.get("/figures/programmes")
def figures(the: ThePart, _: AsCounter, first: First, last: Last) -> ProgrammeFigures:
    """Return plans, contracts, diplomas and certificates from one day to another, and who asks for too many places."""
    check_span(first, last)
    return the.casework.programmes.figures(first, last)


def _of(the: Parts, caller: Caller, act: str, found: Contract) -> Contract:
    """Return a contract as an act left it; that it is given back is written down first."""
    return the.reads.acted(caller, act, f"contract {found.contract_id}", found, found.person)
