"""Rows of the office's table: how many crossings and persons, by point, verdict and primary reason."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select

from gateway.central.store.put import Put
from gateway.central.store.tables import FREQUENT, TALLY

Cell = tuple[str, str, str]  # crossing point, verdict, primary reason

_MOVE = Put(TALLY, sums=["crossings", "persons"])
_MOVE_FREQUENT = Put(FREQUENT, sums=["crossings"])
_NO_LONGER = delete(FREQUENT).where(FREQUENT.c.crossings == 0)


class TallyRows:
    """Counts move by differences, in the transaction of the crossings that they count."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def move(self, cells: Mapping[Cell, tuple[int, int]]) -> None:
        """Add (crossings, persons) to cells."""
        rows = [
            {"crossing_point": cell[0], "verdict": cell[1], "reason": cell[2], "crossings": by[0], "persons": by[1]}
            for cell, by in cells.items()
            if by != (0, 0)
        ]
        _MOVE.run(self._connection, rows)

    def move_frequent(self, permits: Mapping[str, int]) -> None:
        """Add to how many crossings of these permits carry the note `frequent`."""
        rows = [{"permit": permit, "crossings": by} for permit, by in permits.items() if by]
        if not rows:
            return
        _MOVE_FREQUENT.run(self._connection, rows)
        self._connection.execute(_NO_LONGER)

    def cells(self) -> list[tuple[Cell, int, int]]:
        """Return every cell that counts something, with its crossings and persons."""
        query = select(TALLY).where(TALLY.c.crossings != 0)
        return [((row[0], row[1], row[2]), row[3], row[4]) for row in self._connection.execute(query)]

    def frequent(self) -> int:
        """Return how many permits carry the note `frequent`."""
        return self._connection.execute(select(func.count()).select_from(FREQUENT)).scalar_one()

    def crossings(self) -> int:
        """Return how many crossings the log holds."""
        return int(self._connection.execute(select(func.sum(TALLY.c.crossings))).scalar() or 0)
