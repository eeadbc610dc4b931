"""Counts by crossing point, local day and verdict."""

from checkpost.dates import format_date, parse_date
from checkpost.reasons import VERDICTS
from gateway.central.store import Store
from gateway.contract.office import DayCount, Statistics


class Statistician:
    """Reads through one store."""

    def __init__(self, store: Store):
        self._store = store

    def by_day(self, first: str, last: str, max_days: int) -> Statistics:
        """Return the counts from one local day to another; ValueError when these are no days or too many."""
        first_day, last_day = parse_date(first), parse_date(last)
        if not 0 <= last_day - first_day < max_days:
            raise ValueError(f"from first to last there may be at most {max_days} days, and at least one")
        with self._store.read() as transaction:
            rows = transaction.tally.by_day(first_day, last_day)
            position = transaction.log.position()
        counts = [
            DayCount(
                crossing_point=point,
                day=format_date(day),
                verdict=VERDICTS[verdict],
                crossings=crossings,
                persons=persons,
            )
            for point, day, verdict, crossings, persons in rows
        ]
        return Statistics(counts=counts, position=position)

    def newest_day(self) -> str | None:
        """Return the newest local day with a crossing."""
        with self._store.read() as transaction:
            day = transaction.tally.newest_day()
        return None if day is None else format_date(day)
