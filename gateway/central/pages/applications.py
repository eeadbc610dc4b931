"""Applications to decide: oldest first, one after the other, the proposal with one key; letters and figures."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response

from checkpost.calendar import DAY_S
from checkpost.dates import format_date, parse_date
from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.api.parts import Parts
from gateway.central.cases.paging import cursor, split_cursor
from gateway.central.cases.wrong import check_span
from gateway.central.pages import intake
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import Part
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem
from gateway.central.words import word
from gateway.contract.applications import MAX_REASON, ApplicationView, DecisionBody, Withdrawal

SHOWN = 50  # rows of a list: a screen or two
OLDEST = 3  # of those that wait, on the first page
SLOW_DAYS = 30  # an application that waits longer is shown as late
FIGURE_DAYS = 30  # of figures, unless somebody asks for more
DECISIONS = ("pending", "approved", "refused", "withdrawn")
ROLES = (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE)
Reader = Annotated[Visit, Depends(Gate(*ROLES, reads=True))]
Counter = Annotated[Visit, Depends(Gate(*ROLES))]
Clerk = Annotated[Visit, Depends(Gate(CLERK, ADMIN, reads=True))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the applications."""
    router = frame.router()
    router.include_router(intake.build(frame))
    _add_lists(router, frame)
    _add_one(router, frame)
    return router


def _add_lists(router: APIRouter, frame: Frame) -> None:
    @router.get("/applications")
    def queue(visit: Reader, decision: str = "pending", after: str = "", last: str = "") -> Response:
        decision = decision if decision in DECISIONS else "pending"
        found = visit.the.casework.applications.queue(decision, split_cursor(after), SHOWN)
        visit.note(f"{decision} applications", len(found.applications))
        part = Part(found.applications, found.next or "")
        values: dict[str, Any] = {"part": part, "decision": decision, "decisions": DECISIONS}
        values["done"] = _known(visit, last)
        counts = visit.the.casework.applications.counts(SLOW_DAYS)
        return frame.page(visit, "applications/queue.html", counts=counts, slow=SLOW_DAYS, **values)

    @router.get("/applications/next")
    def following(visit: Clerk, after: str = "", last: str = "") -> Response:
        found = visit.the.casework.applications.queue("pending", split_cursor(after), 1).applications
        path = f"/applications/{found[0].application_id}" if found else "/applications"
        return frame.to(f"{path}?last={last}" if _known(visit, last) else path)

    @router.get("/applications/figures")
    def figures(visit: Counter, first: str = "", last: str = "") -> Response:
        last = last or visit.the.casework.time.today()
        wrong: dict[str, str] = {}
        try:
            first = first or format_date(parse_date(last) - FIGURE_DAYS + 1)
            check_span(first, last)
        except (ValueError, Problem) as error:
            wrong = {"": str(error)}
            last = visit.the.casework.time.today()
            first = format_date(parse_date(last) - FIGURE_DAYS + 1)
        found = visit.the.casework.applications.figures(first, last)
        return frame.page(visit, "applications/figures.html", figures=found, wrong=wrong)


def _add_one(router: APIRouter, frame: Frame) -> None:
    @router.get("/applications/{number}")
    def one(visit: Reader, number: str, last: str = "") -> Response:
        return _shown(frame, visit, number, last=last)

    @router.post("/applications/{number}/decision")
    def decide(visit: Clerk, number: str) -> Response:
        form, applications = visit.form, visit.the.casework.applications
        decision: Literal["approved", "refused"] = "refused" if form["decision"] == "refused" else "approved"
        reason = form["reason"] if decision == "refused" else ""
        if len(reason) > MAX_REASON:
            return _shown(frame, visit, number, 422, wrong={"reason": f"At most {MAX_REASON} letters."})
        seen = int(form["revision"]) if form["revision"].isdecimal() and len(form["revision"]) < 16 else None
        body = DecisionBody(decision=decision, reason=reason, revision=seen)
        try:
            done = applications.decide(number, body, visit.caller)
        except Problem as problem:
            return _shown(frame, visit, number, problem.status, wrong=beside(problem))
        return frame.to(f"/applications/next?after={cursor(done.submitted_on or '', number)}&last={number}")

    @router.post("/applications/{number}/withdrawal")
    def withdraw(visit: Clerk, number: str) -> Response:
        reason = visit.form["reason"]
        try:
            if not 0 < len(reason) <= MAX_REASON:
                raise Problem(422, "not-valid", "", errors=[{"pointer": "#/reason", "detail": "Say why, to be read."}])
            visit.the.casework.applications.withdraw(number, Withdrawal(reason=reason), visit.caller)
        except Problem as problem:
            return _shown(frame, visit, number, problem.status, wrong=beside(problem))
        return frame.to(f"/applications/{number}")

    @router.get("/applications/{number}/letter")
    def letter(visit: Reader, number: str) -> Response:
        text = visit.the.casework.applications.letter(number, visit.caller, visit.purpose)
        return frame.page(visit, "applications/letter.html", number=number, text=text)


def _shown(
    frame: Frame, visit: Visit, number: str, status: int = 200, wrong: dict[str, str] | None = None, last: str = ""
) -> Response:
    applications = visit.the.casework.applications
    one = applications.get(number)
    visit.note(f"application {number}", 1, number)
    decides = visit.caller.role in (CLERK, ADMIN)
    values = {"one": one, "decides": decides, "wrong": wrong or {}, "typed": visit.form, "done": _known(visit, last)}
    here = cursor(one.submitted_on or "", number)
    return frame.page(visit, "applications/one.html", status, here=here, history=applications.history(number), **values)


def _known(visit: Visit, number: str) -> ApplicationView | None:
    """Return the application that was decided just now, to say so; None when the address names none."""
    try:
        return visit.the.casework.applications.get(number) if number else None
    except Problem:
        return None


def waiting(the: Parts, _now_s: int) -> list[Waiting]:
    """Return how many applications wait, and the oldest."""
    counts = the.casework.applications.counts(SLOW_DAYS)
    if not counts.pending:
        return []
    oldest = the.casework.applications.queue("pending", ("", ""), OLDEST).applications
    items = [
        Item(
            f"{one.application_id}, {', '.join(map(word, one.grounds))}",
            f"/applications/{one.application_id}",
            since_s,
            since_s + SLOW_DAYS * DAY_S,
        )
        for one in oldest
        if one.submitted_on
        for since_s in [parse_date(one.submitted_on) * DAY_S]
    ]
    return [Waiting("Applications to decide", "/applications", counts.pending, counts.slow, tuple(items))]


AREA = Area("applications", "Applications", "a", ROLES, build, waiting)
