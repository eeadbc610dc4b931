"""What day it is in the office: decisions, terms and ages count by its local day."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.contract import CrossingPoint

OFFICE_ZONE = str(CrossingPoint.model_fields["time_zone"].default)  # that of the points, unless they say otherwise


def is_zone(name: str) -> bool:
    """Return True if this machine knows a time zone by its IANA name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError
        return False
    return True


class OfficeTime:
    """`utc_ms`: the centre's clock; `zone`: an IANA name that `is_zone` knows."""

    def __init__(self, utc_ms: Callable[[], int], zone: str = OFFICE_ZONE):
        self._utc_ms = utc_ms
        self._zone = ZoneInfo(zone)

    def begins_s(self, day: str) -> int:
        """Return when a local day, `YYYY-MM-DD`, begins: Unix UTC seconds."""
        return int(datetime.fromisoformat(day).replace(tzinfo=self._zone).timestamp())

    def now_s(self) -> int:
        """Return Unix UTC seconds."""
        return self._utc_ms() // 1000

    def today(self) -> str:
        """Return the local day, `YYYY-MM-DD`."""
        return self.day(self.now_s())

    def day(self, utc_s: int) -> str:
        """Return the local day of an instant, Unix UTC seconds."""
        return datetime.fromtimestamp(utc_s, UTC).astimezone(self._zone).date().isoformat()
