"""What makes a typed crossing doubtful: it is shown once more, with what speaks against it, before it is written."""

import hashlib
import json
from datetime import date
from typing import NamedTuple

from checkpost.passage import WRITTEN_WITHIN_S
from checkpost.record import DIRECTIONS
from checkpost.source import TAP
from gateway.boards.localtime import moment
from gateway.intake.handentry import HAND_UNCERTAINTY, PAPER_UNCERTAINTY, Entry
from gateway.store.store import Store
from gateway.verdict.facts import uncertainty_s

# What is typed without a form is of this shift; a form is typed when the board works again, a weekend later.
HAND_WITHIN_S = 12 * 3600
PAPER_WITHIN_S = 3 * 86_400

LONG_AGO = "long-ago"
BEFORE_PERMIT = "before-permit"
BEFORE_APPLICATION = "before-application"
OUT_OF_ORDER = "out-of-order"
WRITTEN_ALREADY = "written-already"
OF_THE_CARD = (BEFORE_PERMIT, BEFORE_APPLICATION, WRITTEN_ALREADY)  # who reads them looks at personal data


class Doubt(NamedTuple):
    """Why to ask once more. `day`, `time`: local, of what speaks against it; `what`: a line, a board or a person."""

    kind: str
    day: date | None = None
    time: str = ""
    what: str = ""


def doubts_of(store: Store, entry: Entry, zone: str, now_s: int) -> list[Doubt]:
    """Return what speaks against an entry, none where nothing does. `zone`: the time zone of its crossing point."""
    if entry.utc_s > now_s:  # by a watch that is ahead, or refused anyway
        return _written(store, entry, zone)
    day = moment(zone, entry.utc_s).date()
    lines = _lines(store, entry, zone)
    found = []
    long_ago = now_s - entry.utc_s > (PAPER_WITHIN_S if entry.form else HAND_WITHIN_S)
    if long_ago and day not in [line.day for line in lines]:  # of a form's other lines it was asked already
        found.append(Doubt(LONG_AGO))
    return found + _permit(store, entry, day) + _order(lines, entry, zone) + _written(store, entry, zone)


def mark_of(*said: object) -> str:
    """Return 16 hex digits that are the same for the same things only."""
    text = json.dumps(said, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Line(NamedTuple):
    number: int
    utc_s: int
    day: date
    time: str


def _lines(store: Store, entry: Entry, zone: str) -> list[_Line]:
    """Return the other lines of a paper form that were entered before, by their number."""
    form, _, own = entry.form.rpartition("/")
    found = []
    for row in store.hand.lines_of(form) if form else ():
        crossing = store.records.crossing(row.board, row.epoch, row.seq)
        number = row.form.rpartition("/")[2]
        if crossing and number != own:
            local = moment(zone, crossing.utc_s)
            found.append(_Line(int(number), crossing.utc_s, local.date(), f"{local:%H:%M}"))
    return sorted(found)


def _permit(store: Store, entry: Entry, day: date) -> list[Doubt]:
    card = store.knowledge.card(entry.card_uid) if entry.card_uid else None
    permit = store.knowledge.application(card.application_id) if card else None
    for kind, first in (
        (BEFORE_APPLICATION, permit.submitted_on if permit else None),
        (BEFORE_PERMIT, permit.valid_from if permit else None),
    ):
        if first and day < date.fromisoformat(first):
            return [Doubt(kind, date.fromisoformat(first))]
    return []


def _order(lines: list[_Line], entry: Entry, zone: str) -> list[Doubt]:
    """Return the nearest line of the form that is later than one behind it, or earlier than one before it."""
    own = int(entry.form.rpartition("/")[2] or 0)
    wrong = [line for line in lines if (line.number < own) != (line.utc_s < entry.utc_s) and line.utc_s != entry.utc_s]
    wrong.sort(key=lambda line: abs(line.number - own))
    return [Doubt(OUT_OF_ORDER, line.day, line.time, str(line.number)) for line in wrong[:1]]


def _written(store: Store, entry: Entry, zone: str) -> list[Doubt]:
    """Return the crossing nearest in time that perhaps says the same: by the board, or by whoever typed it."""
    span_s = WRITTEN_WITHIN_S + uncertainty_s(PAPER_UNCERTAINTY if entry.form else HAND_UNCERTAINTY)
    near = [
        row
        for row in store.records.of_card_between(entry.card_uid, entry.utc_s - span_s, entry.utc_s + span_s)
        if (row.crossing_point, row.direction) == (entry.crossing_point, DIRECTIONS.index(entry.direction))
    ]
    for row in sorted(near, key=lambda row: (abs(row.order_s - entry.utc_s), row[:3]))[:1]:
        local = moment(zone, row.utc_s)
        who = store.hand.get(*row[:3])
        what = who.person if who and row.source != TAP else ""
        return [Doubt(WRITTEN_ALREADY, local.date(), f"{local:%H:%M:%S}", what)]
    return []
