"""The scenario's traffic as the records that its boards write: what the figures of the link are measured on.

What the scenario leaves open is drawn, the same each time: how long a guard takes for the outcome, how old the roster
is, and how unsure the clock.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checkpost import reasons as why
from checkpost import record

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "hamgyong-1961"
GUARD_S = (2, 17)  # from a tap to its outcome
ROSTER_AGE_S = 900  # a board that hears its gateway each quarter of an hour
UNCERTAINTY = 3  # a second, and what the clock chip drifts


@dataclass(frozen=True)
class Crossed:
    """One crossing of a board: its card, and its records without their place in the journal."""

    uid: bytes
    listed: bool  # its card is on the board's roster
    crossing: record.Record
    outcome: record.Record | None


@dataclass(frozen=True)
class Point:
    """The traffic of one board. `slots`: of the cards on its roster, from 1."""

    code: str
    crossed: list[Crossed]
    slots: dict[bytes, int]


def points() -> list[Point]:
    """Return the scenario's boards."""
    listed = _listed()
    verdicts = {row["tap"]: row for row in _rows("expected_verdicts.csv")}
    taps: dict[str, list[dict[str, str]]] = {row["code"]: [] for row in _rows("crossing_points.csv")}
    for row in _rows("taps.csv"):
        taps[row["crossing_point"]].append(row)
    found = []
    for code, rows in taps.items():
        slots = {uid: slot for slot, uid in enumerate(listed[code], 1)}
        found.append(Point(code, [_crossed(row, verdicts[row["tap"]], slots) for row in rows], slots))
    return found


def journal(crossed: list[Crossed], first_seq: int = 1) -> Iterator[bytes]:
    """Yield the records of some crossings, 32 bytes each, as a journal that begins at `first_seq` has them."""
    seq = first_seq
    for one in crossed:
        yield _numbered(one.crossing, seq)
        if one.outcome is not None:
            outcome, party = one.outcome.body[4], one.outcome.body[5]
            one.outcome.body = record.pack_outcome(seq, outcome, party)
            seq += 1
            yield _numbered(one.outcome, seq)
        seq += 1


def _numbered(head: record.Record, seq: int) -> bytes:
    head.seq = seq
    return head.pack()


def _rows(name: str) -> list[dict[str, str]]:
    with (SCENARIO / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _listed() -> dict[str, list[bytes]]:
    """Return, by point, the cards whose permit lists it, in the order of the cards' list."""
    places = {row["application_id"]: row for row in _rows("applications.csv")}
    found: dict[str, list[bytes]] = {}
    for point in _rows("crossing_points.csv"):
        wanted, field = (point["code"], "crossing_points")
        if point["kind"] == "internal":
            wanted, field = (point["zone"], "zones")
        found[point["code"]] = [
            bytes.fromhex(card["card_uid"])
            for card in _rows("cards.csv")
            if wanted in (named := places[card["application_id"]][field].split()) or not named
        ]
    return found


def _drawn(tap: str, what: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{what} {tap}".encode()).digest()[:4]) % below


def _crossed(tap: dict[str, str], judged: dict[str, str], slots: dict[bytes, int]) -> Crossed:
    moment = datetime.fromisoformat(tap["local_time"])
    seconds, offset = int(moment.timestamp()), 36
    uid = bytes.fromhex(tap["card_uid"])
    crossing = record.Crossing(uid, record.DIRECTIONS.index(tap["direction"]), int(tap["party"] or 1))
    crossing.assurance = record.UID if uid else record.NONE
    crossing.verdict = why.VERDICTS.index(judged["verdict"])
    crossing.reasons = sum(1 << why.REASONS.index(name) for name in judged["reasons"].split())
    crossing.roster_age = record.log2_code(_drawn(tap["tap"], "age", ROSTER_AGE_S), 31)
    crossing.rule_version = 1
    head = record.Record(record.CROSSING, 1, seconds, offset, record.SYNCED, UNCERTAINTY, crossing.pack())
    outcome = None
    if tap["outcome"]:
        late_s = GUARD_S[0] + _drawn(tap["tap"], "guard", GUARD_S[1] - GUARD_S[0] + 1)
        body = record.pack_outcome(1, record.OUTCOMES.index(tap["outcome"]), crossing.party)
        outcome = record.Record(record.OUTCOME, 1, seconds + late_s, offset, record.SYNCED, UNCERTAINTY, body)
    return Crossed(uid, uid in slots, head, outcome)
