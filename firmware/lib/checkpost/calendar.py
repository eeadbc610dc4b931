"""Days and the local clock in integers, the same on every port: what a board needs of the calendar.

A day is counted from 1970-01-01 (day 0). MicroPython ports differ in their epoch, so none of their
time functions is used. Dates for people are in `checkpost.dates`, which a board does not load.
"""

DAY_S = 86400


def local_day(utc_s: int, offset_quarters: int) -> int:
    """Return the local day number of an instant; the offset is in quarter hours."""
    return (utc_s + offset_quarters * 900) // DAY_S


def clock_of(utc_s: int, offset_quarters: int) -> tuple[int, int, int]:
    """Return the local (hour, minute, second)."""
    second = (utc_s + offset_quarters * 900) % DAY_S
    return second // 3600, second // 60 % 60, second % 60
