"""Rows of reception stations, stays, their events and travel passes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, tuple_, update

from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.tables_reception import STATIONS, STAY_EVENTS, STAYS, TRAVEL_PASSES

HERE, RELEASED, LEFT = "here", "released", "left"

_STATION = Put(STATIONS, newest=["name", "time_zone", "beds", "blankets"])
_PASS = Put(TRAVEL_PASSES)


@dataclass(frozen=True)
class StationRow:
    """A station and what it has."""

    code: str
    name: str
    time_zone: str
    beds: int
    blankets: int


@dataclass(frozen=True)
class StayRow:
    """A stay as it stands now."""

    stay_id: str
    station: str
    person: str
    application_id: str
    arrived_on: str
    due_on: str
    blankets: int
    medical: int | None = None
    medical_on: str | None = None
    vaccinated: int | None = None
    vaccinated_on: str | None = None
    state: str = HERE
    ended_on: str | None = None
    early: int = 0
    reason: str = ""
    decided_by: str = ""


@dataclass(frozen=True)
class EventRow:
    """What happened to a stay, by whom and when (UTC)."""

    stay_id: str
    utc_s: int
    by: str
    what: str
    detail: str


@dataclass(frozen=True)
class PassRow:
    """A travel pass."""

    number: str
    stay_id: str
    station: str
    zone: str
    issued_on: str
    issued_by: str


class Where(NamedTuple):
    """Which stays: of a station ("": of any), in a state, of a person ("": of anybody)."""

    state: str
    station: str = ""
    person: str = ""


class ReceptionRows:
    """Events and passes are only ever added."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put_station(self, row: StationRow) -> None:
        """Add a station, or change what it has."""
        _STATION.run(self._connection, [asdict(row)])

    def stations(self) -> dict[str, StationRow]:
        """Return every station by code, in the order of their names."""
        rows = self._connection.execute(select(STATIONS).order_by(STATIONS.c.name, STATIONS.c.code))
        return {row[0]: StationRow(*row) for row in rows}

    def stays(self, stay_ids: Iterable[str]) -> dict[str, StayRow]:
        """Return those stays that are known."""
        found: dict[str, StayRow] = {}
        for some in chunks(sorted(set(stay_ids))):
            rows = self._connection.execute(select(STAYS).where(STAYS.c.stay_id.in_(some)))
            found.update((row[0], StayRow(*row)) for row in rows)
        return found

    def here(self, persons: Iterable[str]) -> dict[str, StayRow]:
        """Return the stays of those persons who are at a station now."""
        found: dict[str, StayRow] = {}
        for some in chunks(sorted(set(persons))):
            rows = self._connection.execute(select(STAYS).where(STAYS.c.person.in_(some), STAYS.c.state == HERE))
            found.update((row[2], StayRow(*row)) for row in rows)
        return found

    def add_stays(self, rows: Iterable[StayRow]) -> None:
        """Add stays that are new."""
        values = [asdict(row) for row in rows]
        if values:
            self._connection.execute(insert(STAYS), values)

    def change_stay(self, stay_id: str, values: Mapping[str, object]) -> None:
        """Write new values over a stay's."""
        self._connection.execute(update(STAYS).where(STAYS.c.stay_id == stay_id).values(values))

    def page(self, where: Where, after: tuple[str, str], limit: int) -> list[StayRow]:
        """Return at most `limit` stays after (due_on, stay_id): who is due first on top."""
        place = tuple_(STAYS.c.due_on, STAYS.c.stay_id)
        query = select(STAYS).where(STAYS.c.state == where.state, place > tuple_(*after))
        if where.station:
            query = query.where(STAYS.c.station == where.station)
        if where.person:
            query = query.where(STAYS.c.person == where.person)
        rows = self._connection.execute(query.order_by(STAYS.c.due_on, STAYS.c.stay_id).limit(limit))
        return [StayRow(*row) for row in rows]

    def released_on(self, application_id: str) -> set[str]:
        """Return the days on which stations released whoever travels by a permit."""
        query = select(STAYS.c.ended_on).where(STAYS.c.application_id == application_id, STAYS.c.state == RELEASED)
        return {str(day) for (day,) in self._connection.execute(query)}

    def add_events(self, rows: Iterable[EventRow]) -> None:
        """Add what happened."""
        values = [asdict(row) for row in rows]
        if values:
            self._connection.execute(insert(STAY_EVENTS), values)

    def events(self, stay_id: str) -> list[EventRow]:
        """Return what happened to a stay, oldest first."""
        columns = (STAY_EVENTS.c[name] for name in ("stay_id", "utc_s", "by", "what", "detail"))
        query = select(*columns).where(STAY_EVENTS.c.stay_id == stay_id).order_by(STAY_EVENTS.c.number)
        return [EventRow(*row) for row in self._connection.execute(query)]

    def add_passes(self, rows: Iterable[PassRow]) -> None:
        """Add travel passes; a number that is known stays as it is."""
        _PASS.run(self._connection, [asdict(row) for row in rows])

    def travel_pass(self, number: str) -> PassRow | None:
        """Return the travel pass of a number."""
        row = self._connection.execute(select(TRAVEL_PASSES).where(TRAVEL_PASSES.c.number == number)).first()
        return PassRow(*row) if row else None

    def passes_of(self, stay_id: str) -> list[PassRow]:
        """Return the travel passes that came of a stay, oldest first."""
        query = select(TRAVEL_PASSES).where(TRAVEL_PASSES.c.stay_id == stay_id)
        rows = self._connection.execute(query.order_by(TRAVEL_PASSES.c.issued_on, TRAVEL_PASSES.c.number))
        return [PassRow(*row) for row in rows]
