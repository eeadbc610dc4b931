"""What stations have, hold and did, counted by the store; each count goes by an index."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from gateway.central.store.parts import within
from gateway.central.store.reception import HERE, LEFT, RELEASED
from gateway.central.store.tables_reception import STAYS, TRAVEL_PASSES


class Load(NamedTuple):
    """What a station holds: persons, their blankets, and persons whose days have passed."""

    here: int
    blankets: int
    over: int


class Ended(NamedTuple):
    """How stays of a station ended."""

    released: int
    early: int
    left: int


class Arrived(NamedTuple):
    """Who arrived at a station, and what was recorded of them."""

    arrivals: int
    without_permit: int
    medical: int
    vaccinated: int


class Peak(NamedTuple):
    """The day with the most of something, and how many; the earliest of several. None: there was nothing."""

    day: str | None
    number: int


class ReceptionCounts:
    """Counts by station code; a station with nothing is left out."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def load(self, day: str) -> dict[str, Load]:
        """Return what each station holds now; who is over by the end of a day."""
        over = func.sum(_one(STAYS.c.due_on <= day))
        query = select(STAYS.c.station, func.count(), func.sum(STAYS.c.blankets), over)
        rows = self._connection.execute(query.where(STAYS.c.state == HERE).group_by(STAYS.c.station))
        return {row[0]: Load(*map(int, row[1:])) for row in rows}

    def load_at_end_of(self, day: str) -> dict[str, Load]:
        """Return what each station held at the end of a day: who had arrived, and had not ended their stay by then."""
        there = or_(STAYS.c.state == HERE, STAYS.c.ended_on > day)
        over = func.sum(_one(STAYS.c.due_on <= day))
        query = select(STAYS.c.station, func.count(), func.sum(STAYS.c.blankets), over)
        rows = self._connection.execute(query.where(STAYS.c.arrived_on <= day, there).group_by(STAYS.c.station))
        return {row[0]: Load(*map(int, row[1:])) for row in rows}

    def arrived(self, first: str, last: str) -> dict[str, Arrived]:
        """Return who arrived from one day to another."""
        done = (func.sum(_one(column == 1)) for column in (STAYS.c.medical, STAYS.c.vaccinated))
        query = select(STAYS.c.station, func.count(), func.sum(_one(STAYS.c.application_id == "")), *done)
        rows = self._connection.execute(query.where(within(STAYS.c.arrived_on, first, last)).group_by(STAYS.c.station))
        return {row[0]: Arrived(*map(int, row[1:])) for row in rows}

    def ended(self, first: str, last: str) -> dict[str, Ended]:
        """Return whose stay ended from one day to another."""
        released = STAYS.c.state == RELEASED
        sums = (released, and_(released, STAYS.c.early == 1), STAYS.c.state == LEFT)
        query = select(STAYS.c.station, *(func.sum(_one(condition)) for condition in sums))
        rows = self._connection.execute(query.where(within(STAYS.c.ended_on, first, last)).group_by(STAYS.c.station))
        return {row[0]: Ended(*map(int, row[1:])) for row in rows}

    def passes(self, first: str, last: str) -> dict[str, int]:
        """Return how many travel passes each station issued from one day to another."""
        query = select(TRAVEL_PASSES.c.station, func.count())
        query = query.where(within(TRAVEL_PASSES.c.issued_on, first, last)).group_by(TRAVEL_PASSES.c.station)
        return {str(station): int(count) for station, count in self._connection.execute(query)}

    def most_passes(self, first: str, last: str) -> Peak:
        """Return the day on which most travel passes were issued, over all stations."""
        return self._peak(TRAVEL_PASSES.c.issued_on, first, last)

    def most_arrivals(self, first: str, last: str) -> Peak:
        """Return the day on which most persons arrived, over all stations."""
        return self._peak(STAYS.c.arrived_on, first, last)

    def over(self, day: str) -> tuple[int, str | None]:
        """Return how many days have passed without a release by a day, over all stations, and the oldest such day."""
        where = (STAYS.c.state == HERE, STAYS.c.due_on <= day)
        row = self._connection.execute(select(func.count(), func.min(STAYS.c.due_on)).where(*where)).one()
        return int(row[0]), row[1]

    def _peak(self, column: ColumnElement[str], first: str, last: str) -> Peak:
        query = select(column, func.count()).where(within(column, first, last)).group_by(column)
        row = self._connection.execute(query.order_by(func.count().desc(), column).limit(1)).first()
        return Peak(str(row[0]), int(row[1])) if row else Peak(None, 0)


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
