"""What each rail carries, what the battery gives, and how long: from the loads and rails of board.toml."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rail:
    """One rail's current in mA, typical and at worst, its own loads and what it feeds."""

    name: str
    volts: float
    typ_ma: float
    peak_ma: float
    limit_ma: float

    @property
    def used(self) -> float:
        """Return the worst current as a part of the limit."""
        return self.peak_ma / self.limit_ma


def rails(raw: dict[str, Any], options: bool = True) -> dict[str, Rail]:
    """Return every rail with what it carries; without `options` the loads marked so are left out."""
    table = raw["rails"]
    loads = [load for load in raw["load"] if options or not load.get("option")]
    found: dict[str, Rail] = {}

    def carried(name: str, key: str) -> float:
        own = sum(load[key] for load in loads if load["rail"] == name)
        fed = 0.0
        for child, rail in table.items():
            if rail.get("from") == name:
                fed += carried(child, key) * rail["volts"] / table[name]["volts"] / rail["efficiency"]
        return float(own + fed)

    for name, rail in table.items():
        found[name] = Rail(name, rail["volts"], carried(name, "typ_ma"), carried(name, "peak_ma"), rail["limit_ma"])
    return found


def watts(raw: dict[str, Any], key: str, options: bool = True) -> float:
    """Return what is drawn from the battery, in watts; `key` is typ_ma or peak_ma."""
    rail = rails(raw, options)["V12"]
    return float(getattr(rail, key)) * rail.volts / 1000


def battery_hours(raw: dict[str, Any], options: bool = True) -> float:
    """Return how long the battery alone carries the typical load, in hours."""
    cell = raw["battery"]
    return float(cell["capacity_ah"] * cell["usable"] * cell["volts"] / watts(raw, "typ_ma", options))
