"""What the office pulls: the feed, the current state, the table."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from gateway.central.api.parts import AsOffice, Parts, ThePart
from gateway.contract import MAX_PAGE, Feed

ROUTER = APIRouter(prefix="/v1", tags=["office"])
After = Annotated[int, Query(ge=0, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@ROUTER.get("/feed", response_model=Feed)
def feed(the: ThePart, _: AsOffice, after: After = 0, limit: Limit = MAX_PAGE) -> Response:
    """Return every change after a position, oldest first: new crossings, outcomes, crossings judged again."""
    return _page(the, after, limit, every_change=True)


@ROUTER.get("/crossings", response_model=Feed)
def crossings(the: ThePart, _: AsOffice, after: After = 0, limit: Limit = MAX_PAGE) -> Response:
    """Return the current state of every crossing whose latest change lies after a position, oldest change first."""
    return _page(the, after, limit, every_change=False)


@ROUTER.get("/table")
def table(the: ThePart, _: AsOffice) -> dict[str, Any]:
    """Return the office's table."""
    return the.office.table()


def _page(the: Parts, after: int, limit: int, every_change: bool) -> Response:
    page = the.office.page(after, limit, every_change)
    headers = {
        "Checkpost-Log": the.office.log_id,
        "Checkpost-Crossings": str(page.crossings),
        "Checkpost-Position": str(page.position),
    }
    return Response(page.text, headers=headers, media_type="application/json")
