"""Every area of the pages, in the order of the navigation."""

from gateway.central.pages import applications, exchange, overview, programmes, report, stations
from gateway.central.pages.area import Area

AREAS: tuple[Area, ...] = (overview.AREA, applications.AREA, programmes.AREA, stations.AREA, exchange.AREA, report.AREA)
