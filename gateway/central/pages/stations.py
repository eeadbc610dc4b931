"""Reception stations: what they have and hold, who is due first, and a stay from its arrival to its release."""

import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.api.parts import Parts
from gateway.central.cases.paging import split_cursor
from gateway.central.cases.persons import fresh_number
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.asked import asked, at_noon, form_of
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import Part
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem
from gateway.central.store.reception import HERE, LEFT, RELEASED, Where
from gateway.contract.reception import (
    Arrival,
    Check,
    Checks,
    Departure,
    OfPermit,
    PassBody,
    Release,
    Retraction,
)

SHOWN = 50  # stays of one part of a list
OLDEST = 5  # on the page of what waits
ROLES = (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE)
Anyone = Annotated[Visit, Depends(Gate(*ROLES))]
Reader = Annotated[Visit, Depends(Gate(*ROLES, reads=True))]
Clerk = Annotated[Visit, Depends(Gate(CLERK, ADMIN, reads=True))]
STATES = {HERE: "At a station", RELEASED: "Released", LEFT: "Gone without a release"}


def build(frame: Frame) -> APIRouter:
    """Return the router of the stations' pages."""
    router = frame.router()

    @router.get("/stations")
    def stations(visit: Anyone) -> Response:
        return frame.page(visit, "stations/stations.html", stations=visit.the.stations.all().stations, may=_may(visit))

    @router.get("/stations/stays")
    def stays(visit: Reader, station: str = "", state: str = HERE, person: str = "", after: str = "") -> Response:
        state = state if state in STATES else HERE
        found = visit.the.reception.page(Where(state, station, person), split_cursor(after), SHOWN)
        visit.note(f"stays {state} {station or 'everywhere'}", len(found.stays), person)
        values: dict[str, object] = {
            "station": station,
            "state": state,
            "person": person,
            "states": STATES,
            "may": _may(visit),
        }
        part = Part(found.stays, found.next)
        return frame.page(visit, "stations/stays.html", 200, part=part, stations=visit.the.stations.names(), **values)

    @router.get("/stations/arrival")
    def arrival(visit: Clerk, station: str = "") -> Response:
        return _arrival(visit, {"station": station, "blankets": "1"}, None)

    @router.post("/stations/arrival")
    def arrive(visit: Clerk) -> Response:
        stay_id = visit.form["stay_id"] or fresh_number("S", secrets.choice)
        try:
            given = asked(Arrival, form_of(visit.form, "station", "person", "application_id", "arrived_on", "blankets"))
            visit.the.reception.take_in(stay_id, given, visit.caller)
        except Problem as problem:
            return _arrival(visit, visit.form, problem)
        return frame.to(f"/stations/stays/{stay_id}")

    def _arrival(visit: Visit, typed: dict[str, str], problem: Problem | None) -> Response:
        values = {"typed": typed, "wrong": beside(problem) if problem else {}, "stations": visit.the.stations.names()}
        return frame.page(visit, "stations/arrival.html", problem.status if problem else 200, **values)

    @router.get("/stations/stays/{stay_id}")
    def one(visit: Reader, stay_id: str) -> Response:
        return shown(visit, stay_id, "", None)

    @router.post("/stations/stays/{stay_id}/{step}")
    def take(visit: Clerk, stay_id: str, step: str) -> Response:
        work = STEPS.get(step)
        if work is None:
            raise Problem(404, "not-found", "There is no page at this address.")
        try:
            work(visit, stay_id)
        except Problem as problem:
            return shown(visit, stay_id, step, problem)
        return frame.to(f"/stations/stays/{stay_id}")

    def shown(visit: Visit, stay_id: str, step: str, problem: Problem | None) -> Response:
        story = visit.the.reception.story(stay_id)
        visit.note(f"stay {stay_id}", 1, story.stay.person)
        values: dict[str, object] = {"step": step, "wrong": beside(problem) if problem else {}, "typed": visit.form}
        status = problem.status if problem else 200
        return frame.page(
            visit,
            "stations/stay.html",
            status,
            story=story,
            may=_may(visit),
            stations=visit.the.stations.names(),
            **values,
        )

    return router


def _release(visit: Visit, stay_id: str) -> None:
    given = asked(Release, form_of(visit.form, "released_on", "reason", "decided_by"))
    visit.the.reception.release(stay_id, given, visit.caller)


def _check(visit: Visit, stay_id: str) -> None:
    checks = {
        name: asked(Check, {"done": visit.form[name] == "yes", "on": visit.form[f"{name}_on"]}, {"on": f"{name}_on"})
        for name in ("medical", "vaccinated")
        if visit.form[name]
    }
    visit.the.reception.check(stay_id, Checks(**checks), visit.caller)


def _permit(visit: Visit, stay_id: str) -> None:
    given = asked(OfPermit, form_of(visit.form, "application_id"))
    visit.the.reception.give_permit(stay_id, given.application_id, visit.caller)


def _gone(visit: Visit, stay_id: str) -> None:
    visit.the.reception.gone(stay_id, asked(Departure, form_of(visit.form, "left_on", "note")), visit.caller)


def _back(visit: Visit, stay_id: str) -> None:
    given = asked(Retraction, {"reason": visit.form["why"]}, {"reason": "why"})
    visit.the.reception.take_back(stay_id, given.reason, visit.caller)


def _pass(visit: Visit, stay_id: str) -> None:
    given = asked(PassBody, form_of(visit.form, "zone", "issued_on") | {"stay_id": stay_id})
    if not visit.form["number"]:
        raise Problem(422, "not-valid", "", errors=[{"pointer": "#/number", "detail": "as it is printed on the pass"}])
    visit.the.reception.issue_pass(visit.form["number"], given, visit.caller)


STEPS: dict[str, Callable[[Visit, str], None]] = {
    "release": _release,
    "checks": _check,
    "permit": _permit,
    "departure": _gone,
    "retraction": _back,
    "pass": _pass,
}


def _may(visit: Visit) -> bool:
    return visit.caller.role in (CLERK, ADMIN)


def waits(the: Parts, _now_s: int) -> list[Waiting]:
    """Return how many stays have outlasted their days without a release, and the oldest."""
    count, _ = the.stations.over()
    if not count:
        return []
    found = the.reception.page(Where(HERE), ("", ""), OLDEST).stays
    items = [
        Item(
            f"{one.station}: days passed without a release",
            f"/stations/stays/{one.stay_id}",
            at_noon(one.arrived_on),
            at_noon(one.due_on),
        )
        for one in found
        if one.days_over
    ]
    return [Waiting("Stays whose days have passed", "/stations/stays", count, count, tuple(items))]


AREA = Area("stations", "Stations", "s", ROLES, build, waits)
