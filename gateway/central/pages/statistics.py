"""Counts by crossing point and day with charts, and what was not permitted, by point and reason."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from markupsafe import Markup

from checkpost.dates import format_date, parse_date
from checkpost.reasons import VERDICTS
from gateway.central.access import PAGE_ROLES
from gateway.central.api.parts import Parts
from gateway.central.charts.specifications import Chart, Series, columns, named, spans
from gateway.central.pages.area import Area
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit

DAYS = 14  # shown unless others are asked for
MAX_DAYS = 366
MAX_CHARTS = 12  # of points, the busiest: each takes its time to draw, and all are in the numbers below
# From below: what is permitted is the ground on which the rest stands.
WORDS = {"permitted": "permitted", "refer": "referred", "unverifiable": "cannot verify"}
Counts = dict[str, list[int]]  # by verdict, one a day
Anyone = Annotated[Visit, Depends(Gate(*PAGE_ROLES))]


def build(frame: Frame) -> APIRouter:
    """Return the router of the statistics."""
    router = frame.router()

    @router.get("/statistics")
    def statistics(visit: Anyone, first: str = "", last: str = "") -> Response:
        newest = visit.the.statistics.newest_day() or format_date(visit.the.now_s() // 86_400)
        last = last or newest
        wrong: dict[str, str] = {}
        try:
            days = _days(first or format_date(parse_date(last) - DAYS + 1), last)
        except ValueError as error:
            wrong = {"first": f"{str(error)[:1].upper()}{str(error)[1:]}."}
            days = _days(format_date(parse_date(newest) - DAYS + 1), newest)
        points = visit.the.office.points()
        by_point = _by_point(visit.the, days)
        values = {
            "wrong": wrong,
            "typed": {"first": first or days[0], "last": last},
            "days": days,
            "points": points,
            "whole": _drawn(visit.the, _chart("All points", days, _sum(by_point, len(days)))),
            "charts": [(code, name, _drawn(visit.the, chart)) for code, name, chart in _charts(by_point, days, points)],
            "sums": {code: {name: sum(counts[name]) for name in VERDICTS} for code, counts in by_point.items()},
            "reasons": _reasons(visit.the),
            "waiting": visit.the.reviews.by_point(),
        }
        return frame.page(visit, "statistics/statistics.html", 422 if wrong else 200, **values)

    return router


def _days(first: str, last: str) -> list[str]:
    """Return every day from one to another; ValueError when these are no days, or too many."""
    start, end = parse_date(first), parse_date(last)
    if not 0 <= end - start < MAX_DAYS:
        raise ValueError(f"from the first to the last day there may be at most {MAX_DAYS} days, and at least one")
    return [format_date(day) for day in range(start, end + 1)]


def _by_point(the: Parts, days: list[str]) -> dict[str, Counts]:
    """Return crossings by point, verdict and day; a point without a crossing in these days is left out."""
    at = {day: place for place, day in enumerate(days)}
    found: dict[str, Counts] = {}
    for row in the.statistics.by_day(days[0], days[-1], MAX_DAYS).counts:
        counts = found.setdefault(row.crossing_point, {name: [0] * len(days) for name in VERDICTS})
        counts[row.verdict][at[row.day]] += row.crossings
    return found


def _sum(by_point: dict[str, Counts], days: int) -> Counts:
    return {name: [sum(counts[name][at] for counts in by_point.values()) for at in range(days)] for name in VERDICTS}


def _charts(by_point: dict[str, Counts], days: list[str], points: dict[str, str]) -> list[tuple[str, str, Chart]]:
    """Return (code, name, chart) of the busiest points; all have the same axis, so that they compare."""
    shown = {code: _summed(counts, days) for code, counts in by_point.items()}
    busiest = sorted(shown, key=lambda code: -sum(map(sum, shown[code].values())))[:MAX_CHARTS]
    most = max((sum(column) for counts in shown.values() for column in zip(*counts.values(), strict=True)), default=1)
    return [
        (code, name, _chart(name, days, by_point[code], most, small=True))
        for code, name in points.items()
        if code in busiest
    ]


def _chart(title: str, days: list[str], counts: Counts, top: int = 0, small: bool = False) -> Chart:
    series = [Series(name, WORDS[name], values) for name, values in _summed(counts, days).items()]
    return columns(title, named(spans(days[0], days[-1])), series, top, small)


def _summed(counts: Counts, days: list[str]) -> Counts:
    """Return counts by day as counts of the spans that a chart shows."""
    sizes = [len(some) for some in spans(days[0], days[-1])]
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return {
        name: [sum(counts[name][start : start + size]) for start, size in zip(starts, sizes, strict=True)]
        for name in VERDICTS
    }


def _drawn(the: Parts, chart: Chart) -> Markup:
    return Markup(the.drawing.svg(chart))  # names in it are text


def _reasons(the: Parts) -> dict[str, Any]:
    """Return why crossings were not permitted since the log began, by point and primary reason."""
    table = the.office.table()["by_crossing_point"]
    names = sorted({name for row in table.values() for name in row.get("reasons", {})})
    sums = {name: sum(row.get("reasons", {}).get(name, 0) for row in table.values()) for name in names}
    names.sort(key=lambda name: -sums[name])
    return {"names": names, "rows": {code: row.get("reasons", {}) for code, row in table.items()}, "sums": sums}


AREA = Area("statistics", "Statistics", "i", PAGE_ROLES, build)
