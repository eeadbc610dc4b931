"""Hand entry: a crossing while a board is out, typed at once or later from the printed paper form."""

import re
import secrets
from datetime import datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.boards.localtime import moment, utc_of
from gateway.console.access import Visitor
from gateway.console.doubts import OF_THE_CARD, Doubt, doubts_of, mark_of
from gateway.console.mistake import Mistake
from gateway.console.parts import HEADERS, Console, Form, Guard, TheConsole, page
from gateway.console.shown import Crossing, crossing_of
from gateway.contract import CrossingPoint
from gateway.errors import OperatorError
from gateway.intake.handentry import AHEAD_S, Entered, Entry, HandEntry
from gateway.store.arrivals import parse_key
from gateway.store.store import Store
from gateway.worker import SOON

ROUTER = APIRouter()
_UID = re.compile(r"([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})")
_FORM = re.compile(r"[0-9A-Za-z-]{1,24}")


FIELDS = ("crossing_point", "date", "time", "direction", "card", "party", "outcome", "form", "line", "once")


class Doubtful(NamedTuple):
    """An entry that is asked for once more; `days` ago it was. `sure`: the mark of just this entry and its doubts."""

    entry: Entry
    point: str
    local: datetime
    days: int
    doubts: list[Doubt]
    sure: str


class Place(NamedTuple):
    """A point at which crossings can be entered, and its date and time now."""

    point: CrossingPoint
    date: str
    time: str


@ROUTER.get("/hand-entry")
async def ask(request: Request, the: TheConsole, guard: Guard) -> Response:
    """Show the form, above it what the last entry became; from a paper form, its next line stands ready."""
    query = request.query_params
    line = query.get("line", "")
    typed = {"form": query.get("form", ""), "line": str(int(line) + 1) if _is_number(line) else ""}
    typed["crossing_point"] = query.get("point", "")
    return await _shown(request, the, guard, typed, done=query.get("done", ""))


@ROUTER.post("/hand-entry")
async def enter(request: Request, the: TheConsole, guard: Guard, form: Form) -> Response:
    """Write an entry; one that does not fit is shown again with what is wrong, a doubtful one with what makes it so."""
    if form.get("change"):
        return await _shown(request, the, guard, form)
    try:
        entered = await the.writer.run(SOON, partial(_enter, form=form, person=guard.name, now_s=the.now_s()))
    except OperatorError as error:
        return await _shown(request, the, guard, form, error)
    if isinstance(entered, Doubtful):
        told = [doubt.kind for doubt in entered.doubts if doubt.kind in OF_THE_CARD]
        if told:
            await the.note_look(guard, f"hand entry {entered.entry.card_uid}", ", ".join(told))
        fields = {name: form[name] for name in FIELDS if name in form}
        return page(request, "sure.html", guard, asked=entered, fields=fields, next_line=_next_line(form))
    if entered.taken:
        the.taken(entered.taken)
    done = urlencode({"done": f"{entered.board}.{entered.epoch}.{entered.seq}"})
    return RedirectResponse(f"/hand-entry?{done}&{_next_line(form)}", 303, HEADERS)


def _next_line(form: dict[str, str]) -> str:
    """Return the query by which the page goes on behind a form's line, at the same point."""
    values = {"point": form.get("crossing_point", "")}
    if form.get("form"):
        values |= {"form": form["form"], "line": form.get("line", "")}
    return urlencode(values)


def _enter(store: Store, form: dict[str, str], person: str, now_s: int) -> Entered | Doubtful:
    """Enter what was typed once, however often it is sent; what is doubtful first comes back, to be confirmed."""
    entry, point = _typed(store, form, person)
    hand = HandEntry(store)
    mark = mark_of(form["once"], entry) if form.get("once") else ""
    before = hand.entered(mark)
    if before:
        return before
    if entry.utc_s > now_s + AHEAD_S:
        raise Mistake("The time of the crossing lies in the future; correct date and time.")
    hand.check(entry, now_s)
    doubts = doubts_of(store, entry, point.time_zone, now_s)
    sure = mark_of(entry, doubts)
    if doubts and form.get("sure") != sure:  # whatever was confirmed before, it was not this
        local = moment(point.time_zone, entry.utc_s)
        days = (moment(point.time_zone, now_s).date() - local.date()).days
        return Doubtful(entry, point.name, local, days, doubts, sure)
    return hand.enter(entry, now_s, mark)


def _typed(store: Store, form: dict[str, str], person: str) -> tuple[Entry, CrossingPoint]:
    """Return what a form says, and its point; Mistake for what can be put right in it."""
    point = next((one for one in store.knowledge.points() if one.code == form.get("crossing_point")), None)
    if point is None:
        raise Mistake("Choose the crossing point.")
    try:
        local = datetime.strptime(f"{form.get('date', '')} {form.get('time', '')[:5]}", "%Y-%m-%d %H:%M")
    except ValueError:
        raise Mistake("Give the date and the local time of the crossing.") from None
    party = form.get("party", "")
    entry = Entry(
        crossing_point=point.code,
        direction=form.get("direction", ""),
        utc_s=utc_of(point.time_zone, local),
        person=person,
        card_uid=_card(store, form.get("card", "")),
        party=int(party) if _is_number(party) else 0,
        outcome=form.get("outcome", ""),
        source="paper" if form.get("form") or form.get("line") else "hand",
        form=_form_line(form.get("form", ""), form.get("line", "")),
    )
    return entry, point


def _card(store: Store, text: str) -> str:
    """Return the UID that was typed, or of the only card in use of the permit that was typed; '' for no card."""
    card_uid = re.sub(r"[\s:.-]", "", text).upper()
    if not text or _UID.fullmatch(card_uid):
        return card_uid
    cards = [card.card_uid for card in store.knowledge.cards_of(text) if card.status == "active"]
    if not cards:
        raise Mistake(
            "%(text)s is neither a card number (8, 14 or 20 digits of 0-9 and A-F) nor a permit known here.", text=text
        )
    if len(cards) > 1:
        raise Mistake("Permit %(text)s has several cards in use; type the number of the one that was shown.", text=text)
    return cards[0]


def _form_line(form: str, line: str) -> str:
    """Return what names one line of one printed form: each is entered once."""
    if not form and not line:
        return ""
    if not _FORM.fullmatch(form) or not _is_number(line):
        raise Mistake("Give both the number of the form and the number of its line.")
    return f"{form.upper()}/{int(line)}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4


async def _shown(
    request: Request,
    the: Console,
    guard: Visitor,
    typed: dict[str, str],
    wrong: OperatorError | None = None,
    done: str = "",
) -> Response:
    places, last = await the.reader.run(SOON, partial(_places, now_s=the.now_s(), done=done))
    status = 422 if wrong else 200
    once = typed.get("once") or secrets.token_hex(8)
    values = {"places": places, "last": last, "typed": typed, "wrong": wrong, "once": once}
    return page(request, "entry.html", guard, status, **values)


def _places(store: Store, now_s: int, done: str) -> tuple[list[Place], Crossing | None]:
    found = []
    consoles = HandEntry(store).consoles()
    for point in store.knowledge.points():
        if point.code in consoles:
            local = moment(point.time_zone, now_s)
            found.append(Place(point, f"{local:%Y-%m-%d}", f"{local:%H:%M}"))
    key = parse_key(done)
    return found, crossing_of(store, key) if key else None
