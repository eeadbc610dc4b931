"""The wiring sheet: every wire from connector to module, to be ticked off, and the supply's budget."""

from hardware import harness, power
from hardware.model import Board
from hardware.svg import A4_MM, Drawing

_COLOURS = {
    "RD": ("red", "#d22"), "BK": ("black", "#222"), "YE": ("yellow", "#e8c400"), "GN": ("green", "#2a2"),
    "BU": ("blue", "#24d"), "OG": ("orange", "#f80"), "WH": ("white", "#fff"), "VT": ("violet", "#93c"),
    "GY": ("grey", "#999"),
}  # fmt: skip
_ROW = 4.25
_COLUMN = 92.0


def draw(board: Board) -> str:
    """Return the A4 sheet as SVG."""
    page = Drawing(*A4_MM)
    page.words(15, 16, "Checkpost kiosk: wires", 6, bold=True)
    page.words(
        15,
        22,
        "Wire modules by the names printed on them: makers order their pads differently. Tick each wire off.",
        2.6,
    )
    names = {module["ref"]: module["name"] for module in board.raw["module"]}
    x, y = 15.0, 31.0
    for cable in board.raw["cable"]:
        lines = [wire for wire in harness.wires(board) if wire[0] == cable["ref"]]
        if y + (len(lines) + 2) * _ROW > 232 and x < 100:
            x, y = x + _COLUMN, 31.0
        y = _cable(page, cable, lines, names, x, y)
    _notes(page, board, 15, 238)
    _power(page, board, 107, 238)
    return page.text()


def _cable(page: Drawing, cable: dict, lines: list, names: dict[str, str], x: float, y: float) -> float:  # type: ignore[type-arg]
    length = cable["length_mm"]
    shown = f"{length / 1000:.0f} m" if length >= 1000 else f"{length} mm"
    there = ", ".join(dict.fromkeys(names[wire[2].partition(".")[0]] for wire in lines))
    there = there if len(there) < 42 else "the panel"
    page.words(x, y, f"{cable['ref']}  {cable['from']} to {there}, {shown}", 2.9, bold=True)
    y += _ROW
    for _, one, other, colour in lines:
        name, ink = _COLOURS[colour]
        page.box(x, y - 2.5, 2.8, 2.8, "#fff")
        page.words(x + 5, y, one, 2.5)
        page.line(x + 24, y - 0.9, x + 34, y - 0.9, "#777", 1.5)
        page.line(x + 24, y - 0.9, x + 34, y - 0.9, ink, 1.1)
        page.words(x + 36.5, y, name, 2.4, colour="#555")
        ref, _, pin = other.partition(".")
        page.words(x + 49, y, f"{ref} {names.get(ref, '').replace('button ', '')}: {pin}", 2.5)
        y += _ROW
    return y + 2.4


def _notes(page: Drawing, board: Board, x: float, y: float) -> None:
    page.words(x, y, "Mind", 3.2, bold=True)
    notes = [
        f"{module['ref']}: {module['note']}"
        for module in board.raw["module"]
        if "note" in module and module["ref"] in ("M1", "M2", "M3")
    ]
    notes += [f"{entry['pin']}: {entry['why']}" for entry in board.raw["open"]]
    notes += ["JP1: plugged, since the board is one end of its line"]
    y += 4.5
    for note in notes:
        for number, line in enumerate(_wrapped(note, 54)):
            page.words(x + (0 if number == 0 else 3), y, line, 2.4)
            y += 3.6


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _power(page: Drawing, board: Board, x: float, y: float) -> None:
    page.words(x, y, "Supply", 3.2, bold=True)
    y += 4.8
    heads = (("rail", 0.0), ("typical", 34.0), ("worst", 52.0), ("limit", 70.0))
    for head, dx in heads:
        page.words(x + dx, y, head, 2.4, "start" if dx == 0 else "end", "#555")
    for rail in power.rails(board.raw).values():
        y += 4
        cells = (
            f"{rail.name}  {rail.volts:g} V",
            f"{rail.typ_ma:.0f} mA",
            f"{rail.peak_ma:.0f} mA",
            f"{rail.limit_ma:.0f} mA",
        )
        for (_, dx), cell in zip(heads, cells, strict=True):
            page.words(x + dx, y, cell, 2.5, "start" if dx == 0 else "end")
    typical, worst = power.watts(board.raw, "typ_ma"), power.watts(board.raw, "peak_ma")
    page.words(x, y + 6, f"From 12 V: {typical:.2f} W typical, {worst:.1f} W at worst.", 2.5)
    cell = board.raw["battery"]
    hours = power.battery_hours(board.raw)
    page.words(x, y + 10, f"{cell['name']}: {hours:.0f} h at the typical load, {cell['usable']:.0%} of it used.", 2.5)
    page.words(x, y + 16, "Generated from hardware/board.toml.", 2.5, colour="#666")
