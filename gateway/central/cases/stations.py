"""Reception stations as a whole: what they have and hold, files of arrivals, and their figures."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.central.access import Caller
from gateway.central.cases.csvrows import Good, read_rows, whole
from gateway.central.cases.reception import already_here, differing, opened, stay_days
from gateway.central.cases.wrong import check_days, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.central.store.reception import EventRow, StationRow, StayRow
from gateway.central.store.reception_counts import Arrived, Ended, Load
from gateway.contract.applications import BrokenRow
from gateway.contract.reception import (
    MAX_ARRIVALS,
    ArrivalRow,
    ArrivalsTaken,
    ReceptionFigures,
    Station,
    StationBody,
    StationFigures,
    Stations,
)

REQUIRED = frozenset(("stay_id", "station", "person", "arrived_on"))
LAST_DAY = "9999-12-31"


class StationOffice:
    """Reads and writes through one store. `utc_ms`: the centre's clock."""

    def __init__(self, store: Store, utc_ms: Callable[[], int], time: OfficeTime):
        self._store = store
        self._utc_ms = utc_ms
        self._time = time

    def put(self, code: str, body: StationBody) -> Station:
        """Enter a station, or change what it has."""
        try:
            ZoneInfo(body.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise not_valid("time_zone", f"{body.time_zone!r} is no time zone, such as Asia/Pyongyang") from error
        with self._store.write() as transaction:
            transaction.reception.put_station(StationRow(code, **body.model_dump()))
        return next(one for one in self.all().stations if one.code == code)

    def all(self) -> Stations:
        """Return every station as it stands."""
        with self._store.read() as transaction:
            rows = list(transaction.reception.stations().values())
            days = {row.time_zone: OfficeTime(self._utc_ms, row.time_zone).today() for row in rows}
            # Stations of one day are counted together.
            load = {day: transaction.reception_counts.load(day) for day in set(days.values())}
            passes = {day: transaction.reception_counts.passes(day, day) for day in set(days.values())}
        found = []
        for row in rows:
            day = days[row.time_zone]
            found.append(_station(row, load[day].get(row.code, Load(0, 0, 0)), passes[day].get(row.code, 0)))
        return Stations(stations=found)

    def names(self) -> dict[str, str]:
        """Return the names of the stations by code, without counting what they hold."""
        with self._store.read() as transaction:
            return {row.code: row.name for row in transaction.reception.stations().values()}

    def take_file(self, text: str, caller: Caller) -> ArrivalsTaken:
        """Take in a file of arrivals: good rows go in, each other is named; the same file again changes nothing."""
        good: list[Good[ArrivalRow]] = []
        broken: list[BrokenRow] = []
        for found in read_rows(text, ArrivalRow, {"blankets": whole}, REQUIRED):
            if isinstance(found, BrokenRow):
                broken.append(found)
            else:
                good.append(found)
        if len(good) + len(broken) > MAX_ARRIVALS:
            raise not_valid("", f"a file may have at most {MAX_ARRIVALS} rows; split it")
        with self._store.write() as transaction:
            rows = _Rows(transaction, good, self._days(transaction))
            transaction.reception.add_stays(rows.new)
            now_s = self._utc_ms() // 1000
            said = [(row.stay_id, f"at {row.station} on {row.arrived_on}") for row in rows.new]
            transaction.reception.add_events([EventRow(id_, now_s, caller.name, "arrived", text) for id_, text in said])
        broken = sorted([*broken, *rows.broken], key=lambda row: row.line)
        return ArrivalsTaken(new=len(rows.new), known=rows.known, broken=broken)

    def figures(self, first: str, last: str) -> ReceptionFigures:
        """Return what the stations did from one day to another, both included, and what they held at its end."""
        check_days(first=first, last=last)
        if first > last:
            raise not_valid("first", f"{first} comes after {last}")
        with self._store.read() as transaction:
            counts = transaction.reception_counts
            stations = list(transaction.reception.stations().values())
            arrived, ended = counts.arrived(first, last), counts.ended(first, last)
            passes, load = counts.passes(first, last), counts.load_at_end_of(last)
            most_passes, most_arrivals = counts.most_passes(first, last), counts.most_arrivals(first, last)
        rows = [
            _figures(
                row,
                arrived.get(row.code, Arrived(0, 0, 0, 0)),
                ended.get(row.code, Ended(0, 0, 0)),
                load.get(row.code, Load(0, 0, 0)),
                passes.get(row.code, 0),
            )
            for row in stations
        ]
        return ReceptionFigures(
            first=first,
            last=last,
            stations=rows,
            arrivals=sum(row.arrivals for row in rows),
            passes=sum(row.passes for row in rows),
            most_passes_in_a_day=most_passes.number,
            most_passes_on=most_passes.day,
            most_arrivals_in_a_day=most_arrivals.number,
            most_arrivals_on=most_arrivals.day,
        )

    def over(self) -> tuple[int, str | None]:
        """Return how many stays have outlasted their days without a release, and since when the oldest has."""
        with self._store.read() as transaction:
            return transaction.reception_counts.over(self._time.today())

    def _days(self, transaction: Transaction) -> dict[str, str]:
        stations = transaction.reception.stations()
        return {code: OfficeTime(self._utc_ms, row.time_zone).today() for code, row in stations.items()}


class _Rows:
    """The good rows of a file held against what is known: which are new, how many are known, and which do not fit."""

    def __init__(self, transaction: Transaction, good: list[Good[ArrivalRow]], days: dict[str, str]):
        self.new: list[StayRow] = []
        self.broken: list[BrokenRow] = []
        self.known = 0
        self._days = days
        self._held = transaction.reception.stays(one.row.stay_id for one in good)
        self._here = transaction.reception.here(one.row.person for one in good)
        asked = {one.row.application_id for one in good if one.row.application_id}
        self._permits = transaction.knowledge.get("application", asked).keys()
        of_stay = stay_days(transaction)
        for one in good:
            column, reason = self._wrong(one.row)
            if reason:
                self.broken.append(BrokenRow(line=one.line, column=column, reason=reason))
            elif one.row.stay_id in self._held:
                self.known += 1
            else:
                row = opened(one.row.stay_id, one.row, of_stay)
                self.new.append(row)
                self._held[row.stay_id] = self._here[row.person] = row

    def _wrong(self, given: ArrivalRow) -> tuple[str, str]:
        """Return (column, reason) of what does not fit; ("", "") when all does."""
        today = self._days.get(given.station)
        if today is None:
            return "station", f"there is no station {given.station}"
        try:
            check_days(arrived_on=given.arrived_on)
        except Problem as problem:
            return "arrived_on", problem.detail
        if given.arrived_on > today:
            return "arrived_on", f"{given.arrived_on} is still to come; today is {today}"
        if given.application_id and given.application_id not in self._permits:
            return "application_id", f"there is no application {given.application_id}"
        held = self._held.get(given.stay_id)
        if held:
            other = differing(held, given)
            return (other, f"the stay {held.stay_id} is entered with {getattr(held, other)}") if other else ("", "")
        here = self._here.get(given.person)
        return ("person", already_here(here)) if here else ("", "")


def _station(row: StationRow, load: Load, passes_today: int) -> Station:
    return Station(
        **vars(row),
        here=load.here,
        beds_free=row.beds - load.here,
        blankets_out=load.blankets,
        blankets_free=row.blankets - load.blankets,
        over=load.over,
        passes_today=passes_today,
    )


def _figures(row: StationRow, arrived: Arrived, ended: Ended, load: Load, passes: int) -> StationFigures:
    return StationFigures(
        station=row.code,
        arrivals=arrived.arrivals,
        arrivals_without_permit=arrived.without_permit,
        released=ended.released,
        released_early=ended.early,
        left_without_release=ended.left,
        medical_checks=arrived.medical,
        vaccinated=arrived.vaccinated,
        passes=passes,
        here=load.here,
        over=load.over,
        beds=row.beds,
        blankets=row.blankets,
    )
