"""Dates in integers: known days, round trips and what is not a date."""

from checkpost import calendar, dates


def test_known_days():
    assert dates.parse_date("1970-01-01") == 0
    assert dates.parse_date("2000-02-29") == 11016
    assert dates.parse_date("2026-11-21") == 20778
    assert dates.format_date(20778) == "2026-11-21"


def test_every_day_of_four_centuries_comes_back():
    day = dates.parse_date("1999-12-31")
    for step in range(0, 146097, 13):
        assert dates.parse_date(dates.format_date(day + step)) == day + step


def test_local_time_and_day_follow_the_offset():
    assert dates.format_local(1_792_962_120, 36) == "2026-10-26T06:02:00+09:00"
    assert dates.format_local(1_792_962_120, -14) == "2026-10-25T17:32:00-03:30"
    assert calendar.local_day(1_792_962_120, 36) - calendar.local_day(1_792_962_120, -14) == 1


def test_what_is_no_date_is_named():
    for text in ("2026-02-29", "2026-13-01", "2026-1-1", "", "2026-00-10", "2026-01-00", "20260101", "2026-01-xx"):
        try:
            dates.parse_date(text)
        except ValueError as error:
            assert text in str(error)
            continue
        raise AssertionError(text)
