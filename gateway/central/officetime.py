"""What day it is in the office: decisions, terms and ages count by its local day."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.contract import CrossingPoint

OFFICE_ZONE = str(CrossingPoint.model_fields["time_zone"].default)  # that of the points, unless they say otherwise


class OfficeTime:
    """`utc_ms`: the centre's clock."""

    def __init__(self, utc_ms: Callable[[], int], zone: str = OFFICE_ZONE):
        self._utc_ms = utc_ms
        self._zone = ZoneInfo(zone)

    def now_s(self) -> int:
        """Return Unix UTC seconds."""
        return self._utc_ms() // 1000

    def today(self) -> str:
        """Return the local day, `YYYY-MM-DD`."""
        return self.day(self.now_s())

    def day(self, utc_s: int) -> str:
        """Return the local day of an instant, Unix UTC seconds."""
        return datetime.fromtimestamp(utc_s, UTC).astimezone(self._zone).date().isoformat()
