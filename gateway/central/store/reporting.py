"""What the situation report counts across areas, and no area counts for itself."""

from sqlalchemy import Column, ColumnElement, Connection, func, select

from checkpost.calendar import DAY_S
from checkpost.reasons import REFER
from gateway.central.store.crossings import QUARTER_S
from gateway.central.store.rights_tables import ERASURE_ORDERS
from gateway.central.store.tables import CROSSINGS, READS
from gateway.central.store.tables_reviews import REVIEWS


class ReportRows:
    """Counts only; spans of seconds include their first and last."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def unpermitted(self, first_day: int, last_day: int) -> list[tuple[str, int, int]]:
        """Return (point, mask of reasons, crossings) of what was referred, by local day."""
        day = (CROSSINGS.c.utc_s + CROSSINGS.c.offset_quarters * QUARTER_S) // DAY_S
        keys = CROSSINGS.c.crossing_point, CROSSINGS.c.reasons
        query = select(*keys, func.count()).where(CROSSINGS.c.verdict == REFER, day.between(first_day, last_day))
        return [(point, mask, count) for point, mask, count in self._connection.execute(query.group_by(*keys))]

    def reviews_opened(self, first_s: int, last_s: int) -> int:
        """Return how many reviews were opened."""
        return self._count(REVIEWS.c.opened_s.between(first_s, last_s), REVIEWS.c.number)

    def reviews_decided(self, first_s: int, last_s: int) -> dict[str, int]:
        """Return how many reviews were decided, by disposition."""
        query = select(REVIEWS.c.disposition, func.count()).where(REVIEWS.c.decided_s.between(first_s, last_s))
        rows = self._connection.execute(query.group_by(REVIEWS.c.disposition))
        return {str(name): int(count) for name, count in rows}

    def reads(self, first_s: int, last_s: int) -> int:
        """Return how often personal data were read."""
        return self._count(READS.c.utc_s.between(first_s, last_s), READS.c.number)

    def erasures_asked(self, first_s: int, last_s: int) -> dict[str, int]:
        """Return how many erasures were asked for, by what became of them."""
        query = select(ERASURE_ORDERS.c.state, func.count()).where(ERASURE_ORDERS.c.opened_s.between(first_s, last_s))
        rows = self._connection.execute(query.group_by(ERASURE_ORDERS.c.state))
        return {str(state): int(count) for state, count in rows}

    def _count(self, where: ColumnElement[bool], column: Column[int]) -> int:
        return self._connection.execute(select(func.count(column)).where(where)).scalar_one()
