"""Rows of the office's table: how many crossings and persons, by point, verdict and primary reason."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from gateway.central.store.tables import FREQUENT, TALLY

Cell = tuple[str, str, str]  # crossing point, verdict, primary reason

_CELL_IN = insert(TALLY)
_MOVE = _CELL_IN.on_conflict_do_update(
    index_elements=["crossing_point", "verdict", "reason"],
    set_={name: TALLY.c[name] + _CELL_IN.excluded[name] for name in ("crossings", "persons")},
)


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
        if rows:
            self._connection.execute(_MOVE, rows)

    def move_frequent(self, permits: Mapping[str, int]) -> None:
        """Add to how many crossings of these permits carry the note `frequent`."""
        rows = [{"permit": permit, "crossings": by} for permit, by in permits.items() if by]
        if not rows:
            return
        order = insert(FREQUENT)
        sums = {"crossings": FREQUENT.c.crossings + order.excluded.crossings}
        self._connection.execute(order.on_conflict_do_update(index_elements=["permit"], set_=sums), rows)
        self._connection.execute(delete(FREQUENT).where(FREQUENT.c.crossings == 0))

    def cells(self) -> list[tuple[Cell, int, int]]:
        """Return every cell that counts something, with its crossings and persons."""
        query = select(TALLY).where(TALLY.c.crossings != 0)
        return [((row[0], row[1], row[2]), row[3], row[4]) for row in self._connection.execute(query)]

    def frequent(self) -> int:
        """Return how many permits carry the note `frequent`."""
        return self._connection.execute(select(func.count()).select_from(FREQUENT)).scalar_one()

    def crossings(self) -> int:
        """Return how many crossings the log holds."""
        return self._connection.execute(select(func.sum(TALLY.c.crossings))).scalar() or 0
