"""The panel on paper, full size: a drilling template with the places of its holes."""

from typing import Any

from hardware.box.panel import Hole, Slot, features
from hardware.svg import A4_MM, Drawing

_LEFT, _TOP = 25.0, 38.0  # of the panel on the sheet
_GREY = "#666"
_BUTTON_MM = 10  # a hole larger than this is a button's


def draw(raw: dict[str, Any]) -> str:
    """Return the A4 sheet as SVG."""
    panel = raw["panel"]
    width, height = panel["size_mm"]
    page = Drawing(*A4_MM)
    page.words(15, 16, f"Kiosk panel {width:g} x {height:g} mm, {panel['thickness_mm']:g} mm", 6, bold=True)
    page.words(15, 23, f"{panel['material']}. Printed at 100 % it is a drilling template.", 2.6)
    how = "Millimetres from the lower left corner. Cut from panel.dxf: layer CUT; layer MARK is engraved or printed."
    page.words(15, 27.5, how, 2.6)
    page.box(_LEFT, _TOP, width, height, "#fbfbf7", "#222", panel["corner_mm"])
    holes, slots = features(raw)
    for slot in slots:
        _slot(page, slot, _TOP + height)
    for hole in holes:
        _hole(page, hole, _TOP + height)
    sounder = panel["sounder"]
    x, y = sounder["at_mm"]
    what = f"sounder {x:g}, {y:g}: {sounder['holes']} x d {sounder['drill_mm']:g}, ring {sounder['ring_mm']:g}"
    page.words(_LEFT + x, _TOP + height - y + 12, what, 2.3, "middle", _GREY)
    page.line(_LEFT, _TOP + height + 8, _LEFT + 100, _TOP + height + 8, "#222", 0.4)
    page.words(_LEFT + 50, _TOP + height + 12, "100 mm: check the print with a ruler", 2.5, "middle")
    return page.text()


def _slot(page: Drawing, slot: Slot, bottom: float) -> None:
    x, y = _LEFT + slot.x, bottom - slot.y
    fill, edge = ("#ffffff", "#222") if slot.cut else ("none", "#36c")
    page.box(x - slot.width / 2, y - slot.height / 2, slot.width, slot.height, fill, edge, 1)
    page.words(x, y + 1, f"{slot.what} {slot.width:g} x {slot.height:g}", 2.3, "middle")
    page.words(x, y + slot.height / 2 + 3.4, f"{slot.x:g}, {slot.y:g}", 2.3, "middle", _GREY)


def _hole(page: Drawing, hole: Hole, bottom: float) -> None:
    x, y = _LEFT + hole.x, bottom - hole.y
    page.circle(x, y, hole.drill / 2, "#fff")
    if hole.drill > _BUTTON_MM:
        page.words(x, y - hole.drill / 2 - 2.5, hole.what, 3.2, "middle", bold=True)
        page.words(x, y + hole.drill / 2 + 4, f"{hole.x:g}, {hole.y:g}  d {hole.drill:g}", 2.3, "middle", _GREY)
    elif hole.what != "sounder":
        above = hole.y > bottom / 2 and hole.what == "OLED M2"
        page.words(x, y - 2.4 if above else y + 5.2, f"{hole.x:g}, {hole.y:g}", 2.0, "middle", _GREY)
