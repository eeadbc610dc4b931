"""The JSON that the office reads besides the feed, version 1."""

from gateway.contract import Date, Model


class DayCount(Model):
    """Crossings and persons of one crossing point, local day and verdict."""

    crossing_point: str
    day: Date
    verdict: str
    crossings: int
    persons: int


class Statistics(Model):
    """GET /v1/statistics: what there is, by crossing point, day and verdict; days without a crossing are left out."""

    counts: list[DayCount]
    position: int
