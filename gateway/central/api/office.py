"""What the office pulls: the feed, the current state, exports, the table, statistics."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.central.access import Caller
from gateway.central.api.parts import AsCounter, AsOffice, Parts, Purpose, ThePart
from gateway.central.api.streaming import Streamed
from gateway.central.fresh import tag, unchanged
from gateway.central.problems import Problem
from gateway.central.proofs import whose
from gateway.contract import MAX_PAGE, Date, Feed
from gateway.contract.log import Proven
from gateway.contract.office import Statistics

ROUTER = APIRouter(prefix="/v1", tags=["office"])
After = Annotated[int, Query(ge=0, le=2**53, description="A position: the newest one that you have.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Form = Literal["ndjson", "csv", "parquet"]
MEDIA_TYPES = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Read:
    """Who reads which list, and why."""

    caller: Caller
    purpose: str
    what: str


MAX_DAYS = 366  # of statistics at once: a year, so that no question reads the whole log


@ROUTER.get("/feed", response_model=Feed, responses={304: {"description": "Nothing came since."}})
def feed(
    request: Request, the: ThePart, caller: AsOffice, after: After = 0, limit: Limit = MAX_PAGE, purpose: Purpose = ""
) -> Response:
    """Return every change after a position, oldest first: new crossings, outcomes, crossings judged again."""
    return _page(request, the, Read(caller, purpose, "feed"), after, limit)


@ROUTER.get("/crossings", response_model=Feed, responses={304: {"description": "Nothing came since."}})
def crossings(
    request: Request, the: ThePart, caller: AsOffice, after: After = 0, limit: Limit = MAX_PAGE, purpose: Purpose = ""
) -> Response:
    """Return the current state of every crossing whose latest change lies after a position, oldest change first."""
    return _page(request, the, Read(caller, purpose, "crossings"), after, limit)


@ROUTER.get("/crossings/{board}/{epoch}/{seq}", response_model_exclude_none=True)
def story(
    the: ThePart,
    caller: AsOffice,
    board: Annotated[int, Path(ge=1, le=0xFFFF)],
    epoch: Annotated[int, Path(ge=1, le=0xFFFF)],
    seq: Annotated[int, Path(ge=1, le=0xFFFFFFFF)],
    purpose: Purpose = "",
) -> Proven:
    """Return a crossing's whole story: its record, its outcomes, each of its states, and the proof of each."""
    found = the.proofs.story(board, epoch, seq)
    the.reads.note(caller, purpose, f"crossing {board}/{epoch}/{seq}", 1, whose(found))
    return found


@ROUTER.get(
    "/exports/crossings.{form}",
    response_class=StreamingResponse,
    responses={
        200: {"content": {name.split(";")[0]: {} for name in MEDIA_TYPES.values()}, "description": "The crossings."},
        304: {"description": "Nothing changed."},
    },
)
def export(
    request: Request, the: ThePart, caller: AsOffice, form: Annotated[Form, Path()], purpose: Purpose = ""
) -> Response:
    """Return the current state of every crossing, from one snapshot, as NDJSON, CSV or Parquet."""
    etag = tag(the.office.log_id, the.office.position(), form)
    if answer := unchanged(request, etag):
        return answer
    begun = the.exports.begin(form)
    try:
        the.reads.note(caller, purpose, f"export as {form}", begun.crossings)
    except Exception:
        begun.pieces.close()
        raise
    headers = _headers(the, begun.crossings, begun.position)
    headers["ETag"] = tag(the.office.log_id, begun.position, form)
    headers["Content-Disposition"] = f'attachment; filename="crossings.{form}"'
    return Streamed(begun.pieces, MEDIA_TYPES[form], headers)


@ROUTER.get("/table", responses={304: {"description": "Nothing changed."}})
def table(request: Request, response: Response, the: ThePart, _: AsCounter) -> dict[str, Any]:
    """Return the office's table."""
    etag = tag(the.office.log_id, the.office.position(), the.registry.revision())
    if answer := unchanged(request, etag):
        return answer  # type: ignore[return-value]
    response.headers["ETag"] = etag
    return the.office.table()


@ROUTER.get("/statistics")
def statistics(
    the: ThePart, _: AsCounter, first: Annotated[Date, Query()], last: Annotated[Date, Query()]
) -> Statistics:
    """Return crossings and persons by crossing point, local day and verdict, both days included."""
    try:
        return the.statistics.by_day(first, last, MAX_DAYS)
    except ValueError as error:
        errors = [{"pointer": "query: first, last", "detail": str(error)}]
        raise Problem(422, "not-valid", f"The request is not valid ({error}).", errors=errors) from error


def _page(request: Request, the: Parts, read: Read, after: int, limit: int) -> Response:
    page = the.office.page(after, limit, every_change=read.what == "feed")
    etag = tag(the.office.log_id, page.position, after, limit)
    if answer := unchanged(request, etag):
        return answer
    the.reads.note(read.caller, read.purpose, f"{read.what} after {after}", page.rows)
    headers = _headers(the, page.crossings, page.position) | {"ETag": etag}
    return Response(page.text, headers=headers, media_type="application/json")


def _headers(the: Parts, crossings: int, position: int) -> dict[str, str]:
    return {
        "Checkpost-Log": the.office.log_id,
        "Checkpost-Crossings": str(crossings),
        "Checkpost-Position": str(position),
    }
