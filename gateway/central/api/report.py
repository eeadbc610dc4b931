"""The situation report."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.central.api.parts import AsCounter, ThePart
from gateway.contract import Date
from gateway.contract_report import Report

ROUTER = APIRouter(prefix="/v1", tags=["office"])


@ROUTER.get("/report", responses={200: {"content": {"text/html": {}}}})
def report(
    the: ThePart,
    _: AsCounter,
    first: Annotated[Date, Query()],
    last: Annotated[Date, Query()],
    form: Annotated[Literal["json", "html"], Query()] = "json",
) -> Report:
    """Return the situation from one local day to another beside the span before, as JSON or as one page to print."""
    made = the.reporter.make(first, last)
    return HTMLResponse(the.reporter.page(made)) if form == "html" else made  # type: ignore[return-value]
