"""Dates for people: the proleptic Gregorian calendar in integers. A board has no use for them and does not load this.

Algorithm: H. Hinnant, "chrono-compatible low-level date algorithms".
"""

from checkpost.calendar import clock_of, local_day


def day_of(year: int, month: int, day: int) -> int:
    """Return the day number of a date; the date is not checked (see `parse_date`)."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def date_of(day: int) -> tuple[int, int, int]:
    """Return (year, month, day) of a day number."""
    day += 719468
    era = day // 146097
    day_of_era = day - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    month = month_index + (3 if month_index < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * month_index + 2) // 5 + 1


def parse_date(text: str) -> int:
    """Return the day number of `YYYY-MM-DD`; ValueError says what is wrong with it."""
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not "".join(parts).isdigit():
        raise ValueError("not a date of the form YYYY-MM-DD: %s" % text)
    year, month, day = [int(part) for part in parts]
    number = day_of(year, month, day) if 1 <= month <= 12 else 0
    if not 1 <= month <= 12 or date_of(number) != (year, month, day):
        raise ValueError("no such day: %s" % text)
    return number


def format_date(day: int) -> str:
    """Return `YYYY-MM-DD` of a day number."""
    return "%04d-%02d-%02d" % date_of(day)


def format_local(utc_s: int, offset_quarters: int) -> str:
    """Return ISO 8601 local time with its offset, to the second."""
    sign = "-" if offset_quarters < 0 else "+"
    minutes = abs(offset_quarters) * 15
    return "%sT%02d:%02d:%02d%s%02d:%02d" % (
        (format_date(local_day(utc_s, offset_quarters)),)
        + clock_of(utc_s, offset_quarters)
        + (sign, minutes // 60, minutes % 60)
    )
