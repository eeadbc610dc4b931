"""The assembly sheet: the board twice its size, each part with its name and value, pin 1 marked."""

from typing import Any

from hardware.kicad import labels
from hardware.kicad.footprints import pads
from hardware.model import Board, Part
from hardware.svg import Drawing

_PAGE = (297.0, 210.0)
_SCALE = 2.2
_LEFT, _TOP = 18.0, 26.0
_ROUGH_MM = 9.0  # a part larger than this has room for larger words


def draw(board: Board, parts: list[tuple[Part, list[Any]]]) -> str:
    """Return the sheet as SVG; `parts` come with their footprints."""
    page = Drawing(*_PAGE)
    width, height = board.raw["board"]["size_mm"]
    page.words(
        _LEFT, 14, f"Checkpost kiosk, board revision {board.raw['board']['rev']}: where each part goes", 5.5, bold=True
    )
    page.words(_LEFT, 20, "Seen from above. Red is pin 1; of diodes it is the cathode, of C11 and BT1 the plus.", 2.8)
    page.box(_LEFT, _TOP, width * _SCALE, height * _SCALE, "#f4f8f4", "#2c6e49", 2)
    for x, y in board.raw["board"]["holes_mm"]:
        page.circle(_LEFT + x * _SCALE, _TOP + y * _SCALE, 1.6 * _SCALE, "#fff")
    for part, footprint in parts:
        _part(page, part, footprint)
    _list(page, board, _LEFT + width * _SCALE + 6, _TOP + 3)
    return page.text()


def _part(page: Drawing, part: Part, footprint: list[Any]) -> None:
    body = labels.outline(part, footprint)
    x, y = _LEFT + body.left * _SCALE, _TOP + body.top * _SCALE
    wide, high = (body.right - body.left) * _SCALE, (body.bottom - body.top) * _SCALE
    page.box(x, y, wide, high, "#ffffff", "#999", 0.5)
    for pad in pads(part, footprint, {}):
        fill = "#d9534f" if pad.number == "1" and len(part.pins) > 1 else "#d8c27a"
        rect = pad.rect
        left, top = _LEFT + (rect.x - rect.half_x) * _SCALE, _TOP + (rect.y - rect.half_y) * _SCALE
        page.box(left, top, 2 * rect.half_x * _SCALE, 2 * rect.half_y * _SCALE, fill, "none", 0.3)
    size = 3.4 if min(wide, high) > _ROUGH_MM * _SCALE else 2.1
    page.words(x + wide / 2, y + high / 2 + size * 0.35, part.ref, size, "middle", "#123", bold=True)


def _list(page: Drawing, board: Board, x: float, y: float) -> None:
    shown = [part for part in board.parts if part.bought]
    shown.sort(key=lambda part: (part.ref.rstrip("0123456789"), int(part.ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))))
    for number, part in enumerate(shown):
        page.words(x, y + number * 3.45, part.ref, 2.4, bold=True)
        page.words(x + 8, y + number * 3.45, part.value, 2.4)
