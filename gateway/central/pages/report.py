"""The situation report: from a day to a day, on the screen; the same as one file to keep or print. Nobody is named."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from checkpost.dates import format_date, parse_date
from gateway.central.access import PAGE_ROLES
from gateway.central.pages.area import Area
from gateway.central.pages.frame import HEADERS, Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit, beside
from gateway.central.problems import Problem

Anyone = Annotated[Visit, Depends(Gate(*PAGE_ROLES))]
DAYS = 7  # shown when nobody chose
FILE_HEADERS = HEADERS | {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def build(frame: Frame) -> APIRouter:
    """Return the router of the report."""
    router = frame.router()

    @router.get("/report")
    def report(visit: Anyone, first: str = "", last: str = "") -> Response:
        today = parse_date(visit.the.casework.time.today())
        typed = {"first": first or format_date(today - DAYS + 1), "last": last or format_date(today)}
        try:
            found = visit.the.reporter.look(typed["first"], typed["last"])
        except Problem as problem:
            wrong = {"last": problem.detail} | beside(problem)
            return frame.page(visit, "report/report.html", 422, report=None, typed=typed, wrong=wrong)
        return frame.page(visit, "report/report.html", report=found, typed=typed, wrong={})

    @router.post("/report/file")
    def file(visit: Anyone) -> Response:
        made = visit.the.reporter.make(visit.form["first"], visit.form["last"], visit.caller)
        named = {"Content-Disposition": f'attachment; filename="report-{made.first}-{made.last}.html"'}
        return Response(visit.the.reporter.page(made), headers=FILE_HEADERS | named, media_type="text/html")

    return router


AREA = Area("report", "Report", "e", PAGE_ROLES, build)
