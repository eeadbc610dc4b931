"""Every area of the pages, in the order of the navigation."""

from gateway.central.pages import overview
from gateway.central.pages.area import Area

AREAS: tuple[Area, ...] = (overview.AREA,)
