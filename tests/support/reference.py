"""The rules of travel written a second time: from the domain's text alone, slow and plain, to hold the product against.

Where the text can be read in two ways, this is how it is read here:
- within five minutes: of the tap before it, so that a passage of many taps may last longer;
- a passage is judged by its first tap's time, and its outcome and party are its last tap's;
- a passed exit ends the stay, so that an internal point knows no entry until the next one;
- a station's release is a day: of all stays that began on it or before and had not ended, it frees the last; a stay is
  ended by a passed exit, on the exit's own day already; where no entry is known, whoever was released since is free;
- zero reception days are none; a card of an application that nobody holds was not issued;
- thirty days are 30 x 24 hours before the crossing, the far end not included;
- a withdrawn application without an instant was never approved (a scenario's files give no instant).
"""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

RETAP = timedelta(minutes=5)
FREQUENT_WINDOW = timedelta(days=30)
FREQUENT_CROSSINGS = 7


class Tap:
    """One row of taps.csv, with its moment, its local day and, once judged, its verdict."""

    def __init__(self, row: dict[str, str], board: int):
        self.number = int(row["tap"])
        self.moment = datetime.fromisoformat(row["local_time"])
        self.day = self.moment.date()
        self.point = row["crossing_point"]
        self.direction = row["direction"]
        self.card = row["card_uid"].upper()
        self.party = int(row["party"] or 1)
        self.outcome = row["outcome"]
        self.board = board
        self.verdict = ""
        self.reasons: list[str] = []
        self.notes: list[str] = []


class World:
    """The four files of a scenario: points, applications, cards and taps."""

    def __init__(self, folder: Path):
        self.points = {row["code"]: row for row in rows(folder / "crossing_points.csv")}
        self.applications = {row["application_id"]: row for row in rows(folder / "applications.csv")}
        self.cards = {row["card_uid"].upper(): row for row in rows(folder / "cards.csv")}
        boards = {code: number for number, code in enumerate(self.points, 1)}  # one board a point, in the file's order
        self.taps = [Tap(row, boards[row["crossing_point"]]) for row in rows(folder / "taps.csv")]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, without spaces around the values."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(file)]


def judge(world: World) -> list[Tap]:
    """Give every tap its verdict, reasons and notes, and return the taps in the file's order."""
    permits: dict[str, list[list[Tap]]] = {}
    for passage in passages(world.taps):
        card = world.cards.get(passage[0].card)
        if card is None or card["application_id"] not in world.applications:
            for tap in passage:
                tap.verdict, tap.reasons = "refer", ["unknown-card" if tap.card else "no-permit"]
        else:
            permits.setdefault(card["application_id"], []).append(passage)
    for application_id, passages_of_permit in permits.items():
        judge_permit(world, world.applications[application_id], passages_of_permit)
    return world.taps


def passages(taps: list[Tap]) -> list[list[Tap]]:
    """Return the passages in the order of their first tap: UTC, then board, then the order at the board.

    The same card at the same board and direction within five minutes, with no outcome between, is the same passage.
    """
    made: list[list[Tap]] = []
    open_passage: dict[tuple[str, str, str], list[Tap]] = {}
    for tap in sorted(taps, key=lambda tap: (tap.moment, tap.board)):  # the sort is stable
        key = (tap.card, tap.point, tap.direction)
        before = open_passage.get(key)
        if tap.card and before and not before[-1].outcome and tap.moment - before[-1].moment <= RETAP:
            before.append(tap)
        else:
            open_passage[key] = [tap]
            made.append(open_passage[key])
    return made


def judge_permit(world: World, application: dict[str, str], passages_of_permit: list[list[Tap]]) -> None:
    """Judge the passages of one permit in their order."""
    entries_passed = 0
    inside = False
    entry_day: date | None = None
    exit_day: date | None = None
    passed_moments: list[datetime] = []
    for passage in passages_of_permit:
        tap = passage[0]
        outcome, party = passage[-1].outcome, passage[-1].party
        border = world.points[tap.point]["kind"] == "border"
        blocked = world.cards[tap.card]["status"] != "active"
        reasons = ["card-blocked"] if blocked else []
        notes: list[str] = []
        approved = application["decision"] == "approved"
        if not approved:
            reasons.append("application-not-approved")
        else:
            reasons += dates(application, tap.day)
            if border:
                reasons += at_border(application, tap, entries_passed, entry_day)
            else:
                reasons += at_internal(application, world.points[tap.point]["zone"], tap.day, entry_day, exit_day)
            if application["companions"] and party > 1 + int(application["companions"]):
                reasons.append("party-too-large")
        passed = outcome == "admitted" or (not outcome and not reasons)
        if border and approved:
            if tap.direction == "entry" and inside:
                notes.append("missing-exit")
            if tap.direction == "exit" and not inside:
                notes.append("missing-entry")
        if border and passed:
            passed_moments.append(tap.moment)
            recent = [moment for moment in passed_moments if tap.moment - moment < FREQUENT_WINDOW]
            if approved and len(recent) >= FREQUENT_CROSSINGS:
                notes.append("frequent")
            inside = tap.direction == "entry"
            entries_passed += inside
            entry_day, exit_day = (tap.day, exit_day) if inside else (None, tap.day)
        for each in passage:
            each.verdict, each.reasons, each.notes = "refer" if reasons else "permitted", reasons, notes


def dates(application: dict[str, str], day: date) -> list[str]:
    """Return the reasons of the permit's validity."""
    reasons = []
    if application["valid_from"] and day < date.fromisoformat(application["valid_from"]):
        reasons.append("not-yet-valid")
    if application["valid_until"] and day > date.fromisoformat(application["valid_until"]):
        reasons.append("expired")
    return reasons


def at_border(application: dict[str, str], tap: Tap, entries_passed: int, stay_since: date | None) -> list[str]:
    """Return the reasons that only a border point asks about."""
    reasons = []
    listed = application["crossing_points"].split()
    if listed and tap.point not in listed:
        reasons.append("wrong-crossing-point")
    entries = application["entries"]
    limited = entries not in ("", "unlimited")
    if tap.direction == "entry" and limited and entries_passed >= int(entries):
        reasons.append("entries-exhausted")
    longest = application["max_stay_days"]
    if tap.direction == "exit" and longest and stay_since is not None and (tap.day - stay_since).days > int(longest):
        reasons.append("overstay")
    return reasons


def at_internal(
    application: dict[str, str], zone: str, day: date, entry_day: date | None, exit_day: date | None
) -> list[str]:
    """Return the reasons that only an internal point asks about."""
    reasons = []
    zones = application["zones"].split()
    if zones and zone not in zones:
        reasons.append("outside-zone")
    reception = application["reception_days"]
    waited_out = entry_day is not None and day >= entry_day + timedelta(days=int(reception or 0))
    if int(reception or 0) and not waited_out and not freed(application, day, entry_day, exit_day):
        reasons.append("reception-incomplete")
    return reasons


def freed(application: dict[str, str], day: date, entry_day: date | None, exit_day: date | None) -> bool:
    """Return True if a station released the traveller, by this day, from the stay in which they are."""
    for text in application.get("released_on", "").split():
        released = date.fromisoformat(text)
        in_this_stay = released >= entry_day if entry_day else exit_day is None or released > exit_day
        if released <= day and in_this_stay:
            return True
    return False


def table(world: World, taps: list[Tap]) -> dict[str, object]:
    """Return the office's table of judged taps, in the shape of expected_table.json; no count of 0 is listed."""
    by_point: dict[str, dict[str, object]] = {}
    for code in world.points:
        here = [tap for tap in taps if tap.point == code]
        verdicts = Counter(tap.verdict for tap in here)
        primary = Counter(tap.reasons[0] for tap in here if tap.reasons)
        by_point[code] = {**verdicts, "reasons": dict(primary)}
    frequent = {world.cards[tap.card]["application_id"] for tap in taps if "frequent" in tap.notes}
    persons = sum(tap.party for tap in taps)
    return {"taps": len(taps), "persons": persons, "by_crossing_point": by_point, "frequent_crossers": len(frequent)}
