"""Every call and page of a centre, put together once a process: reading them takes FastAPI most of a second.

They hold nothing of one centre: each request brings the parts of the application that it came to.
"""

from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import PlainTextResponse
from starlette.routing import BaseRoute

from gateway.central.api import (
    applications,
    cards,
    enrolment,
    exchange,
    gateways,
    knowledge,
    log,
    office,
    people,
    persons,
    programmes,
    reception,
    report,
    reviews,
    rights,
)
from gateway.central.api.parts import AsCounter, ThePart, known_query
from gateway.central.api.plain import without_nul
from gateway.central.openapi import completed
from gateway.central.pages.router import build_pages
from gateway.central.problems import RESPONSES

TITLE, VERSION = "Checkpost central", "1"
HEALTH = APIRouter()


@HEALTH.get("/healthz", tags=["health"])
def health(the: ThePart) -> dict[str, str]:
    """Return ok when the store answers."""
    the.office.position()
    return {"status": "ok"}


@HEALTH.get("/metrics", tags=["health"], response_class=PlainTextResponse)
def show_metrics(the: ThePart, _: AsCounter) -> Response:
    """Return the metrics of this process for Prometheus."""
    return Response(the.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@cache
def calls() -> tuple[BaseRoute, ...]:
    """Return the routes of a centre's application."""
    whole = APIRouter(dependencies=[Depends(known_query), Depends(without_nul)], responses=RESPONSES)
    for router in (
        gateways.ROUTER,
        knowledge.ROUTER,
        enrolment.ROUTER,
        cards.ROUTER,
        office.ROUTER,
        log.ROUTER,
        people.ROUTER,
        persons.ROUTER,
        applications.ROUTER,
        programmes.ROUTER,
        reception.ROUTER,
        reviews.ROUTER,
        exchange.ROUTER,
        rights.ROUTER,
        report.ROUTER,
        build_pages(),
        HEALTH,
    ):
        whole.include_router(router)
    return tuple(whole.routes)


@cache
def described() -> dict[str, Any]:
    """Return the OpenAPI description of the calls. It is one for all who ask: whoever changes it takes a copy."""
    return completed(get_openapi(title=TITLE, version=VERSION, routes=calls()))
