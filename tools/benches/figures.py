"""A figure: one number that a bench measured, with what it is held against; as a JSON line or a row of a table."""

import json
import os
from dataclasses import dataclass

AT_MOST = "at most"
AT_LEAST = "at least"


@dataclass(frozen=True)
class Limit:
    """What a figure has to keep: `bound` says on which side."""

    value: float
    bound: str = AT_MOST


@dataclass(frozen=True)
class Peer:
    """Another thing of the same unit, for comparison."""

    name: str
    value: float


@dataclass(frozen=True)
class Figure:
    """A measured `value`; units last in `unit`. `how` says in a few words what it stands on."""

    bench: str
    figure: str
    value: float
    unit: str
    against: Limit | Peer | None = None
    how: str = ""

    def ratio(self) -> float | None:
        """Return the value as a share of its limit or peer; None where there is none, or nothing is allowed."""
        return self.value / self.against.value if self.against and self.against.value else None

    def kept(self) -> bool:
        """Return False where a limit is broken."""
        if not isinstance(self.against, Limit):
            return True
        above = self.value > self.against.value
        below = self.value < self.against.value
        return not (above if self.against.bound == AT_MOST else below)

    def line(self) -> str:
        """Return the figure as one line of JSON."""
        fields: dict[str, object] = {"bench": self.bench, "figure": self.figure}
        fields |= {"value": shortened(self.value), "unit": self.unit}
        if isinstance(self.against, Limit):
            fields |= {"limit": self.against.value, "bound": self.against.bound}
        elif self.against is not None:
            fields |= {"peer": {"name": self.against.name, "value": shortened(self.against.value)}}
        ratio = self.ratio()
        if ratio is not None:
            fields["ratio"] = shortened(ratio)
        if self.how:
            fields["how"] = self.how
        return json.dumps(fields)

    def row(self) -> tuple[str, ...]:
        """Return the figure as cells: bench, figure, value, unit, what it is held against, ratio."""
        against = ""
        if isinstance(self.against, Limit):
            against = f"{self.against.bound} {plain(self.against.value)}" + ("" if self.kept() else "  MISSED")
        elif self.against is not None:
            against = f"{self.against.name}: {plain(shortened(self.against.value))}"
        ratio = self.ratio()
        return (
            self.bench, self.figure, plain(shortened(self.value)), self.unit, against,
            "" if ratio is None else f"{ratio:.2f}",
        )  # fmt: skip


def machine() -> str:
    """Return what the figures were measured on, by cores and memory."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores and {round(memory / (1 << 30))} GB of memory"


def shortened(value: float) -> float:
    """Return a number without digits that no measurement supports: four that count."""
    if isinstance(value, int) or value == int(value):
        return int(value)
    return float(f"{value:.4g}")


def plain(value: float) -> str:
    """Return a number as people write it."""
    return f"{value:,}"


def table(figures: list[Figure]) -> str:
    """Return figures as an aligned table."""
    rows = [("bench", "figure", "value", "unit", "held against", "ratio"), *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numbers = (2, 5)
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
