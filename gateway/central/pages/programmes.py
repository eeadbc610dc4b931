"""Programmes for technical personnel: a year's plans with their places in words and bars, and its settlement."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from checkpost.calendar import DAY_S
from checkpost.dates import parse_date
from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.api.parts import Parts
from gateway.central.cases.settlement import written
from gateway.central.cases.terms import year_of
from gateway.central.pages import contracts
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem
from gateway.contract import Name
from gateway.contract.programmes import CostBody, PlanBody

ROLES = (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE)
FIRST_YEAR, LAST_YEAR = 1900, 2999
Counter = Annotated[Visit, Depends(Gate(*ROLES))]
Clerk = Annotated[Visit, Depends(Gate(CLERK, ADMIN))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the programmes."""
    router = frame.router()
    router.include_router(contracts.build(frame))

    @router.get("/programmes")
    def coming(visit: Counter, year: str = "") -> Response:
        return _year(frame, visit, _number(year, year_of(visit.the.casework.time.today()) + 1))

    @router.post("/programmes/plan")
    def plan(visit: Clerk) -> Response:
        year = _number(visit.form["year"], year_of(visit.the.casework.time.today()) + 1)
        try:
            department = TypeAdapter(Name).validate_python(visit.form["department"])
            body = PlanBody.model_validate(_given(visit, PlanBody), strict=False)
            visit.the.casework.programmes.put_plan(year, department, body)
        except (ValidationError, Problem) as error:
            return _year(frame, visit, year, _wrong(error, "department"))
        return frame.to(f"/programmes?year={year}")

    @router.get("/programmes/settlement")
    def settlement(visit: Counter, year: str = "") -> Response:
        return _settlement(frame, visit, _number(year, year_of(visit.the.casework.time.today()) - 1))

    @router.post("/programmes/cost")
    def cost(visit: Clerk) -> Response:
        this_year = year_of(visit.the.casework.time.today())
        try:
            number = TypeAdapter(Name).validate_python(visit.form["cost_id"])
            given = _given(visit, CostBody) | {"minor_units": minor_units(visit.form["amount"])}
            done = visit.the.casework.costs.put(number, CostBody.model_validate(given, strict=False))
        except (ValidationError, Problem) as error:
            return _settlement(frame, visit, this_year, _wrong(error, "cost_id"))
        return frame.to(f"/programmes/settlement?year={year_of(done.travelled_on)}")

    @router.post("/programmes/settlement")
    def close(visit: Clerk) -> Response:
        year = _number(visit.form["year"], year_of(visit.the.casework.time.today()) - 1)
        try:
            visit.the.casework.costs.close(year, visit.caller)
        except Problem as problem:
            return _settlement(frame, visit, year, beside(problem))
        return frame.to(f"/programmes/settlement?year={year}")

    return router


def minor_units(amount: str) -> int | str:
    """Return an amount such as 1,234.56 in hundredths; the text itself where it is none, for the check to name."""
    whole, _, cents = amount.replace(",", "").replace(" ", "").partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(whole) <= 10 and len(cents) <= 2):
        return amount
    if cents and not (cents.isdecimal() and cents.isascii()):
        return amount
    return int(whole) * 100 + int(cents.ljust(2, "0") or "0")


def _year(frame: Frame, visit: Visit, year: int, wrong: dict[str, str] | None = None) -> Response:
    casework = visit.the.casework
    found = casework.programmes.year(year)
    today = casework.time.today()
    typed = visit.form if wrong else {"submitted_on": today, "year": str(year)}
    values = {"programme": found, "wrong": wrong or {}, "typed": typed, "today": today}
    values |= {"decides": visit.caller.role in (CLERK, ADMIN), "late": casework.contracts.counts(year)}
    return frame.page(visit, "programmes/year.html", 422 if wrong else 200, **values)


def _settlement(frame: Frame, visit: Visit, year: int, wrong: dict[str, str] | None = None) -> Response:
    casework = visit.the.casework
    this_year = year_of(casework.time.today())
    values: dict[str, Any] = {"report": casework.costs.settlement(year), "written": written, "wrong": wrong or {}}
    values |= {"typed": visit.form if wrong else {}, "over": year < this_year}
    values["decides"] = visit.caller.role in (CLERK, ADMIN)
    return frame.page(visit, "programmes/settlement.html", 422 if wrong else 200, **values)


def _given(visit: Visit, model: type[BaseModel]) -> dict[str, Any]:
    return {name: visit.form[name] for name in model.model_fields if visit.form[name]}


def _wrong(error: ValidationError | Problem, key: str) -> dict[str, str]:
    """Return what is wrong by field; `key`: of the thing's own number or name, which no model has."""
    if isinstance(error, Problem):
        return beside(error)
    names = {"minor_units": "amount"}
    found = {str(one["loc"][0]) if one["loc"] else key: one["msg"] for one in reversed(error.errors())}
    return {names.get(name, name): words for name, words in found.items()}


def _number(text: str, otherwise: int) -> int:
    good = text.isascii() and text.isdigit() and len(text) == 4
    return int(text) if good and FIRST_YEAR <= int(text) <= LAST_YEAR else otherwise


def waiting(the: Parts, _now_s: int) -> list[Waiting]:
    """Return the contracts that were concluded late and are not approved yet, and certificates that are asked for."""
    found = []
    counts = the.casework.contracts.waiting()
    if counts.late:
        path = "/programmes/contracts?late=on"
        items = tuple(
            Item(f"{one.contract_id}, {one.department}", f"/programmes/contracts/{one.contract_id}", _s(one.due_on))
            for one in counts.oldest
        )
        found.append(Waiting("Contracts concluded late", path, counts.late, counts.late, items))
    if counts.certificates:
        found.append(Waiting("Certificates asked for", "/programmes/contracts?ended=on", counts.certificates, 0))
    return found


def _s(day: str) -> int:
    return parse_date(day) * DAY_S


AREA = Area("programmes", "Programmes", "p", ROLES, build, waiting)
