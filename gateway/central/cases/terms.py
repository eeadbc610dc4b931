"""The dates of programmes: when a plan is due, when a contract has to be concluded, what its end asks for."""

from checkpost.dates import date_of, day_of, parse_date

MONTHS_AHEAD = 4  # a contract is concluded at least so long before its start


def plan_due_on(year: int) -> str:
    """Return the last day on which a year's plan is handed in in time."""
    return f"{year - 1:04d}-12-31"


def contract_due_on(starts_on: str) -> str:
    """Return the last day on which a contract is concluded in time: four months before, or that month's last day."""
    year, month, day = date_of(parse_date(starts_on))
    year, month = divmod(year * 12 + month - 1 - MONTHS_AHEAD, 12)
    month += 1
    following = day_of(year + month // 12, month % 12 + 1, 1)
    last_day = date_of(following - 1)[2]
    return f"{year:04d}-{month:02d}-{min(day, last_day):02d}"


def year_of(date: str) -> int:
    """Return a date's year; ValueError when it is no day."""
    return date_of(parse_date(date))[0]


def days_between(first: str, last: str) -> int:
    """Return how many days lie between two dates; negative when the second is the earlier one."""
    return parse_date(last) - parse_date(first)
