"""Rows of the office's table: how many crossings and persons, by point, verdict and primary reason."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from gateway.central.store.ask import Ask
from gateway.central.store.put import Put
from gateway.central.store.tables import DAYS, FREQUENT, TALLY

Cell = tuple[str, str, str]  # crossing point, verdict, primary reason
DayCell = tuple[int, str, int]  # local day, crossing point, verdict
By = tuple[int, int]  # crossings, persons


class Moves(NamedTuple):
    """By how much counts change: of cells, of days, and how many crossings of a permit carry the note `frequent`."""

    cells: Mapping[Cell, By]
    days: Mapping[DayCell, By]
    frequent: Mapping[str, int]


_MOVE = Put(TALLY, sums=["crossings", "persons"])
_MOVE_DAYS = Put(DAYS, sums=["crossings", "persons"])
_MOVE_FREQUENT = Put(FREQUENT, sums=["crossings"])
_CROSSINGS = Ask(select(func.sum(TALLY.c.crossings)))
_NO_LONGER = delete(FREQUENT).where(FREQUENT.c.crossings == 0)


class TallyRows:
    """Counts move by differences, in the transaction of the crossings that they count."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def move(self, moves: Moves) -> None:
        """Add to what is counted."""
        self._move_cells(moves.cells)
        self._move_days(moves.days)
        self._move_frequent(moves.frequent)

    def _move_cells(self, cells: Mapping[Cell, By]) -> None:
        rows = [
            {"crossing_point": cell[0], "verdict": cell[1], "reason": cell[2], "crossings": by[0], "persons": by[1]}
            for cell, by in cells.items()
            if by != (0, 0)
        ]
        _MOVE.run(self._connection, rows)

    def _move_days(self, cells: Mapping[DayCell, By]) -> None:
        rows = [
            {"day": cell[0], "crossing_point": cell[1], "verdict": cell[2], "crossings": by[0], "persons": by[1]}
            for cell, by in cells.items()
            if by != (0, 0)
        ]
        _MOVE_DAYS.run(self._connection, rows)

    def _move_frequent(self, permits: Mapping[str, int]) -> None:
        rows = [{"permit": permit, "crossings": by} for permit, by in permits.items() if by]
        if not rows:
            return
        _MOVE_FREQUENT.run(self._connection, rows)
        self._connection.execute(_NO_LONGER)

    def cells(self) -> list[tuple[Cell, int, int]]:
        """Return every cell that counts something, with its crossings and persons."""
        query = select(TALLY).where(TALLY.c.crossings != 0)
        return [((row[0], row[1], row[2]), row[3], row[4]) for row in self._connection.execute(query)]

    def by_day(self, first_day: int, last_day: int) -> list[tuple[str, int, int, int, int]]:
        """Return (point, local day, verdict, crossings, persons); days as `checkpost.calendar` counts them."""
        at = DAYS.c.crossing_point, DAYS.c.day, DAYS.c.verdict
        query = select(*at, DAYS.c.crossings, DAYS.c.persons)
        query = query.where(DAYS.c.day.between(first_day, last_day), DAYS.c.crossings != 0).order_by(*at)
        return [(row[0], row[1], row[2], row[3], row[4]) for row in self._connection.execute(query)]

    def days(self) -> list[tuple[str, int, int, int, int]]:
        """Return (point, local day, verdict, crossings, persons) of every day that counts something."""
        columns = DAYS.c.crossing_point, DAYS.c.day, DAYS.c.verdict, DAYS.c.crossings, DAYS.c.persons
        rows = self._connection.execute(select(*columns).where((DAYS.c.crossings != 0) | (DAYS.c.persons != 0)))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]

    def newest_day(self) -> int | None:
        """Return the newest local day with a crossing."""
        return self._connection.execute(select(func.max(DAYS.c.day)).where(DAYS.c.crossings != 0)).scalar()

    def frequent(self) -> int:
        """Return how many permits carry the note `frequent`."""
        return self._connection.execute(select(func.count()).select_from(FREQUENT)).scalar_one()

    def frequent_permits(self) -> list[tuple[str, int]]:
        """Return the permits that carry the note `frequent`, and on how many of their crossings."""
        return [(permit, count) for permit, count in self._connection.execute(select(FREQUENT))]

    def crossings(self) -> int:
        """Return how many crossings the log holds."""
        return int(_CROSSINGS.value(self._connection) or 0)
