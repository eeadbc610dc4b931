"""What the office reads: pages of the feed, the current state of every crossing, the table by crossing point."""

from dataclasses import dataclass
from typing import Any

from checkpost.reasons import VERDICTS
from gateway.central.store import Store, Transaction

Table = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page of crossings as JSON text, and the log as it stood in the same instant."""

    text: str
    crossings: int
    position: int
    rows: int  # on this page


class Office:
    """Reads through one store; no answer takes longer because the log is long."""

    def __init__(self, store: Store):
        self._store = store
        self.log_id = store.log_id

    def page(self, after: int, limit: int, every_change: bool) -> Page:
        """Return at most `limit` crossings after a position: every change, or the current states only."""
        with self._store.read() as transaction:
            log = transaction.log
            rows = log.feed(after, limit + 1) if every_change else _current(transaction, after, limit + 1)
            newest, held = log.position(), transaction.tally.crossings() - transaction.erasing.crossings()
        more = len(rows) > limit
        rows = rows[:limit]
        position = rows[-1][0] if rows else after
        crossings = ",".join(with_position(*row) for row in rows)
        text = f'{{"crossings":[{crossings}],"position":{position},"more":{"true" if more else "false"}}}'
        return Page(text, held, newest, len(rows))

    def latest(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return (position, JSON) of the crossings that changed last: at most `limit`, oldest change first."""
        with self._store.read() as transaction:
            return [(at, with_position(at, body)) for at, body in transaction.log.newest(after, limit)]

    def position(self) -> int:
        """Return the newest position of the feed."""
        with self._store.read() as transaction:
            return transaction.log.position()

    def points(self) -> dict[str, str]:
        """Return the names of the crossing points by code, in the order of the names."""
        with self._store.read() as transaction:
            points = transaction.knowledge.all("crossing_point")
        return dict(sorted(((point["code"], point["name"]) for point in points), key=lambda at: str(at[1])))

    def crossings_of(self, permit: str, card_uid: str, limit: int) -> list[Table]:
        """Return at most `limit` crossings of a card (upper-case hex, "" for none) or of a permit, newest first."""
        with self._store.read() as transaction:
            states = transaction.crossings.newest_of_card(card_uid, limit) if card_uid else []
            states = states or transaction.crossings.newest_of_permit(permit, limit)
        return [state.shown() for state in states]

    def table(self) -> Table:
        """Return taps, persons, and by point its verdicts and primary reasons; points without a tap are left out."""
        with self._store.read() as transaction:
            cells = sorted(transaction.tally.cells())
            frequent = transaction.tally.frequent()
            codes = [point["code"] for point in transaction.knowledge.all("crossing_point")]
        by_point: Table = {code: {} for code in codes if any(cell[0] == code for cell, _, _ in cells)}
        for (point, verdict, reason), crossings, _ in cells:
            row = by_point[point]
            row[verdict] = row.get(verdict, 0) + crossings
            reasons = row.setdefault("reasons", {})
            if reason:
                reasons[reason] = crossings + reasons.get(reason, 0)
        return {
            "taps": sum(crossings for _, crossings, _ in cells),
            "persons": sum(persons for _, _, persons in cells),
            "by_crossing_point": by_point,
            "frequent_crossers": frequent,
        }

    def board(self) -> Table:
        """Return what the page shows above the crossings: a row a crossing point, and the sums."""
        with self._store.read() as transaction:
            cells = transaction.tally.cells()
            points = transaction.knowledge.all("crossing_point")
            position = transaction.log.position()
        rows = {point["code"]: _row(point["code"], point["name"], point["kind"]) for point in points}
        total = _row("", "All points", "")
        for (code, verdict, _), crossings, persons in cells:
            for row in (rows[code], total):
                row[verdict] += crossings
                row["crossings"] += crossings
                row["persons"] += persons
        return {"position": position, "points": sorted(rows.values(), key=lambda row: str(row["name"])), "total": total}


def _current(transaction: Transaction, after: int, limit: int) -> list[tuple[int, str]]:
    """Return current states, and what became of crossings that were erased, in the order of positions."""
    return sorted(transaction.log.current(after, limit) + transaction.erasing.said(after, limit))[:limit]


def with_position(position: int, body: str) -> str:
    """Return a crossing's JSON with its position in front."""
    return f'{{"position":{position},{body[1:]}'


def _row(code: str, name: str, kind: str) -> Table:
    return {"code": code, "name": name, "kind": kind, "crossings": 0, "persons": 0} | dict.fromkeys(VERDICTS, 0)
