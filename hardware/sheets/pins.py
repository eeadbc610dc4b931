"""The pin sheet: the Pico seen from above, each pad with its GPIO, signal and what is at the other end."""

from hardware import gpio
from hardware.model import Board
from hardware.svg import A4_MM, Drawing

_COLOURS = {
    "RS-485": "#d8e6ff",
    "I2C0": "#e4f5d8",
    "SPI1": "#ffe3c8",
    "SPI0": "#f4d9f2",
    "Buttons": "#fff6bf",
    "GND": "#d9d9d9",
    "power": "#ffd3d0",
    "": "#ffffff",
}
_STEP = 9.6
_TOP = 46.0
_WIDE = 26.0  # the Pico's picture


def draw(board: Board) -> str:
    """Return the A4 sheet as SVG."""
    width, height = A4_MM
    page = Drawing(width, height)
    page.words(15, 18, "Checkpost kiosk: pins of the Pico 2", 6, bold=True)
    page.words(
        15,
        25,
        f"Board revision {board.raw['board']['rev']}. From above, USB at the top. The same pads serve a Pico (RP2040).",
    )
    middle = width / 2
    page.box(middle - _WIDE / 2, _TOP - 8, _WIDE, 20 * _STEP + 6, "#f2f7f2", "#2c6e49", 2)
    page.box(middle - 5, _TOP - 11, 10, 7, "#cfcfcf")
    page.words(middle, _TOP - 6.5, "USB", 2.4, "middle")
    ends = _ends(board)
    for pad in range(1, 41):
        _row(page, board, pad, ends)
    _legend(page, 15, _TOP + 20 * _STEP + 6)
    parts = [part for part in board.parts if part.ref[0] in "JUQ" and part.ref[:2] != "JP"]
    there = [f"{part.ref} {part.value}" for part in sorted(parts, key=lambda part: (part.ref[0], int(part.ref[1:])))]
    for number in range(0, len(there), 8):
        page.words(15, _TOP + 20 * _STEP + 29 + number / 2, ";  ".join(there[number : number + 8]), 2.4)
    return page.text()


def _row(page: Drawing, board: Board, pad: int, ends: dict[str, str]) -> None:
    left = pad <= 20
    y = _TOP + ((pad - 1) if left else (40 - pad)) * _STEP
    middle = A4_MM[0] / 2
    name, signal, note, colour = _what(board, pad, ends)
    edge = middle + (-_WIDE / 2 if left else _WIDE / 2)
    page.circle(edge, y, 1.6, "#e8c95a")
    page.words(edge + (3 if left else -3), y + 0.9, str(pad), 2.6, "start" if left else "end")
    x = edge - 4 - 16 if left else edge + 4
    page.box(x, y - 3, 16, 6, "#ffffff", "#999", 1)
    page.words(x + 8, y + 1, name, 2.5, "middle")
    x = edge - 21 - 31 if left else edge + 21
    page.box(x, y - 3, 31, 6, colour, "#999", 1)
    page.words(x + 15.5, y + 1, signal, 2.7, "middle", bold=bool(signal))
    page.words(edge - 54 if left else edge + 54, y + 0.9, note, 2.2, "end" if left else "start", "#444")


def _what(board: Board, pad: int, ends: dict[str, str]) -> tuple[str, str, str, str]:
    pico = next(part for part in board.parts if part.mcu)
    pin = next((pin for pin in pico.pins if pin.number == str(pad)), None)
    if pin is None:
        return "", "", "", "#fff"
    spec = board.signals.get(pin.net)
    if spec is None:
        shown = {"GND": "GND", "": "not connected"}.get(pin.net, pin.net)
        kind = "GND" if pin.net == "GND" else "power" if pin.net else ""
        return pin.name, shown if pin.net else "", "" if pin.net else "open", _COLOURS[kind]
    key = next((key for key in _COLOURS if key and spec.get("group", "").startswith(key)), "")
    note = " ".join(
        word for word in (spec["fn"].replace("SIO", "GPIO"), ends.get(pin.net, ""), spec.get("note", "")) if word
    )
    return pin.name, pin.net, note, _COLOURS[key]


def _ends(board: Board) -> dict[str, str]:
    """Return net -> the connectors and chips that it goes to, in short."""
    found = {}
    for net, pins in board.nets().items():
        there = [f"{ref}.{pad}" for ref, pad in pins if ref[0] in "JUQ" and not ref.startswith("JP")]
        found[net] = " ".join(there)
    return found


def _legend(page: Drawing, x: float, y: float) -> None:
    page.words(x, y, "Colours:", 2.8, bold=True)
    at = x + 18
    for name, colour in _COLOURS.items():
        if name:
            page.box(at, y - 3.2, 5, 4, colour, "#999", 0.6)
            page.words(at + 6.3, y, name, 2.6)
            at += 10 + len(name) * 1.75
    page.words(
        x,
        y + 7,
        "A name that ends in _N is active low. J1.4 means connector J1, pin 4; the wiring sheet says what hangs there.",
        2.6,
    )
    page.words(
        x,
        y + 12,
        f"GPIO functions: RP2040 and RP2350 data sheets. Ground pads: {', '.join(map(str, gpio.GROUND_PADS))}.",
        2.6,
    )
    page.words(x, y + 17, "Generated from hardware/board.toml. At the other ends:", 2.6, colour="#666")
