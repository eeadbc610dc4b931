"""Search by card or permit, for a purpose that is written down first; and the log of all looks."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from gateway.console.parts import MAX_PURPOSE, Form, Guard, TheConsole, page
from gateway.console.shown import Crossing, Lane, lanes, shown
from gateway.contract import Application, Card
from gateway.store.store import Store
from gateway.worker import SOON

ROUTER = APIRouter()
SHOWN = 100  # crossings of a card: the newest; a permit has few cards
MAX_CARDS = 10  # of one permit: replaced ones stay, and nobody loses more
LOOKS = 200  # newest entries of the log on its page
MIN_PURPOSE = 3
_UID = re.compile(r"([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})")
_PERMIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Found(NamedTuple):
    """What is held of a card or permit."""

    card_uid: str
    permit: str
    cards: list[Card]
    application: Application | None
    crossings: list[Crossing]
    lanes: dict[int, Lane]


@ROUTER.get("/search")
async def ask(request: Request, guard: Guard) -> Response:
    """Show the form."""
    return page(request, "search.html", guard, found=None, query="", purpose="", wrong="")


@ROUTER.post("/search")
async def search(request: Request, the: TheConsole, guard: Guard, form: Form) -> Response:
    """Write down who looks for what and why, then show what is held."""
    query, purpose = form.get("query", "")[:64], form.get("purpose", "")[:MAX_PURPOSE]
    card_uid = re.sub(r"[\s:.-]", "", query).upper()
    asked = partial(page, request, "search.html", guard, query=query, purpose=purpose)
    if not _UID.fullmatch(card_uid) and not _PERMIT.fullmatch(query):
        return asked(422, found=None, wrong="query")
    if len(purpose) < MIN_PURPOSE:
        return asked(422, found=None, wrong="purpose")
    await the.note_look(guard, f"search {query}", purpose)
    job = partial(find, query=query, card_uid=card_uid if _UID.fullmatch(card_uid) else "", now_s=the.now_s())
    found = await the.reader.run(SOON, job)
    return asked(found=found, wrong="")


@ROUTER.get("/looks")
async def looks(request: Request, the: TheConsole, guard: Guard) -> Response:
    """Show who looked at what, when and why."""
    rows = await the.reader.run(SOON, lambda store: store.looks.newest(LOOKS))
    moments_and_looks = [(f"{datetime.fromtimestamp(row.at_s, UTC):%Y-%m-%d %H:%M:%S}", row) for row in rows]
    return page(request, "looks.html", guard, looks=moments_and_looks)


def find(store: Store, query: str, card_uid: str, now_s: int) -> Found:
    """Return what is held of a card (upper-case hex) or, when it is empty or unknown, of the permit `query`."""
    card = store.knowledge.card(card_uid) if card_uid else None
    permit = card.application_id if card else query
    cards = store.knowledge.cards_of(permit)[:MAX_CARDS]
    uids = [card_uid] if card_uid else [one.card_uid for one in cards]
    crossings = [shown(row) for uid in uids for row in store.records.newest_of_card(uid, SHOWN)]
    crossings.sort(key=lambda one: -one.at_s)
    names = {lane.board: lane for lane in lanes(store, {}, now_s)}
    application = store.knowledge.application(permit)
    return Found(card_uid, permit if cards or application else "", cards, application, crossings[:SHOWN], names)
