"""Requests of the office that are not valid, by field."""

from checkpost.dates import parse_date
from gateway.central import problems
from gateway.central.problems import Problem


def not_valid(field: str, detail: str) -> Problem:
    """Return the problem of one field of a body; `field` may lie deeper, as `crossing_points/0`."""
    return problems.not_valid(f"#/{field}", detail)


def check_days(**days: str | None) -> None:
    """Return if every day that is given is one in the calendar; Problem names the first that is not."""
    for field, day in days.items():
        try:
            parse_date(day or "1970-01-01")
        except ValueError as error:
            raise not_valid(field, str(error)) from error


def check_past(field: str, day: str, today: str) -> None:
    """Return if a day is one in the calendar, and not one to come."""
    check_days(**{field: day})
    if day > today:
        raise not_valid(field, f"{day} is still to come; today is {today}")


def check_span(first: str, last: str) -> None:
    """Return if two days of a query are in the calendar and in order; Problem if not."""
    try:
        span_days = parse_date(last) - parse_date(first)
        if span_days < 0:
            raise ValueError(f"{last} lies before {first}")
    except ValueError as error:
        errors = [{"pointer": "query: first, last", "detail": str(error)}]
        raise Problem(422, "not-valid", f"The request is not valid ({error}).", errors=errors) from error
