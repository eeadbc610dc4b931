"""The situation report."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.central.api.parts import AsCounter, ThePart
from gateway.contract import MAX_PAGE, Date
from gateway.contract.report import MadePage, Report, ReportBody

ROUTER = APIRouter(prefix="/v1", tags=["office"])
PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}
Form = Annotated[Literal["json", "html"], Query()]


@ROUTER.get("/report", responses=PAGE)
def look(
    the: ThePart,
    _: AsCounter,
    first: Annotated[Date, Query()],
    last: Annotated[Date, Query()],
    form: Form = "json",
) -> Report:
    """Return the situation from one local day to another, as JSON or as one page to print; nothing is kept."""
    found = the.reporter.look(first, last)
    return HTMLResponse(the.reporter.page(found)) if form == "html" else found  # type: ignore[return-value]


@ROUTER.post("/reports", responses=PAGE)
def make(the: ThePart, caller: AsCounter, body: ReportBody, form: Form = "json") -> Report:
    """Make the report, and keep what it counts with its date and author: the next one says what changed since."""
    made = the.reporter.make(body.first, body.last, caller)
    return HTMLResponse(the.reporter.page(made)) if form == "html" else made  # type: ignore[return-value]


@ROUTER.get("/reports")
def reports(
    the: ThePart,
    _: AsCounter,
    before: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> MadePage:
    """Return which reports were made, newest first."""
    return the.reporter.made(before, limit)
