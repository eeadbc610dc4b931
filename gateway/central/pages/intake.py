"""Intake: one application by a form, many by a file. A form that is sent twice is one application."""

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Response
from pydantic import ValidationError

from gateway.central.access import ADMIN, CLERK, OFFICE
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem
from gateway.contract import Application
from gateway.contract.applications import Asked, Ground

GROUNDS = [ground for ground in get_args(Ground) if ground != "regularised"]  # that one comes of a review
NUMBERS = ("entries", "max_stay_days", "companions")
TEXTS = ("person", "name", "contact", "submitted_on", "valid_from", "valid_until", "contract")
Bringer = Annotated[Visit, Depends(Gate(CLERK, ADMIN, OFFICE))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the intake."""
    router = frame.router()

    @router.get("/applications/new")
    def empty(visit: Bringer) -> Response:
        number = visit.the.casework.applications.fresh_number()
        return _form(frame, visit, number, {"submitted_on": visit.the.casework.time.today()}, [], [], {})

    @router.post("/applications/new")
    def take(visit: Bringer) -> Response:
        form = visit.form
        grounds, points = form.every("grounds"), form.every("crossing_points")
        try:
            number = Application(application_id=form["application_id"], decision="pending").application_id
        except ValidationError:
            number = visit.the.casework.applications.fresh_number()
        try:
            asked = Asked.model_validate(_asked(visit, grounds, points), strict=False)
            visit.the.casework.applications.take(number, asked, visit.caller)
        except ValidationError as error:
            wrong = {str(one["loc"][0]): one["msg"] for one in reversed(error.errors())}
            return _form(frame, visit, number, form, grounds, points, wrong, 422)
        except Problem as problem:
            return _form(frame, visit, number, form, grounds, points, beside(problem), problem.status)
        return frame.page(visit, "applications/taken.html", number=number)

    @router.post("/applications/file")
    def take_file(visit: Bringer) -> Response:
        raw = visit.form.files.get("rows", b"")
        try:
            reply = visit.the.casework.applications.take_csv(raw.decode("utf-8-sig"), visit.caller)
        except UnicodeDecodeError:
            return _form(frame, visit, "", {}, [], [], {"rows": "The file is not UTF-8 text; save it as UTF-8."}, 422)
        except Problem as problem:
            return _form(frame, visit, "", {}, [], [], {"rows": problem.detail}, problem.status)
        return frame.page(visit, "applications/file.html", reply=reply)

    return router


def _asked(visit: Visit, grounds: list[str], points: list[str]) -> dict[str, Any]:
    form = visit.form
    given: dict[str, Any] = {name: form[name] for name in (*TEXTS, *NUMBERS) if form[name]}
    return given | {"grounds": grounds, "crossing_points": points}


def _form(
    frame: Frame,
    visit: Visit,
    number: str,
    typed: Any,
    grounds: list[str],
    points: list[str],
    wrong: dict[str, str],
    status: int = 200,
) -> Response:
    casework = visit.the.casework
    values = {"number": number or casework.applications.fresh_number(), "typed": typed, "wrong": wrong}
    ticked = {"grounds": GROUNDS, "given": grounds, "points": casework.applications.points(), "chosen": points}
    typed_day = typed if typed else {"submitted_on": casework.time.today()}
    return frame.page(visit, "applications/new.html", status, **(values | ticked | {"typed": typed_day}))
