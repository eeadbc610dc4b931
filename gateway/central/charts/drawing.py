"""Charts drawn as SVG by Vega-Lite, which runs here inside a package and not in a page: a page may run no scripts.

The package brings a JavaScript engine. A process loads it with its first chart, not when it starts: half a second and
80 MB, 150 MB after some hundred charts. Each chart takes 15 to 50 ms of processor, in which nothing else of the
process runs. So charts of the same figures are drawn once and kept.
"""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import lru_cache

from gateway.central.charts.specifications import FILLS, Chart

MAX_KEPT = 128  # a chart is some 10 KB, 40 KB at most: what several people look at in turn
SVG = "http://www.w3.org/2000/svg"
LONG = re.compile(r"\d+\.\d{3,}")  # finer than anybody sees
INSIDE = (
    "role",
    "class",
    "pointer-events",
    "stroke-miterlimit",
    "aria-hidden",
)  # of a part: an image is one thing to who hears it


class Drawing:
    """Draws charts, and keeps those that it drew last."""

    def __init__(self, draw: Callable[[str], str]):
        """`draw`: the SVG of a Vega-Lite specification; both as text."""
        self._drawn = lru_cache(MAX_KEPT)(lambda spec, told: tidied(draw(spec), told))

    def svg(self, chart: Chart) -> str:
        """Return the chart as an SVG element that stands in a page."""
        return self._drawn(json.dumps(chart.spec, sort_keys=True), chart.told)


def vega_lite(spec: str) -> str:
    """Return the SVG of a Vega-Lite specification. Its data stand in it: nothing is fetched."""
    from vl_convert import vegalite_to_svg  # with the first chart: it is large

    drawn: str = vegalite_to_svg(spec, allowed_base_urls=[])
    return drawn


def tidied(drawn: str, told: str) -> str:
    """Return Vega's SVG as a page takes it: one image with a name, patterns of its own, and a title for each bar."""
    root = ET.fromstring(drawn.replace(f' xmlns="{SVG}"', "", 1))
    mark = hashlib.sha256(f"{told}\n{drawn}".encode()).hexdigest()[:8]  # a page may have several charts
    for parent in list(root.iter()):
        for part in [one for one in parent if _empty(one)]:
            parent.remove(part)
    for part in root.iter():
        _plain(part, mark)
    if "url(#" in drawn:
        root.insert(0, _patterns(mark))
    size = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib |= {"xmlns": SVG, "class": "chart", "viewBox": size, "role": "img", "aria-label": told}
    return ET.tostring(root, encoding="unicode")


def _empty(part: ET.Element) -> bool:
    """Return if nothing of a part is seen: the ground and the front of a group without either."""
    return part.get("class") in ("background", "foreground") and part.get("stroke") is None


def _plain(part: ET.Element, mark: str) -> None:
    said = part.attrib.pop("aria-label", "")
    if part.attrib.pop("aria-roledescription", "") == "bar" and said:
        ET.SubElement(part, "title").text = said
        part.set("class", "bar")
    for name in INSIDE:
        if (name, part.get(name)) != ("class", "bar"):
            part.attrib.pop(name, None)
    for name in ("d", "transform"):
        if name in part.attrib:
            part.set(name, LONG.sub(lambda found: f"{float(found[0]):.2f}", part.get(name, "")))
    if part.get("fill", "").startswith("url(#"):
        part.set("fill", part.get("fill", "").replace("#", f"#{mark}-"))


def _patterns(mark: str) -> ET.Element:
    found = ET.Element("defs")
    for kind, (fill, lines) in FILLS.items():
        box = {"id": f"{mark}-{kind}", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(found, "pattern", box)
        ET.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": fill})
        if lines:
            ET.SubElement(pattern, "path", {"d": lines, "stroke": "var(--card, #ffffff)", "stroke-width": "1.5"})
    return found
