"""Tables of reception: stations, stays, what happened to each, travel passes. A person is a reference here, no name."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Whole, Words
from gateway.central.store.tables import METADATA

STATIONS = Table(
    "stations",
    METADATA,
    Column("code", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("time_zone", Words, nullable=False),
    Column("beds", Whole, nullable=False),
    Column("blankets", Whole, nullable=False),
)

# Days are local days of the station, YYYY-MM-DD.
STAYS = Table(
    "stays",
    METADATA,
    Column("stay_id", Words, primary_key=True),
    Column("station", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("application_id", Words, nullable=False),  # '': without a permit
    Column("arrived_on", Words, nullable=False),
    Column("due_on", Words, nullable=False),  # from then on its days have passed
    Column("blankets", Whole, nullable=False),
    Column("medical", Whole),  # 1 yes, 0 no; NULL: not recorded
    Column("medical_on", Words),
    Column("vaccinated", Whole),
    Column("vaccinated_on", Words),
    Column("state", Words, nullable=False),  # here, released, left
    Column("ended_on", Words),  # of the release, or since when they are gone
    Column("early", Whole, nullable=False),
    Column("reason", Words, nullable=False),
    Column("decided_by", Words, nullable=False),
    Index("stays_by_due", "state", "due_on", "stay_id"),
    Index("stays_by_station", "station", "state", "due_on", "stay_id"),
    Index("stays_by_arrival", "arrived_on", "station"),
    Index("stays_by_end", "ended_on", "station"),
    Index("stays_by_person", "person"),
    Index("stays_by_application", "application_id"),
)

STAY_EVENTS = Table(
    "stay_events",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("stay_id", Words, nullable=False),
    Column("utc_s", Whole, nullable=False),
    Column("by", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Index("stay_events_by_stay", "stay_id", "number"),
)

TRAVEL_PASSES = Table(
    "travel_passes",
    METADATA,
    Column("number", Words, primary_key=True),  # as it is printed on the pass
    Column("stay_id", Words, nullable=False),
    Column("station", Words, nullable=False),
    Column("zone", Words, nullable=False),
    Column("issued_on", Words, nullable=False),
    Column("issued_by", Words, nullable=False),
    Index("travel_passes_by_day", "issued_on", "station"),
    Index("travel_passes_by_stay", "stay_id"),
)
