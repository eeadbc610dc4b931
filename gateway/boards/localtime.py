"""The local offset of a crossing point, and when it changes next: what a board needs to know of its time zone."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HORIZON_DAYS = 400  # a change within the year to come is told ahead; one later is told later
QUARTER_S = 900
_FIXED = re.compile(r"([+-])(\d{2}):(\d{2})")


class TimeZoneError(Exception):
    """A time zone's name means nothing here; the message says which."""


class LocalTime(NamedTuple):
    """An offset in quarter hours, and the next change: Unix UTC seconds (0: none known) and the offset from then on."""

    offset_quarters: int
    next_change_s: int
    next_offset: int


def local_time(zone: str, utc_s: int) -> LocalTime:
    """Return the offset of a zone (IANA name, or fixed as `+09:00`) at an instant."""
    fixed = _FIXED.fullmatch(zone)
    if fixed:
        sign, hours, minutes = fixed.groups()
        quarters = (int(hours) * 60 + int(minutes)) // 15
        return LocalTime(-quarters if sign == "-" else quarters, 0, 0)
    info = _info(zone)
    now = _offset(info, utc_s)
    for day in range(1, HORIZON_DAYS):
        if _offset(info, utc_s + day * 86_400) != now:
            change_s = _bisect(info, utc_s + (day - 1) * 86_400, utc_s + day * 86_400)
            return LocalTime(now, change_s, _offset(info, change_s))
    return LocalTime(now, 0, 0)


def moment(zone: str, utc_s: int) -> datetime:
    """Return an instant as a zone's clocks show it; TimeZoneError as in `local_time`."""
    return datetime.fromtimestamp(utc_s, _info(zone))


def utc_of(zone: str, local: datetime) -> int:
    """Return the instant, Unix UTC seconds, at which a zone's clocks show `local`; the first of two that do."""
    return int(local.replace(tzinfo=_info(zone), fold=0).timestamp())


def _info(zone: str) -> tzinfo:
    fixed = _FIXED.fullmatch(zone)
    if fixed:
        sign, hours, minutes = fixed.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TimeZoneError(f"The time zone {zone!r} is not known on this machine.") from error


def _offset(info: tzinfo, utc_s: int) -> int:
    offset = datetime.fromtimestamp(utc_s, UTC).astimezone(info).utcoffset() or timedelta()
    return round(offset.total_seconds() / QUARTER_S)


def _bisect(info: tzinfo, before_s: int, after_s: int) -> int:
    """Return the first second of the new offset, which lies after `before_s` and not after `after_s`."""
    old = _offset(info, before_s)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if _offset(info, middle_s) == old:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s
