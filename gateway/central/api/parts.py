"""What the routers share: the centre's parts, and who may call."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.central.access import (
    ADMIN,
    AUDIT,
    AUDITOR,
    CLERK,
    COUNT,
    DESK,
    GATEWAY,
    OFFICE,
    PROVISION,
    READ,
    REVIEWER,
    TECHNICIAN,
    WRITE,
    Access,
    Caller,
)
from gateway.central.bell import Bell
from gateway.central.cards import CardOffice
from gateway.central.cases.batches import BatchOffice
from gateway.central.cases.casework import Casework
from gateway.central.cases.exchange import Exchange
from gateway.central.cases.gateway_steps import GatewaySteps
from gateway.central.cases.reception import Reception
from gateway.central.cases.report import Reporter
from gateway.central.cases.reviews import Reviews
from gateway.central.cases.stations import StationOffice
from gateway.central.charts.drawing import Drawing
from gateway.central.enrolling import EnrolmentOffice
from gateway.central.exports import Exports
from gateway.central.knowledge import Registry
from gateway.central.ledger import Ledger
from gateway.central.metrics import Metrics
from gateway.central.office import Office
from gateway.central.pace import Pace
from gateway.central.people import People
from gateway.central.problems import Problem
from gateway.central.proofs import Proofs
from gateway.central.reads import HEADER, Reads
from gateway.central.rights.access import AccessOffice
from gateway.central.rights.correcting import CorrectionOffice
from gateway.central.rights.office import ErasureOffice
from gateway.central.settling import Settling
from gateway.central.statistics import Statistician
from gateway.central.telling import Telling

BEARER = HTTPBearer(auto_error=False, description="A token of `checkpost central init` or of an enrolled gateway.")


@dataclass(frozen=True)
class Parts:
    """Everything a request may need. `now_s`: the centre's clock, Unix UTC s.

    `open_page`: the page needs no sign-in (development, loopback only).
    """

    access: Access
    bell: Bell
    ledger: Ledger
    office: Office
    registry: Registry
    enrolling: EnrolmentOffice
    proofs: Proofs
    telling: Telling
    settling: Settling
    cards: CardOffice
    exports: Exports
    statistics: Statistician
    metrics: Metrics
    pace: Pace
    people: People
    reads: Reads
    casework: Casework
    reception: Reception
    stations: StationOffice
    reviews: Reviews
    gateway_steps: GatewaySteps
    exchange: Exchange
    batches: BatchOffice
    erasures: ErasureOffice
    held: AccessOffice
    corrections: CorrectionOffice
    reporter: Reporter
    drawing: Drawing
    now_s: Callable[[], int]
    open_page: bool


async def parts(request: Request) -> Parts:
    """Return the parts of the application that serves a request."""
    found: Parts = request.app.state.parts
    return found


Purpose = Annotated[str, Header(alias=HEADER, max_length=200, description="Why personal data are read.")]
ThePart = Annotated[Parts, Depends(parts)]
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


async def known_query(request: Request) -> None:
    """A dependency of every call: a parameter that it does not know, or that comes twice, is a mistake and is named."""
    given = [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    path = getattr(request.scope.get("route"), "path", "")
    described = request.app.openapi()["paths"].get(path, {}).get(request.method.lower())
    if described is None:
        return  # a page
    names = {one["name"] for one in described.get("parameters", []) if one["in"] == "query"}
    for name in given:
        why = "is not known here" if name not in names else "comes more than once" if given.count(name) > 1 else ""
        if why:
            errors = [{"pointer": f"query: {name[:64]}", "detail": f"this parameter {why}"}]
            detail = f"The request is not valid (query: {name[:64]}: this parameter {why})."
            raise Problem(422, "not-valid", detail, errors=errors)


class Needs:
    """A dependency: the caller has one of these roles, or the request ends as a problem."""

    def __init__(self, *roles: str, scope: str = ""):
        """`scope`: what a limited token must name to be let in; "": a limited token is not."""
        self._roles = roles
        self._scope = scope

    async def __call__(self, request: Request, given: Given) -> Caller:
        """Return the caller."""
        the: Parts = request.app.state.parts  # not as a dependency, each of which costs a request as much as a question
        caller = None
        if given:
            caller = the.access.remembered(given.credentials)
            caller = caller or await run_in_threadpool(the.access.caller, given.credentials)
        slowed(request, the, caller)
        if caller is None:
            raise Problem(401, "no-access", "This needs a valid bearer token.")
        if caller.role not in self._roles:
            raise Problem(
                403, "wrong-role", f"The role {caller.role} may not do this; it needs {' or '.join(self._roles)}."
            )
        if caller.scopes is not None and self._scope not in caller.scopes:
            needed = self._scope or "no limits"
            raise Problem(
                403, "wrong-scope", f"This token is limited to {', '.join(sorted(caller.scopes))}; it needs {needed}."
            )
        return caller


def slowed(request: Request, the: Parts, caller: Caller | None) -> None:
    """Return if a request may be served now; Problem when its caller asks too often."""
    wait_s = the.pace.wait_s(f"{caller.role} {caller.name}" if caller else _where(request))
    if wait_s:
        seconds = math.ceil(wait_s)
        detail = f"Too many requests; ask again in {seconds} s."
        raise Problem(429, "too-many-requests", detail, {"Retry-After": str(seconds)})


def _where(request: Request) -> str:
    """Return from where somebody without a token asks: who guesses tokens is slowed down."""
    return request.client.host if request.client else ""


MACHINES = (OFFICE, ADMIN)
AsAdmin = Annotated[Caller, Depends(Needs(ADMIN))]
AsTechnician = Annotated[Caller, Depends(Needs(TECHNICIAN, ADMIN, scope=PROVISION))]
AsOffice = Annotated[Caller, Depends(Needs(*MACHINES, CLERK, REVIEWER, AUDITOR, scope=READ))]
AsCounter = Annotated[Caller, Depends(Needs(*MACHINES, CLERK, REVIEWER, AUDITOR, TECHNICIAN, scope=COUNT))]
AsAuditor = Annotated[Caller, Depends(Needs(AUDITOR, ADMIN, scope=AUDIT))]
AsReviewer = Annotated[Caller, Depends(Needs(REVIEWER))]  # signed in: no program decides
AsDesk = Annotated[Caller, Depends(Needs(DESK, ADMIN))]
AsBlocker = Annotated[Caller, Depends(Needs(DESK, CLERK, *MACHINES, scope=WRITE))]
AsCorrector = Annotated[Caller, Depends(Needs(CLERK, REVIEWER, AUDITOR, *MACHINES, scope=WRITE))]
AsMachine = Annotated[Caller, Depends(Needs(*MACHINES))]
AsGateway = Annotated[Caller, Depends(Needs(GATEWAY))]
AsReader = Annotated[Caller, Depends(Needs(GATEWAY, ADMIN))]
AsWriter = Annotated[Caller, Depends(Needs(GATEWAY, CLERK, *MACHINES, scope=WRITE))]
AsExchanger = Annotated[Caller, Depends(Needs(CLERK, REVIEWER, *MACHINES, scope=WRITE))]
AsClerk = Annotated[Caller, Depends(Needs(CLERK, ADMIN, scope=WRITE))]  # decides; a machine only brings
AsIntake = Annotated[Caller, Depends(Needs(CLERK, *MACHINES, scope=WRITE))]
AsHolder = Annotated[Caller, Depends(Needs(GATEWAY, TECHNICIAN, *MACHINES, scope=PROVISION))]
AsAnyone = Annotated[Caller, Depends(Needs(CLERK, REVIEWER, AUDITOR, TECHNICIAN, *MACHINES, GATEWAY, DESK))]
