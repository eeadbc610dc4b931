"""The JSON of reception stations: who arrived, stays, was released or left, and which travel passes were issued."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.contract import Date, Model, Name
from gateway.contract.applications import BrokenRow, Line, Words

MAX_BEDS = 100_000  # of one station: more is a slip of the finger
MAX_BLANKETS = 1_000_000
MAX_BLANKETS_EACH = 20  # given to one person
MAX_STAYS = 200  # stays a page of a list
MAX_ARRIVALS = 5000  # rows of one file of arrivals: a transaction of about a second

State = Literal["here", "released", "left"]
Optional = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=r"^[^\x00-\x08]*$")]


class StationBody(Model):
    """A reception station and what it has. `time_zone`: IANA name; its days are local days there."""

    name: Line
    time_zone: str = "Asia/Pyongyang"
    beds: int = Field(ge=0, le=MAX_BEDS)
    blankets: int = Field(ge=0, le=MAX_BLANKETS)


class Station(StationBody):
    """A station as it stands. Free beds or blankets below nought say how many are lacking.

    `over`: persons whose days have passed and whom nobody released. `passes_today`: travel passes of its local day.
    """

    code: Name
    here: int
    beds_free: int
    blankets_out: int
    blankets_free: int
    over: int
    passes_today: int


class Stations(Model):
    """Every station, by name."""

    stations: list[Station]


class Arrival(Model):
    """Somebody who arrived, with a permit (the application's id) or without. `person`: a reference, never a name."""

    station: Name
    person: Name
    application_id: Name | None = None
    arrived_on: Date
    blankets: int = Field(default=1, ge=0, le=MAX_BLANKETS_EACH)


class ArrivalRow(Arrival):
    """An arrival in a file, with the number of the stay."""

    stay_id: Name


class ArrivalsTaken(Model):
    """What became of a file of arrivals: good rows are in, whatever is wrong with others."""

    new: int
    known: int
    broken: list[BrokenRow]


class Check(Model):
    """A check: yes or no, and the day. What was found stays with the doctor."""

    done: bool
    on: Date


class Checks(Model):
    """The checks of a stay; one that is not given stays as it was."""

    medical: Check | None = None
    vaccinated: Check | None = None


class Release(Model):
    """A release. `released_on`: today when not given. An early one names its reason and who decided it."""

    released_on: Date | None = None
    reason: Reason = ""
    decided_by: Optional = ""


class Retraction(Model):
    """Why a release is taken back."""

    reason: Words


class Departure(Model):
    """Somebody is gone whom nobody released: since when, and what is known of it."""

    left_on: Date
    note: Words


class OfPermit(Model):
    """The permit that a person has, or got since."""

    application_id: Name


class StayEvent(Model):
    """One thing that happened to a stay; nothing is ever removed."""

    utc_s: int
    by: str
    what: str
    detail: str


class Stay(Model):
    """A stay. `due_on`: the day on which its days have passed. `days_over`: since then, while nobody released them.

    `ended_on`, `early`, `reason`, `decided_by`: of the release, or of the day since which they are gone.
    """

    stay_id: Name
    station: Name
    person: str
    application_id: str
    arrived_on: Date
    due_on: Date
    blankets: int
    medical: Check | None
    vaccinated: Check | None
    state: State
    ended_on: Date | None
    early: bool
    reason: str
    decided_by: str
    days_over: int


class StayPage(Model):
    """Stays, who is due first on top; `next`: after which the next page begins, "" at the end."""

    stays: list[Stay]
    next: str


class StayStory(Model):
    """A stay, all that happened to it, and the travel passes that came of it."""

    stay: Stay
    events: list[StayEvent]
    passes: list["TravelPass"]


class PassBody(Model):
    """A travel pass for onward travel to a zone. `issued_on`: today when not given."""

    stay_id: Name
    zone: Name
    issued_on: Date | None = None


class TravelPass(Model):
    """A travel pass, by the number that is printed on it."""

    number: Name
    stay_id: Name
    station: Name
    zone: Name
    issued_on: Date
    issued_by: str


class StationFigures(Model):
    """What one station did from one day to another; `here`, `over`: at the end of the last day."""

    station: Name
    arrivals: int
    arrivals_without_permit: int
    released: int
    released_early: int
    left_without_release: int
    medical_checks: int
    vaccinated: int
    passes: int
    here: int
    over: int
    beds: int
    blankets: int


class ReceptionFigures(Model):
    """What all stations did from `first` to `last`, both included, and their busiest days."""

    first: Date
    last: Date
    stations: list[StationFigures]
    arrivals: int
    passes: int
    most_passes_in_a_day: int
    most_passes_on: Date | None
    most_arrivals_in_a_day: int
    most_arrivals_on: Date | None
