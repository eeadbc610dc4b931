"""Applications: intake, the queue with its proposals, decisions, the applicant's letter, figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import PlainTextResponse

from gateway.central.api.parts import AsClerk, AsCounter, AsIntake, AsOffice, Purpose, ThePart
from gateway.central.cases.paging import split_cursor
from gateway.central.cases.wrong import check_span
from gateway.contract import Date, Name
from gateway.contract.applications import (
    MAX_QUEUE,
    ApplicationFigures,
    ApplicationView,
    Asked,
    DecisionBody,
    IntakeReply,
    Queue,
    Withdrawal,
)

ROUTER = APIRouter(prefix="/v1", tags=["applications"])
Decision = Literal["pending", "approved", "refused", "withdrawn"]
Cursor = Annotated[str, Query(max_length=100, description="The `next` of the page before.")]
First = Annotated[Date, Query()]
Last = Annotated[Date, Query()]


@ROUTER.put("/applications/{application_id}")
def put_application(application_id: Name, asked: Asked, the: ThePart, caller: AsIntake) -> ApplicationView:
    """Take an application in; the same again changes nothing, and a decided one stays as it is."""
    found = the.casework.applications.take(application_id, asked, caller)
    return the.reads.acted(caller, "handed in", f"application {application_id}", found, application_id)


@ROUTER.post("/applications/csv")
def take_csv(
    the: ThePart, caller: AsIntake, file: Annotated[str, Body(media_type="text/csv", min_length=1)]
) -> IntakeReply:
    """Take a file of applications in: good rows go in, broken ones are named by line and column; twice is once."""
    return the.casework.applications.take_csv(file, caller)


@ROUTER.get("/applications")
def applications(
    the: ThePart,
    caller: AsOffice,
    decision: Decision = "pending",
    after: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=MAX_QUEUE)] = MAX_QUEUE,
    purpose: Purpose = "",
) -> Queue:
    """Return applications of one decision, oldest first, with what is proposed for those that wait."""
    found = the.casework.applications.queue(decision, split_cursor(after), limit)
    the.reads.note(caller, purpose, f"{decision} applications after {after or 'none'}", len(found.applications))
    return found


@ROUTER.get("/applications/{application_id}")
def application(application_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> ApplicationView:
    """Return an application, without its applicant's name."""
    found = the.casework.applications.get(application_id)
    the.reads.note(caller, purpose, f"application {application_id}", 1, application_id)
    return found


@ROUTER.post("/applications/{application_id}/decision")
def decide(application_id: Name, body: DecisionBody, the: ThePart, caller: AsClerk) -> ApplicationView:
    """Approve or refuse an application; gateways hear of it at once, boards with their next turn."""
    found = the.casework.applications.decide(application_id, body, caller)
    return the.reads.acted(caller, "decided", f"application {application_id}", found, application_id)


@ROUTER.post("/applications/{application_id}/withdrawal")
def withdraw(application_id: Name, body: Withdrawal, the: ThePart, caller: AsClerk) -> ApplicationView:
    """Take an approval back, or let a pending application go."""
    found = the.casework.applications.withdraw(application_id, body, caller)
    return the.reads.acted(caller, "withdrawn", f"application {application_id}", found, application_id)


@ROUTER.get("/applications/{application_id}/letter", response_class=PlainTextResponse)
def letter(application_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> PlainTextResponse:
    """Return what the applicant is given to read: a receipt, or the decision with its reason."""
    text = the.casework.applications.letter(application_id, caller, purpose)
    return PlainTextResponse(text, headers={"cache-control": "no-store"})


@ROUTER.get("/figures/applications")
def figures(the: ThePart, _: AsCounter, first: First, last: Last) -> ApplicationFigures:
    """Return what was handed in, decided and left waiting from one day to another, with turn-around and age."""
    check_span(first, last)
    return the.casework.applications.figures(first, last)
