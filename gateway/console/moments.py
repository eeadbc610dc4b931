"""Times of the gateway's own notes for people: as the clocks at its crossing points show them, else in UTC."""

from collections.abc import Callable

from gateway.boards.localtime import TimeZoneError, moment
from gateway.store.store import Store

Moments = Callable[[int], str]


def moments(store: Store) -> Moments:
    """Return a function from Unix UTC seconds to text, to the minute."""
    own = store.knowledge.own_points()
    zones = [point.time_zone for point in store.knowledge.points() if point.code in own]
    try:
        zone = zones[0] if zones else "+00:00"
        moment(zone, 0)
        suffix = "" if zones else " UTC"
    except TimeZoneError:
        zone, suffix = "+00:00", " UTC"
    return lambda at_s: f"{moment(zone, at_s):%Y-%m-%d %H:%M}{suffix}"
