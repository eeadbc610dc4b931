"""The rules of a stay at a reception station. Pure: days in, answers and problems out."""

from datetime import date, timedelta

from gateway.central.cases.wrong import check_past, not_valid
from gateway.central.problems import Problem
from gateway.central.store.reception import HERE, StayRow
from gateway.contract.reception import Check, Release, Stay


def due_on(arrived_on: str, days: int) -> str:
    """Return the day from which the days of a stay have passed."""
    return (date.fromisoformat(arrived_on) + timedelta(days=days)).isoformat()


def days_over(row: StayRow, today: str) -> int:
    """Return for how many days the days of a stay have passed while nobody released the traveller."""
    if row.state != HERE:
        return 0
    return max(0, (date.fromisoformat(today) - date.fromisoformat(row.due_on)).days)


def is_early(row: StayRow, day: str, release: Release, today: str) -> bool:
    """Return True if a release of a day comes before the days have passed; Problem when it may not be written so."""
    check_past("released_on", day, today)
    if day < row.arrived_on:
        raise not_valid("released_on", f"{day} lies before the arrival on {row.arrived_on}")
    early = day < row.due_on
    if early:
        lacking = [
            (name, words)
            for name, value, words in (
                ("reason", release.reason, "say why the release comes before the days have passed"),
                ("decided_by", release.decided_by, "name who decided it"),
            )
            if not value.strip()
        ]
        if lacking:
            errors = [{"pointer": f"#/{name}", "detail": words} for name, words in lacking]
            detail = f"A release before {row.due_on} is early: it names its reason and who decided it."
            raise Problem(422, "early-release", detail, errors=errors)
    return early


def check_here(row: StayRow) -> None:
    """Return if the stay goes on; Problem when it has ended."""
    if row.state != HERE:
        detail = f"The stay {row.stay_id} ended on {row.ended_on} ({row.state}); take that back first if it is wrong."
        raise Problem(409, "stay-ended", detail)


def check_gone(row: StayRow, day: str, today: str) -> None:
    """Return if somebody may be noted as gone since a day."""
    check_here(row)
    check_past("left_on", day, today)
    if day < row.arrived_on:
        raise not_valid("left_on", f"{day} lies before the arrival on {row.arrived_on}")


def view(row: StayRow, today: str) -> Stay:
    """Return a stay as the office reads it."""
    return Stay(
        stay_id=row.stay_id,
        station=row.station,
        person=row.person,
        application_id=row.application_id,
        arrived_on=row.arrived_on,
        due_on=row.due_on,
        blankets=row.blankets,
        medical=_check(row.medical, row.medical_on),
        vaccinated=_check(row.vaccinated, row.vaccinated_on),
        state=row.state,  # type: ignore[arg-type]
        ended_on=row.ended_on,
        early=bool(row.early),
        reason=row.reason,
        decided_by=row.decided_by,
        days_over=days_over(row, today),
    )


def _check(done: int | None, on: str | None) -> Check | None:
    return None if done is None or on is None else Check(done=bool(done), on=on)
