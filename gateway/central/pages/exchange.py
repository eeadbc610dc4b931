"""The exchange: what waits for the other side, the longest overdue on top; a case with its thread; files; reminders."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.api.parts import Parts
from gateway.central.cases.outgoing import MEDIA_TYPES
from gateway.central.cases.persons import fresh_number
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.asked import asked, form_of
from gateway.central.pages.frame import HEADERS, Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import Part
from gateway.central.pages.visit import Visit, beside
from gateway.central.people import ROLES as PERSONS
from gateway.central.problems import Problem
from gateway.contract.exchange import (
    AnswersTaken,
    Approval,
    BatchBody,
    CaseBody,
    Closing,
    MessageBody,
    Reminded,
)

SHOWN = 50  # cases of one part of a list
FILES = 30  # files of one part of a list
LOOKED = 500  # cases that are looked at for the page of reminders: once they are sent, the next ones follow
OLDEST = 5  # on the page of what waits
ROLES = (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE)
Number = Annotated[int, Path(ge=1, le=2**53)]
Before = Annotated[int, Query(ge=0, le=2**53)]
Anyone = Annotated[Visit, Depends(Gate(*ROLES))]
Reader = Annotated[Visit, Depends(Gate(*ROLES, reads=True))]
Clerk = Annotated[Visit, Depends(Gate(CLERK, REVIEWER, ADMIN, reads=True))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the exchange's pages."""
    router = frame.router()

    @router.get("/exchange")
    def cases(visit: Reader, owner: str = "", after: str = "") -> Response:
        found = visit.the.exchange.page(owner, after, SHOWN)
        visit.note("exchange cases open", len(found.cases))
        count, overdue = visit.the.exchange.counts()
        values: dict[str, object] = {"owner": owner, "count": count, "overdue": overdue, "owners": _owners(visit.the)}
        part = Part(found.cases, found.next)
        return frame.page(visit, "exchange/cases.html", 200, part=part, may=_may(visit), **values)

    @router.get("/exchange/closed")
    def closed(visit: Reader, after: str = "") -> Response:
        found = visit.the.exchange.closed("", after, SHOWN)
        visit.note("exchange cases closed", len(found.cases))
        return frame.page(visit, "exchange/closed.html", part=Part(found.cases, found.next))

    @router.get("/exchange/open")
    def open_form(visit: Clerk) -> Response:
        return _open(visit, {"owner": visit.caller.name, "answer_days": "30"}, None)

    @router.post("/exchange/open")
    def open_case(visit: Clerk) -> Response:
        case_id = visit.form["case_id"] or fresh_number("X", secrets.choice)
        try:
            names = ("subject", "owner", "person", "application_id", "answer_days")
            visit.the.exchange.put(case_id, asked(CaseBody, form_of(visit.form, *names)), visit.caller)
        except Problem as problem:
            return _open(visit, visit.form, problem)
        return frame.to(f"/exchange/cases/{case_id}")

    def _open(visit: Visit, typed: dict[str, str], problem: Problem | None) -> Response:
        owners = [(name, name) for name in _owners(visit.the)]
        values = {"typed": typed, "wrong": beside(problem) if problem else {}, "owners": owners}
        return frame.page(visit, "exchange/open.html", problem.status if problem else 200, **values)

    @router.get("/exchange/cases/{case_id}")
    def one(visit: Reader, case_id: str) -> Response:
        return shown(visit, case_id, "", None)

    @router.post("/exchange/cases/{case_id}/{step}")
    def take(visit: Clerk, case_id: str, step: str) -> Response:
        try:
            _step(visit, case_id, step)
        except Problem as problem:
            return shown(visit, case_id, step, problem)
        return frame.to(f"/exchange/cases/{case_id}")

    def shown(visit: Visit, case_id: str, step: str, problem: Problem | None) -> Response:
        story = visit.the.exchange.story(case_id)
        visit.note(f"exchange case {case_id}", 1, story.case.person or story.case.application_id)
        values: dict[str, object] = {"step": step, "wrong": beside(problem) if problem else {}, "typed": visit.form}
        status = problem.status if problem else 200
        is_person = visit.caller.role in PERSONS
        return frame.page(
            visit, "exchange/case.html", status, story=story, may=_may(visit), is_person=is_person, **values
        )

    _build_files(frame, router)
    return router


def _build_files(frame: Frame, router: APIRouter) -> None:
    """Add the pages of files and reminders."""

    @router.get("/exchange/files")
    def files(visit: Anyone, before: Before = 0) -> Response:
        return listed(visit, before, None, None)

    @router.post("/exchange/files/send")
    def send(visit: Clerk) -> Response:
        try:
            visit.the.batches.send(asked(BatchBody, form_of(visit.form, "form")).form, visit.caller)
        except Problem as problem:
            return listed(visit, 0, problem, None)
        return frame.to("/exchange/files")

    @router.post("/exchange/files/take")
    def take(visit: Clerk) -> Response:
        content, form = visit.form.files.get("file", b""), "json" if visit.form["form"] == "json" else "csv"
        try:
            taken = visit.the.batches.take(content, form, visit.caller)  # type: ignore[arg-type]
        except Problem as problem:
            return listed(visit, 0, problem, None)
        return listed(visit, 0, None, taken)

    def listed(visit: Visit, before: int, problem: Problem | None, taken: AnswersTaken | None) -> Response:
        found = visit.the.batches.page(before, FILES)
        part = Part(found.batches, str(found.next) if found.next else "")
        status = problem.status if problem else 200
        wrong = {"": problem.detail} if problem else {}
        return frame.page(
            visit, "exchange/files.html", status, part=part, wrong=wrong, taken=taken, typed={}, may=_may(visit)
        )

    @router.get("/exchange/files/{number}")
    def file(visit: Reader, number: Number) -> Response:
        row, content = visit.the.batches.file(number)
        visit.note(f"exchange file {number}", row.rows)
        name = f"exchange-{row.direction}-{row.number}.{row.form}"
        headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, headers=headers, media_type=MEDIA_TYPES[row.form])

    @router.get("/exchange/reminders")
    def reminders(visit: Reader) -> Response:
        found = visit.the.exchange.reminders(LOOKED).reminders
        visit.note("exchange reminders", len(found[:SHOWN]))
        return frame.page(visit, "exchange/reminders.html", reminders=found[:SHOWN], count=len(found), may=_may(visit))

    @router.post("/exchange/reminders")
    def reminded(visit: Clerk) -> Response:
        given = asked(Reminded, form_of(visit.form, "step"))
        visit.the.exchange.reminded(visit.form["case_id"], given.step, visit.caller)
        return frame.to("/exchange/reminders")


def _step(visit: Visit, case_id: str, step: str) -> None:
    form = visit.form
    if step == "message":
        fields = form_of(form, "kind", "text", "ground") | {"personal": form["personal"] == "yes"}
        visit.the.exchange.write(case_id, asked(MessageBody, fields), visit.caller)
    elif step == "approval":
        given = asked(Approval, {"approve": form["approve"] == "yes", "reason": form["reason"]})
        number = int(form["number"]) if form["number"].isascii() and form["number"].isdigit() else 0
        visit.the.exchange.approve(case_id, number, given.approve, given.reason, visit.caller)
    elif step == "closing":
        given_reason = asked(Closing, {"reason": form["closing"]}, {"reason": "closing"}).reason
        visit.the.exchange.close(case_id, given_reason, visit.caller)
    else:
        raise Problem(404, "not-found", "There is no page at this address.")


def _may(visit: Visit) -> bool:
    return visit.caller.role in (CLERK, REVIEWER, ADMIN)


def _owners(the: Parts) -> list[str]:
    """Return who may own a case."""
    return [name for name, role in the.people.all() if role in (CLERK, REVIEWER)]


def waits(the: Parts, _now_s: int) -> list[Waiting]:
    """Return how many cases are open, and the answers that have been overdue for longest."""
    count, overdue = the.exchange.counts()
    if not count:
        return []
    found = the.exchange.page("", "", OLDEST).cases
    items = [
        Item(
            f"Case {one.case_id} with {one.owner}: no answer for {one.days_open} days",
            f"/exchange/cases/{one.case_id}",
            the.casework.time.begins_s(one.sent_on or one.opened_on),
            the.casework.time.begins_s(one.due_on) if one.due_on else None,
        )
        for one in found
        if one.days_overdue
    ]
    return [Waiting("Cases for the other side", "/exchange", count, overdue, tuple(items))]


AREA = Area("exchange", "Exchange", "x", ROLES, build, waits)
