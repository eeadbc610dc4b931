"""Reception stations: arrivals, checks, releases, travel passes, capacity and figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query

from gateway.central.access import Caller
from gateway.central.api.parts import AsClerk, AsCounter, AsIntake, AsOffice, Parts, Purpose, ThePart
from gateway.central.cases.paging import split_cursor
from gateway.central.store.reception import Where
from gateway.contract import Date, Name
from gateway.contract.reception import (
    MAX_STAYS,
    Arrival,
    ArrivalsTaken,
    Checks,
    Departure,
    OfPermit,
    PassBody,
    ReceptionFigures,
    Release,
    Retraction,
    Station,
    StationBody,
    Stations,
    Stay,
    StayPage,
    StayStory,
    TravelPass,
)

ROUTER = APIRouter(prefix="/v1", tags=["reception"])
MAX_FILE = 2 << 20  # characters of a file of arrivals: MAX_ARRIVALS long rows


@ROUTER.get("/stations")
def stations(the: ThePart, _: AsCounter) -> Stations:
    """Return every reception station: who is there, beds, blankets, passes of today."""
    return the.stations.all()


@ROUTER.put("/stations/{code}")
def put_station(code: Name, station: StationBody, the: ThePart, _: AsClerk) -> Station:
    """Enter a station, or change what it has."""
    return the.stations.put(code, station)


@ROUTER.get("/stays")
def stays(
    the: ThePart,
    caller: AsOffice,
    state: Literal["here", "released", "left"] = "here",
    station: Name | None = None,
    person: Name | None = None,
    after: Annotated[str, Query(max_length=80, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_STAYS)] = MAX_STAYS,
    purpose: Purpose = "",
) -> StayPage:
    """Return stays, who is due first on top."""
    found = the.reception.page(Where(state, station or "", person or ""), split_cursor(after), limit)
    the.reads.note(caller, purpose, f"stays {state} {station or 'everywhere'}", len(found.stays), person or "")
    return found


@ROUTER.put("/stays/{stay_id}")
def take_in(stay_id: Name, arrival: Arrival, the: ThePart, caller: AsIntake) -> Stay:
    """Take in somebody who arrived, under a number of one's own; the same again changes nothing."""
    return _of(the, caller, "taken in", the.reception.take_in(stay_id, arrival, caller))


@ROUTER.post("/arrivals")
def take_arrivals(
    file: Annotated[str, Body(media_type="text/csv", max_length=MAX_FILE)], the: ThePart, caller: AsIntake
) -> ArrivalsTaken:
    """Take in a CSV file of arrivals: good rows go in, each other is named by line, column and reason."""
    return the.stations.take_file(file, caller)


@ROUTER.get("/stays/{stay_id}")
def story(stay_id: Name, the: ThePart, caller: AsOffice, purpose: Purpose = "") -> StayStory:
    """Return a stay, all that happened to it, and its travel passes."""
    found = the.reception.story(stay_id)
    the.reads.note(caller, purpose, f"stay {stay_id}", 1, found.stay.person)
    return found


@ROUTER.put("/stays/{stay_id}/checks")
def check(stay_id: Name, checks: Checks, the: ThePart, caller: AsClerk) -> Stay:
    """Record the medical check or the vaccination: yes or no, and the day, nothing else."""
    return _of(the, caller, "checked", the.reception.check(stay_id, checks, caller))


@ROUTER.put("/stays/{stay_id}/permit")
def give_permit(stay_id: Name, permit: OfPermit, the: ThePart, caller: AsClerk) -> Stay:
    """Note the permit that a person has, or got since; if they were released, it opens onward travel."""
    return _of(the, caller, "permit noted", the.reception.give_permit(stay_id, permit.application_id, caller))


@ROUTER.post("/stays/{stay_id}/release")
def release(stay_id: Name, release: Release, the: ThePart, caller: AsClerk) -> Stay:
    """Release somebody: their permit opens onward travel from that day on. An early release needs reason and person."""
    return _of(the, caller, "released", the.reception.release(stay_id, release, caller))


@ROUTER.post("/stays/{stay_id}/departure")
def gone(stay_id: Name, departure: Departure, the: ThePart, caller: AsClerk) -> Stay:
    """Note that somebody is gone whom nobody released: a question, which accuses nobody."""
    return _of(the, caller, "gone", the.reception.gone(stay_id, departure, caller))


@ROUTER.post("/stays/{stay_id}/retraction")
def take_back(stay_id: Name, retraction: Retraction, the: ThePart, caller: AsClerk) -> Stay:
    """Take the end of a stay back, with a reason: a wrong release, or somebody who is here again."""
    return _of(the, caller, "taken back", the.reception.take_back(stay_id, retraction.reason, caller))


@ROUTER.put("/travel-passes/{number}")
def issue_pass(number: Name, travel_pass: PassBody, the: ThePart, caller: AsClerk) -> TravelPass:
    """Issue a travel pass, by its printed number, to somebody who was released."""
    return the.reception.issue_pass(number, travel_pass, caller)


@ROUTER.get("/reception/figures")
def figures(the: ThePart, _: AsCounter, first: Date, last: Date) -> ReceptionFigures:
    """Return what the stations did from one day to another, both included; no personal data."""
    return the.stations.figures(first, last)


def _of(the: Parts, caller: Caller, act: str, found: Stay) -> Stay:
    """Return a stay as an act left it; that it is given back is written down first."""
    return the.reads.acted(caller, act, f"stay {found.stay_id}", found, found.person)
