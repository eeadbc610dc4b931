"""When retention ends: pure, in local days."""

from collections.abc import Iterable, Mapping
from typing import Any

from checkpost.dates import parse_date

RETENTION_DAYS = 1096  # three years
_DATES = ("submitted_on", "decided_on", "valid_until")


def ends_after(applications: Iterable[Mapping[str, Any]], last_crossing_day: int | None, days: int) -> int | None:
    """Return the last day on which a person's data are kept, None while nobody can tell.

    It is counted from the last exit, or whatever came later: another crossing, the end of a permit, a decision. A
    pending application, or a permit without an end, is not over.
    """
    found = [] if last_crossing_day is None else [last_crossing_day]
    for body in applications:
        if body["decision"] == "pending" or (body["decision"] == "approved" and not body["valid_until"]):
            return None
        found += [parse_date(body[name]) for name in _DATES if body[name]]
    return max(found) + days if found else None
