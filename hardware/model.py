"""The board as data: board.toml read into plain objects, with the Pico's signals put on its pads."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware import gpio

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "board.toml"
MADE = HERE / "made"


class SourceBroken(Exception):
    """board.toml cannot be read as a board; the message names the entry."""


@dataclass(frozen=True)
class Pin:
    """One pin of a part: pad number, name, electrical type of KiCad, net ("" is open)."""

    number: str
    name: str
    kind: str
    net: str


@dataclass
class Part:
    """One part on the board; `at` is (x, y, degrees) in mm from the board's upper left corner."""

    ref: str
    value: str
    footprint: str
    pins: list[Pin]
    block: str
    at: tuple[float, float, float]
    mpn: str = ""
    mfr: str = ""
    price_eur: float = 0.0
    sheet: str = ""
    like: str = ""
    mcu: bool = False
    bought: bool = True


@dataclass
class Board:
    """The whole source; `raw` is the file as read, for what only one generator wants."""

    raw: dict[str, Any]
    parts: list[Part]
    signals: dict[str, dict[str, Any]] = field(default_factory=dict)

    def nets(self) -> dict[str, list[tuple[str, str]]]:
        """Return net -> [(ref, pad), ...], both sorted; open pins are left out."""
        nets: dict[str, list[tuple[str, str]]] = {}
        for part in self.parts:
            for pin in part.pins:
                if pin.net:
                    nets.setdefault(pin.net, []).append((part.ref, pin.number))
        return {name: sorted(nets[name]) for name in sorted(nets)}

    def part(self, ref: str) -> Part:
        """Return the part with this reference."""
        for part in self.parts:
            if part.ref == ref:
                return part
        raise SourceBroken(f"there is no part {ref}")


def load(path: Path = SOURCE) -> Board:
    """Read a board.toml."""
    return build(tomllib.loads(path.read_text(encoding="utf-8")))


def build(raw: dict[str, Any]) -> Board:
    """Return the board that a parsed board.toml describes; raises SourceBroken."""
    signals = raw["pins"]
    parts = [_part(entry, signals) for entry in raw["part"]]
    return Board(raw=raw, parts=parts, signals=signals)


def _part(entry: dict[str, Any], signals: dict[str, dict[str, Any]]) -> Part:
    ref = entry.get("ref", "?")
    try:
        pins = _pins(entry)
        if entry.get("mcu"):
            pins += [_pico_pin(name, spec) for name, spec in signals.items()]
            pins.sort(key=lambda pin: int(pin.number))
        x, y, turn = entry["at"]
        point = "point" in entry
        return Part(
            ref=ref,
            value=entry["value"],
            footprint="TestPoint:TestPoint_Pad_D1.5mm" if point else entry["footprint"],
            pins=pins,
            block=entry["block"],
            at=(float(x), float(y), float(turn)),
            mpn=entry.get("mpn", ""),
            mfr=entry.get("mfr", ""),
            price_eur=float(entry.get("price_eur", 0.0)),
            sheet=entry.get("sheet", ""),
            like=entry.get("like", ""),
            mcu=bool(entry.get("mcu")),
            bought=not point,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise SourceBroken(f"part {ref}: {error!r}") from error


def _pins(entry: dict[str, Any]) -> list[Pin]:
    if "two" in entry:
        first, second = entry["two"]
        return [Pin("1", "1", "passive", first), Pin("2", "2", "passive", second)]
    if "point" in entry:
        return [Pin("1", "1", "passive", entry["point"])]
    return [Pin(*pin) for pin in entry["pins"]]


def _pico_pin(name: str, spec: dict[str, Any]) -> Pin:
    pad = gpio.PADS.get(spec["gp"])
    if pad is None:
        raise SourceBroken(f"{name}: GP{spec['gp']} is not on the Pico's edge")
    return Pin(str(pad), f"GP{spec['gp']}", "bidirectional", name)
