"""Contracts of a programme: the list, those that came late, and one with all that belongs to it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import TypeAdapter, ValidationError

from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.cases.paging import split_cursor
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import Part
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem
from gateway.contract import Name
from gateway.contract.applications import MAX_REASON
from gateway.contract.programmes import ContractBody, DiplomaBody, HealthCheck, Verification

SHOWN = 50  # rows of a list: a screen or two
Reader = Annotated[Visit, Depends(Gate(CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE, reads=True))]
Clerk = Annotated[Visit, Depends(Gate(CLERK, ADMIN, reads=True))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the contracts."""
    router = frame.router()
    _add_lists(router, frame)
    _add_one(router, frame)
    return router


def _add_lists(router: APIRouter, frame: Frame) -> None:
    @router.get("/programmes/contracts")
    def contracts(visit: Reader, year: str = "", late: str = "", ended: str = "", after: str = "") -> Response:
        number = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
        office, place = visit.the.casework.contracts, split_cursor(after)
        found = office.ended(place, SHOWN) if ended else office.page(number, bool(late), place, SHOWN)
        visit.note("contracts", len(found.contracts))
        kept = "ended=on&" if ended else f"{f'year={number}&' if number else ''}{'late=on&' if late else ''}"
        values: dict[str, Any] = {"part": Part(found.contracts, found.next or ""), "kept": kept, "late": bool(late)}
        return frame.page(visit, "programmes/contracts.html", ended=bool(ended), year=number, **values)

    @router.get("/programmes/contracts/new")
    def empty(visit: Clerk) -> Response:
        return frame.page(visit, "programmes/new.html", typed={}, wrong={}, kinds=KINDS)

    @router.post("/programmes/contracts/new")
    def enter(visit: Clerk) -> Response:
        form = visit.form
        try:
            number = TypeAdapter(Name).validate_python(form["contract_id"])
            given: dict[str, Any] = {name: form[name] for name in ContractBody.model_fields if form[name]}
            body = ContractBody.model_validate(given | {"higher": form["higher"] == "on"}, strict=False)
            visit.the.casework.contracts.put(number, body, visit.caller)
        except ValidationError as error:
            wrong = {str(one["loc"][0]) if one["loc"] else "contract_id": one["msg"] for one in error.errors()}
            return frame.page(visit, "programmes/new.html", 422, typed=form, wrong=wrong, kinds=KINDS)
        except Problem as problem:
            wrong = beside(problem)
            return frame.page(visit, "programmes/new.html", problem.status, typed=form, wrong=wrong, kinds=KINDS)
        return frame.to(f"/programmes/contracts/{number}")


KINDS = (("trainee", "Trainee"), ("worker", "Worker"))


def _add_one(router: APIRouter, frame: Frame) -> None:
    @router.get("/programmes/contracts/{number}")
    def one(visit: Reader, number: str) -> Response:
        return _shown(frame, visit, number)

    @router.get("/programmes/contracts/{number}/certificate")
    def certificate(visit: Reader, number: str) -> Response:
        content, media_type = visit.the.casework.certificates.content(number, visit.caller, visit.purpose)
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return Response(content, headers=headers | {"content-disposition": "attachment"}, media_type=media_type)

    @router.post("/programmes/contracts/{number}")
    def change(visit: Clerk, number: str) -> Response:
        try:
            _do(visit, number)
        except ValidationError as error:
            wrong = {str(found["loc"][0]): found["msg"] for found in error.errors() if found["loc"]}
            return _shown(frame, visit, number, 422, wrong)
        except Problem as problem:
            return _shown(frame, visit, number, problem.status, beside(problem))
        return frame.to(f"/programmes/contracts/{number}")


def _do(visit: Visit, number: str) -> None:
    """Do what one of the page's forms asks for; ValidationError, Problem."""
    form, casework = visit.form, visit.the.casework
    match form["do"]:
        case "health":
            check = HealthCheck.model_validate({name: form[name] for name in HealthCheck.model_fields})
            casework.contracts.health_checked(number, check)
        case "diploma":
            diploma_id = TypeAdapter(Name).validate_python(form["diploma_id"])
            given = {name: form[name] for name in DiplomaBody.model_fields if form[name]}
            casework.certificates.put_diploma(diploma_id, DiplomaBody.model_validate(given, strict=False))
        case "verify":
            said = Verification.model_validate({name: form[name] for name in Verification.model_fields})
            casework.certificates.verify(form["diploma_id"], said, visit.caller)
        case "attach":
            kind: Literal["certificate", "appraisal"] = "appraisal" if form["kind"] == "appraisal" else "certificate"
            casework.certificates.attach(number, kind, form.files.get("file", b""), visit.caller)
        case "cancel":
            if not 0 < len(form["reason"]) <= MAX_REASON:
                errors = [{"pointer": "#/reason", "detail": "Say why, in words that the person can read."}]
                raise Problem(422, "not-valid", "A cancellation needs a reason.", errors=errors)
            casework.contracts.cancel(number, form["reason"], visit.caller)


def _shown(frame: Frame, visit: Visit, number: str, status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    casework = visit.the.casework
    found = casework.contracts.get(number)
    visit.note(f"contract {number}", 1, found.person)
    values = {"one": found, "diplomas": casework.certificates.of_person(found.person), "wrong": wrong or {}}
    values |= {"typed": visit.form if wrong else {}, "today": casework.time.today(), "done": visit.form["do"]}
    values["decides"] = visit.caller.role in (CLERK, ADMIN)
    return frame.page(visit, "programmes/contract.html", status, **values)
