"""Every area of the pages, in the order of the navigation."""

from gateway.central.pages import (
    applications,
    crossings,
    exchange,
    overview,
    programmes,
    report,
    reviews,
    stations,
    statistics,
    today,
)
from gateway.central.pages.area import Area

AREAS: tuple[Area, ...] = (
    today.AREA,
    overview.AREA,
    applications.AREA,
    reviews.AREA,
    crossings.AREA,
    programmes.AREA,
    stations.AREA,
    exchange.AREA,
    statistics.AREA,
    report.AREA,
)
