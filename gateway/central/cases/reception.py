"""Reception stations: who arrives, stays, is released or has gone, and the travel passes that are issued."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.central.access import Caller
from gateway.central.cases.paging import cursor
from gateway.central.cases.questions import UNRELEASED, ask, let_go
from gateway.central.cases.stays import check_gone, check_here, due_on, is_early, view
from gateway.central.cases.wrong import check_past, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.releases import change_releases
from gateway.central.store import Store, Transaction
from gateway.central.store.reception import HERE, LEFT, RELEASED, EventRow, PassRow, StayRow, Where
from gateway.central.store.reviews import Question
from gateway.contract import Policy
from gateway.contract.reception import (
    Arrival,
    Checks,
    Departure,
    PassBody,
    Release,
    Stay,
    StayEvent,
    StayPage,
    StayStory,
    TravelPass,
)


@dataclass(frozen=True)
class Found:
    """A stay within a transaction, and its station's day."""

    row: StayRow
    today: str


class Reception:
    """Changes stays through one store; what happened is added to a stay's story and never removed.

    `utc_ms`: the centre's clock. A station's days are those of its own time zone.
    """

    def __init__(self, store: Store, utc_ms: Callable[[], int]):
        self._store = store
        self._utc_ms = utc_ms

    def take_in(self, stay_id: str, arrival: Arrival, caller: Caller) -> Stay:
        """Take in somebody who arrived; the same again changes nothing."""
        with self._store.write() as transaction:
            today = self._today(transaction, arrival.station)
            check_past("arrived_on", arrival.arrived_on, today)
            row = opened(stay_id, arrival, stay_days(transaction))
            held = transaction.reception.stays([stay_id]).get(stay_id)
            if held:
                return view(known(held, arrival), today)
            if arrival.application_id:
                check_permit(transaction, arrival.application_id)
            elsewhere = transaction.reception.here([arrival.person]).get(arrival.person)
            if elsewhere:
                raise not_valid("person", already_here(elsewhere))
            transaction.reception.add_stays([row])
            self._note(transaction, stay_id, caller, "arrived", f"at {row.station} on {row.arrived_on}")
        return view(row, today)

    def check(self, stay_id: str, checks: Checks, caller: Caller) -> Stay:
        """Record checks: yes or no, and the day."""
        given = {name: check for name in ("medical", "vaccinated") if (check := getattr(checks, name))}
        if not given:
            raise not_valid("medical", "give at least one check")
        with self._store.write() as transaction:
            found = self._find(transaction, stay_id)
            values: dict[str, object] = {}
            for name, check in given.items():
                check_past(f"{name}/on", check.on, found.today)
                values |= {name: int(check.done), f"{name}_on": check.on}
            said = "; ".join(f"{name}: {'yes' if check.done else 'no'}, {check.on}" for name, check in given.items())
            return self._change(transaction, found, caller, ("checked", said), values)

    def release(self, stay_id: str, release: Release, caller: Caller) -> Stay:
        """Release somebody: it opens onward travel with their permit, where they have one."""
        with self._store.write() as transaction:
            found = self._find(transaction, stay_id)
            row, day = found.row, release.released_on or found.today
            if row.state == RELEASED and (row.ended_on, row.reason, row.decided_by) == _said(day, release):
                return view(row, found.today)  # the same again
            check_here(row)
            early = is_early(row, day, release, found.today)
            if row.application_id:
                change_releases(transaction, row.application_id, lambda held: held | {day})
            values = dict(zip(("ended_on", "reason", "decided_by"), _said(day, release), strict=True))
            said = f"on {day}, early, decided by {release.decided_by}: {release.reason}" if early else f"on {day}"
            state = {"state": RELEASED, "early": int(early)}
            return self._change(transaction, found, caller, ("released", said), values | state)

    def take_back(self, stay_id: str, reason: str, caller: Caller) -> Stay:
        """Take the end of a stay back: a release that was wrong, or somebody who is here again."""
        with self._store.write() as transaction:
            found = self._find(transaction, stay_id)
            row = found.row
            if row.state == HERE:
                raise Problem(409, "stay-goes-on", f"The stay {stay_id} has not ended; there is nothing to take back.")
            elsewhere = transaction.reception.here([row.person]).get(row.person)
            if elsewhere:
                raise Problem(409, "already-here", f"{already_here(elsewhere)}.")
            values = {"state": HERE, "ended_on": None, "early": 0, "reason": "", "decided_by": ""}
            taken = self._change(transaction, found, caller, ("taken back", f"{row.state}: {reason}"), values)
            if row.state == RELEASED and row.application_id:
                _drop_release(transaction, row)
            if row.state == LEFT:
                let_go(transaction, _question(stay_id))
            return taken

    def gone(self, stay_id: str, departure: Departure, caller: Caller) -> Stay:
        """Note that somebody is gone whom nobody released. It is a question to be asked, and accuses nobody."""
        with self._store.write() as transaction:
            found = self._find(transaction, stay_id)
            check_gone(found.row, departure.left_on, found.today)
            values = {"state": LEFT, "ended_on": departure.left_on}
            said = ("gone", f"since {departure.left_on}: {departure.note}")
            left = self._change(transaction, found, caller, said, values)
            evidence = {"stay": left.model_dump(mode="json"), "note": departure.note, "noted_by": caller.name}
            ask(transaction, _question(stay_id), f"gone from {left.station} since {departure.left_on}", evidence)
            return left

    def give_permit(self, stay_id: str, application_id: str, caller: Caller) -> Stay:
        """Note the permit that a person has, or got since; a release that they have opens onward travel with it."""
        with self._store.write() as transaction:
            found = self._find(transaction, stay_id)
            row = found.row
            if row.application_id == application_id:
                return view(row, found.today)
            check_permit(transaction, application_id)
            changed = self._change(
                transaction, found, caller, ("permit", application_id), {"application_id": application_id}
            )
            if row.state == RELEASED and row.ended_on:
                day = row.ended_on
                if row.application_id:
                    _drop_release(transaction, row)
                change_releases(transaction, application_id, lambda held: held | {day})
            return changed

    def issue_pass(self, number: str, body: PassBody, caller: Caller) -> TravelPass:
        """Issue a travel pass to somebody who was released; the same again changes nothing."""
        with self._store.write() as transaction:
            found = self._find(transaction, body.stay_id)
            row, day = found.row, body.issued_on or found.today
            held = transaction.reception.travel_pass(number)
            if held:
                if (held.stay_id, held.zone) != (body.stay_id, body.zone) or body.issued_on not in (
                    None,
                    held.issued_on,
                ):
                    raise Problem(409, "pass-differs", f"The pass {number} was issued otherwise on {held.issued_on}.")
                return TravelPass(**vars(held))
            check_past("issued_on", day, found.today)
            if row.state != RELEASED or day < (row.ended_on or ""):
                detail = f"Nobody released the stay {row.stay_id} by {day}; a pass follows a release."
                raise Problem(409, "not-released", detail)
            made = PassRow(number, row.stay_id, row.station, body.zone, day, caller.name)
            transaction.reception.add_passes([made])
            self._note(transaction, row.stay_id, caller, "pass", f"{number} to {body.zone}")
        return TravelPass(**vars(made))

    def page(self, where: Where, after: tuple[str, str], limit: int) -> StayPage:
        """Return stays after (due_on, stay_id), who is due first on top."""
        with self._store.read() as transaction:
            rows = transaction.reception.page(where, after, limit + 1)
            days = self._days(transaction)
        shown = rows[:limit]
        following = cursor(shown[-1].due_on, shown[-1].stay_id) if len(rows) > limit else ""
        return StayPage(stays=[view(row, days[row.station]) for row in shown], next=following)

    def story(self, stay_id: str) -> StayStory:
        """Return a stay with all that happened to it."""
        with self._store.read() as transaction:
            found = self._find(transaction, stay_id)
            events = transaction.reception.events(stay_id)
            passes = transaction.reception.passes_of(stay_id)
        told = [StayEvent(utc_s=row.utc_s, by=row.by, what=row.what, detail=row.detail) for row in events]
        issued = [TravelPass(**vars(row)) for row in passes]
        return StayStory(stay=view(found.row, found.today), events=told, passes=issued)

    def _find(self, transaction: Transaction, stay_id: str) -> Found:
        row = transaction.reception.stays([stay_id]).get(stay_id)
        if row is None:
            raise Problem(404, "unknown-stay", f"There is no stay {stay_id}.")
        return Found(row, self._today(transaction, row.station))

    def _today(self, transaction: Transaction, station: str) -> str:
        held = transaction.reception.stations().get(station)
        if held is None:
            raise not_valid("station", f"there is no station {station}; put it first")
        return OfficeTime(self._utc_ms, held.time_zone).today()

    def _days(self, transaction: Transaction) -> Mapping[str, str]:
        """Return each station's day."""
        stations = transaction.reception.stations()
        return {code: OfficeTime(self._utc_ms, row.time_zone).today() for code, row in stations.items()}

    def _change(
        self,
        transaction: Transaction,
        found: Found,
        caller: Caller,
        said: tuple[str, str],
        values: Mapping[str, object],
    ) -> Stay:
        transaction.reception.change_stay(found.row.stay_id, values)
        self._note(transaction, found.row.stay_id, caller, *said)
        return view(replace(found.row, **values), found.today)  # type: ignore[arg-type]

    def _note(self, transaction: Transaction, stay_id: str, caller: Caller, what: str, detail: str) -> None:
        transaction.reception.add_events([EventRow(stay_id, self._utc_ms() // 1000, caller.name, what, detail)])


def stay_days(transaction: Transaction) -> int:
    """Return how many days a stay has, by the policy of this moment."""
    policy = transaction.knowledge.get("policy", [""]).get("", {})
    return int(policy.get("reception_stay_days", Policy().reception_stay_days))


def opened(stay_id: str, arrival: Arrival, days: int) -> StayRow:
    """Return the stay that an arrival begins."""
    permit, due = arrival.application_id or "", due_on(arrival.arrived_on, days)
    return StayRow(stay_id, arrival.station, arrival.person, permit, arrival.arrived_on, due, arrival.blankets)


def differing(held: StayRow, given: Arrival) -> str:
    """Return the first field in which a stay is entered otherwise, "" if it is the same; a permit may come later."""
    same = ("station", "person", "arrived_on", "blankets")
    return next((name for name in same if getattr(held, name) != getattr(given, name)), "")


def known(held: StayRow, given: Arrival) -> StayRow:
    """Return a stay that is entered again; Problem when it is another one."""
    if name := differing(held, given):
        detail = f"The stay {held.stay_id} is entered with {name} {getattr(held, name)}; take another number."
        raise Problem(409, "stay-differs", detail)
    return held


def already_here(row: StayRow) -> str:
    """Return the words for a person who cannot arrive: they are at a station."""
    return f"{row.person} is at {row.station} in the stay {row.stay_id} already; end that one first"


def check_permit(transaction: Transaction, application_id: str) -> None:
    """Return if there is such an application; Problem names the field."""
    if not transaction.knowledge.get("application", [application_id]):
        raise not_valid("application_id", f"there is no application {application_id}")


def _drop_release(transaction: Transaction, row: StayRow) -> None:
    """Take the day of a release out of the permit, unless another stay of it was released on the same day."""
    if row.ended_on not in transaction.reception.released_on(row.application_id):
        change_releases(transaction, row.application_id, lambda held: held - {str(row.ended_on)})


def _question(stay_id: str) -> Question:
    """Return the question about somebody who is gone; it asks and accuses nobody."""
    return Question(UNRELEASED, f"stay:{stay_id}")


def _said(day: str, release: Release) -> tuple[str, str, str]:
    return day, release.reason, release.decided_by
