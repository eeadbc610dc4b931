"""What the live page shows: crossings without a word of who it was, a lane's last answer, boards. Read, not judged."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from checkpost import reasons as why
from checkpost.anchor import CLOCKS
from checkpost.record import DIRECTIONS, OUTCOMES, UNSET
from checkpost.source import SOURCES, TAP
from gateway.contract import CONSOLE_LANE
from gateway.status import boards_now
from gateway.store.arrivals import Cursor, Key, key_of
from gateway.store.store import Store
from gateway.verdict.facts import CrossingRow
from gateway.view import look

QUARTER_S = 900


class Crossing(NamedTuple):
    """One crossing for the page. `at_s`: its place in time; `why`: names, primary first; `source`: `tap`, or how it was
    entered; `changed`: what the panel had shown, when it was another answer."""

    key: str
    at_s: int
    time: str
    date: str
    point: str
    board: int
    direction: str
    party: int
    verdict: str
    why: list[str]
    notes: list[str]
    outcome: str
    clock: str
    source: str
    changed: str


class Lane(NamedTuple):
    """A board as its lane: `state` of `gateway.status.boards_now`, the last crossing, and its age in seconds."""

    board: int
    name: str
    point: str
    lane: str
    state: dict[str, Any]
    last: Crossing | None
    age_s: int


class Picture(NamedTuple):
    """A moment of the store, as the page shows it. `open`: questions that wait for a person."""

    cursor: Cursor
    lanes: list[Lane]
    fresh: list[Crossing]
    open: int
    waiting: int


def crossing_of(store: Store, key: Key) -> Crossing | None:
    """Return a crossing for the page, None for one that is not held."""
    row = store.records.crossing(*key)
    return shown(row) if row else None


def shown(row: CrossingRow) -> Crossing:
    """Return a stored crossing for the page: by the newest verdict, before there is one by what the panel showed."""
    judged = row.verdict is not None
    verdict = why.VERDICTS[row.verdict if row.verdict is not None else row.board_verdict]
    panel = why.VERDICTS[row.board_verdict]
    reasons = row.reasons if judged else row.board_reasons
    causes = row.causes if judged else row.board_causes
    local = datetime.fromtimestamp(row.utc_s, UTC) + timedelta(seconds=row.offset * QUARTER_S)
    return Crossing(
        key=".".join(map(str, key_of(row))),
        at_s=row.order_s,
        time=f"{local:%H:%M:%S}",
        date=f"{local:%Y-%m-%d}",
        point=row.crossing_point,
        board=row.board,
        direction=DIRECTIONS[row.direction],
        party=row.outcome_party or row.party,
        verdict=verdict,
        why=why.names(reasons or 0, why.REASONS) + why.names(causes or 0, why.CAUSES),
        notes=why.names(row.notes or 0, why.NOTES),
        outcome=OUTCOMES[row.outcome],
        clock=CLOCKS[row.trust],
        source=SOURCES[row.source] if row.source < len(SOURCES) else str(row.source),
        changed="" if row.source != TAP or panel == verdict else panel,
    )


def picture(store: Store, live: dict[str, Any], seen: Cursor | None, limit: int, now_s: int) -> Picture:
    """Return the page's state now, and what came after `seen` (None: the newest), at most `limit`, oldest first."""
    cursor = store.arrivals.cursor()
    return Picture(
        cursor=cursor,
        lanes=lanes(store, live, now_s),
        fresh=fresh(store, seen, cursor, limit),
        open=sum(store.reviews.open_flags().values()),
        waiting=store.records.waiting(),
    )


def fresh(store: Store, seen: Cursor | None, now: Cursor, limit: int) -> list[Crossing]:
    """Return the crossings that changed after `seen` (None: the newest ones), at most `limit`, oldest first."""
    keys = store.arrivals.newest(limit) if seen is None else store.arrivals.since(seen, now, limit)
    found = [crossing for key in keys if (crossing := crossing_of(store, key))]
    return sorted(found, key=lambda crossing: crossing.at_s)[-limit:]


def lanes(store: Store, live: dict[str, Any], now_s: int) -> list[Lane]:
    """Return every board of this gateway as its lane, by point and lane."""
    view = look(store)
    found = []
    for state in boards_now(store, view, live):
        if state["lane"] == CONSOLE_LANE:
            continue  # this console's own: nobody crosses there
        point = view.points.get(state["crossing_point"])
        key = store.arrivals.last_of(state["board"])
        row = store.records.crossing(*key) if key else None
        last = shown(row) if row else None
        at_s = _moment(store, row) if row else 0
        name = point.name if point else state["crossing_point"]
        place = (state["board"], name, state["crossing_point"], state["lane"])
        found.append(Lane(*place, state, last, max(0, now_s - at_s)))
    return sorted(found, key=lambda lane: (lane.point, lane.lane, lane.board))


def _moment(store: Store, row: CrossingRow) -> int:
    """Return when a crossing was; without a clock, when it came in."""
    return row.utc_s if row.trust != UNSET else store.arrivals.received_s(key_of(row))
