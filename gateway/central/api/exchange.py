"""The exchange with the other side: cases, threads, approvals, files out and in, reminders and figures."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from gateway.central.access import Caller
from gateway.central.api.parts import AsCounter, AsExchanger, AsOffice, Parts, Purpose, ThePart
from gateway.central.cases.outgoing import MEDIA_TYPES
from gateway.contract import Date, Name
from gateway.contract.exchange import (
    MAX_CASES,
    AnswersTaken,
    Approval,
    Batch,
    BatchBody,
    Batches,
    Case,
    CaseBody,
    CasePage,
    Closing,
    ExchangeFigures,
    Message,
    MessageBody,
    Reminded,
    Reminders,
    Story,
)

ROUTER = APIRouter(prefix="/v1/exchange", tags=["exchange"])
MAX_FILE = 4_000_000  # characters of a file of answers
MAX_BATCHES = 200
Number = Annotated[int, Path(ge=1, le=2**53)]


@ROUTER.get("/cases")
def cases(
    the: ThePart,
    caller: AsOffice,
    state: Literal["open", "closed"] = "open",
    owner: Name | None = None,
    after: Annotated[str, Query(max_length=100, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_CASES)] = MAX_CASES,
    purpose: Purpose = "",
) -> CasePage:
    """Return cases: overdue ones first, who has waited longest on top; closed ones newest first."""
    found = (the.exchange.page if state == "open" else the.exchange.closed)(owner or "", after, limit)
    the.reads.note(caller, purpose, f"exchange cases {state}", len(found.cases))
    return found


@ROUTER.put("/cases/{case_id}")
def put_case(case_id: Name, case: CaseBody, the: ThePart, caller: AsExchanger) -> Case:
    """Open a case, or change its owner, subject or days. Whom it is about stays, once something was written."""
    return _of(the, caller, "opened", the.exchange.put(case_id, case, caller))


@ROUTER.get("/cases/{case_id}")
def story(case_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Story:
    """Return a case and its thread."""
    found = the.exchange.story(case_id)
    the.reads.note(caller, purpose, f"exchange case {case_id}", 1, found.case.person or found.case.application_id)
    return found


@ROUTER.post("/cases/{case_id}/messages")
def write(case_id: Name, message: MessageBody, the: ThePart, caller: AsExchanger) -> Message:
    """Write a note, or a message that leaves with the next file; one about a person waits for a second person."""
    return the.exchange.write(case_id, message, caller)


@ROUTER.post("/cases/{case_id}/messages/{message}/approval")
def approve(case_id: Name, message: Number, approval: Approval, the: ThePart, caller: AsExchanger) -> Message:
    """Say as a second person that a message may leave, or that it stays, and why."""
    found = the.exchange.approve(case_id, message, approval.approve, approval.reason, caller)
    return the.reads.acted(caller, "approved" if approval.approve else "refused", f"exchange case {case_id}", found)


@ROUTER.post("/cases/{case_id}/closing")
def close(case_id: Name, closing: Closing, the: ThePart, caller: AsExchanger) -> Case:
    """End a case; what still waits in it does not leave any more."""
    return _of(the, caller, "closed", the.exchange.close(case_id, closing.reason, caller))


@ROUTER.get("/reminders")
def reminders(the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Reminders:
    """Return the reminders that are due and were not sent, the longest overdue case first."""
    found = the.exchange.reminders()
    the.reads.note(caller, purpose, "exchange reminders", len(found.reminders))
    return found


@ROUTER.post("/cases/{case_id}/reminders")
def reminded(case_id: Name, sent: Reminded, the: ThePart, caller: AsExchanger) -> Case:
    """Note that a reminder was sent."""
    return _of(the, caller, "reminded", the.exchange.reminded(case_id, sent.step, caller))


@ROUTER.post("/batches")
def send(batch: BatchBody, the: ThePart, caller: AsExchanger) -> Batch:
    """Make a file of all that may leave, and note it as sent."""
    return the.batches.send(batch.form, caller)


@ROUTER.get("/batches")
def batches(
    the: ThePart,
    _: AsCounter,
    before: Annotated[int, Query(ge=0, le=2**53, description="The `next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_BATCHES)] = MAX_BATCHES,
) -> Batches:
    """Return the files that went out and came in, newest first, each with its SHA-256."""
    return the.batches.page(before, limit)


@ROUTER.get(
    "/batches/{number}/file",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, "application/json": {}}, "description": "The file, byte for byte."}},
)
def file(number: Number, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Response:
    """Return a file as it went out or came in, byte for byte."""
    row, content = the.batches.file(number)
    the.reads.note(caller, purpose, f"exchange file {number}", row.rows)
    name = f"exchange-{row.direction}-{row.number}.{row.form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=MEDIA_TYPES[row.form])


@ROUTER.post("/answers/csv")
def take_csv(
    answers: Annotated[str, Body(media_type="text/csv", max_length=MAX_FILE)], the: ThePart, caller: AsExchanger
) -> AnswersTaken:
    """Take a CSV file of answers: good rows go in, each other is named by line, column and reason."""
    return the.batches.take(answers.encode(), "csv", caller)


@ROUTER.post("/answers/json")
async def take_json(
    request: Request, answers: Annotated[dict[str, Any], Body()], the: ThePart, caller: AsExchanger
) -> AnswersTaken:
    """Take a JSON file of answers, a list under `rows`; the first row is line 1."""
    return await run_in_threadpool(the.batches.take, await request.body(), "json", caller)


@ROUTER.get("/figures")
def figures(the: ThePart, _: AsCounter, first: Date, last: Date) -> ExchangeFigures:
    """Return what the exchange did from one day to another; no personal data."""
    return the.batches.figures(first, last)


def _of(the: Parts, caller: Caller, act: str, found: Case) -> Case:
    """Return a case as an act left it; that it is given back is written down first."""
    return the.reads.acted(caller, act, f"exchange case {found.case_id}", found, found.person or found.application_id)
