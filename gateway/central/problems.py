"""HTTP errors as RFC 9457 problem documents: what happened, to which thing, what to do; the store stays as it was."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from gateway.central.masters import MastersUnreadable
from gateway.central.store import StoreError

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20  # shown of one request: more help nobody


class ProblemError(BaseModel):
    """Where in a request something is wrong, and what."""

    pointer: str = Field(examples=["#/runs/0/first_seq"])
    detail: str = Field(examples=["Input should be greater than or equal to 1"])


class ProblemDocument(BaseModel):
    """An error as RFC 9457 has it; `errors` names the fields of a request that is not valid."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:checkpost:problem:not-valid"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request is not valid (#/runs/0/first_seq: Input should be at least 1)."])
    errors: list[ProblemError] = []


_SCHEMA = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
# What any call may answer besides what it is for.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": _SCHEMA}
    for status, words in (
        (400, "The body cannot be read."),
        (401, "No valid token."),
        (403, "Another role is needed, or it is another's."),
        (404, "There is no such thing."),
        (409, "It contradicts what is held."),
        (413, "The body is too large."),
        (415, "The body is packed in a way that is not known."),
        (422, "Something in the request is not valid."),
        (429, "Too many requests; `Retry-After` says when to come back."),
        (503, "The store does not answer, or too much is asked at once."),
    )
}


class Problem(Exception):
    """A request that cannot be served. `kind`: a short stable name; `more`: members of the document."""

    def __init__(self, status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}
        self.more = more


def document(status: int, kind: str, detail: str, **more: Any) -> JSONResponse:
    """Return the problem document of an error; `type` is a URN, since it is a name and not a page."""
    body = {"type": f"urn:checkpost:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body | {"detail": detail} | more, status, headers, MEDIA_TYPE)


def pointer(location: tuple[int | str, ...]) -> str:
    """Return where in a request an error lies: a JSON pointer in the body, or the name of a parameter."""
    where, rest = (location or ("body",))[0], [str(part) for part in location[1:]]
    return "#" + "".join(f"/{part}" for part in rest) if where == "body" else f"{where}: {'/'.join(rest)}"


def not_valid(where: str, detail: str) -> Problem:
    """Return the problem of one place in a request, named as `pointer` does."""
    errors = [{"pointer": where, "detail": detail}]
    return Problem(422, "not-valid", f"The request is not valid ({where}: {detail}).", errors=errors)


def _found(item: Mapping[str, Any]) -> dict[str, str]:
    if item["type"] == "json_invalid":  # its location is a place in the text, which no pointer can name
        return {"pointer": "#", "detail": f"{item['msg']} at character {item['loc'][-1]}: {item['ctx']['error']}"}
    return {"pointer": pointer(item["loc"]), "detail": item["msg"]}


def install(app: FastAPI) -> None:
    """Make every error of an application a problem document."""
    log = structlog.get_logger("checkpost.api")

    @app.exception_handler(Problem)
    async def known(_request: Request, problem: Problem) -> JSONResponse:
        answer = document(problem.status, problem.kind, problem.detail, **problem.more)
        answer.headers.update(problem.headers)
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # The values themselves are not repeated: a link key or a token may be among them.
        found = [_found(item) for item in error.errors()[:MAX_ERRORS]]
        first = f"{found[0]['pointer']}: {found[0]['detail']}" if found else "unreadable"
        return document(422, "not-valid", f"The request is not valid ({first}).", errors=found)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        answer = document(error.status_code, kind, f"{request.method} {request.url.path}: {error.detail}.")
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(StoreError)
    async def unavailable(_request: Request, error: StoreError) -> JSONResponse:
        log.error("store", error=str(error))
        return document(503, "store-unavailable", "The store does not answer; the request can be sent again.")

    @app.exception_handler(MastersUnreadable)
    async def without_masters(_request: Request, error: MastersUnreadable) -> JSONResponse:
        log.error("card masters", error=str(error))
        return document(503, "card-masters", str(error))

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> JSONResponse:
        route = request.scope.get("route")  # the address itself may name a person, and nobody erases that from a log
        log.error("request failed", path=getattr(route, "path", ""), exc_info=error)
        return document(500, "internal-error", "The centre failed at this request; its log says where.")
