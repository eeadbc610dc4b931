"""Today: what waits in every area, overdue and oldest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.central.access import PAGE_ROLES
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit

SHOWN = 20  # items on top, of all areas together
Anyone = Annotated[Visit, Depends(Gate(*PAGE_ROLES))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the page; it asks each area that the visitor's role may open."""
    router = frame.router()

    @router.get("/today")
    def today(visit: Anyone) -> Response:
        now_s = visit.the.now_s()
        areas = [area for area in frame.areas if visit.caller.role in area.roles]
        found = [waiting for area in areas for waiting in area.waiting(visit.the, now_s)]
        items = [(waiting, item) for waiting in found for item in waiting.oldest]
        items.sort(key=lambda one: _urgency(one[1], now_s))
        return frame.page(visit, "today/today.html", waiting=found, items=items[:SHOWN], total=_sum(found))

    return router


def _urgency(item: Item, now_s: int) -> tuple[bool, int]:
    """Return what orders items: those overdue first, longest overdue on top; then the oldest."""
    overdue = item.due_s is not None and item.due_s < now_s
    return not overdue, item.due_s if overdue and item.due_s is not None else item.since_s


def _sum(found: list[Waiting]) -> tuple[int, int]:
    return sum(one.count for one in found), sum(one.overdue for one in found)


AREA = Area("today", "Today", "t", PAGE_ROLES, build)
