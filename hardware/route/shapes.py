"""Copper as the router sees it: rectangles and capsules on a layer, and which grid cells are near them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

PITCH_MM = 0.25  # a quarter of a track and its clearances; finer ones take longer and gain nothing here
FRONT, BACK = 0, 1


@dataclass(frozen=True)
class Grid:
    """The board as cells; a cell's number is (layer * rows + row) * columns + column."""

    width_mm: float
    height_mm: float

    @cached_property
    def columns(self) -> int:
        """Return how many cells there are across."""
        return round(self.width_mm / PITCH_MM) + 1

    @cached_property
    def rows(self) -> int:
        """Return how many cells there are down."""
        return round(self.height_mm / PITCH_MM) + 1

    def cell(self, column: int, row: int, layer: int) -> int:
        """Return a cell's number."""
        return (layer * self.rows + row) * self.columns + column

    def place(self, cell: int) -> tuple[float, float, int]:
        """Return a cell's x and y in mm and its layer."""
        rest, column = divmod(cell, self.columns)
        layer, row = divmod(rest, self.rows)
        return column * PITCH_MM, row * PITCH_MM, layer


@dataclass(frozen=True)
class Rect:
    """A pad or a hole: middle, half sizes, layers."""

    x: float
    y: float
    half_x: float
    half_y: float
    layers: tuple[int, ...]

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from the rectangle; 0 inside."""
        dx = max(abs(x - self.x) - self.half_x, 0.0)
        dy = max(abs(y - self.y) - self.half_y, 0.0)
        return math.hypot(dx, dy)

    def near(self, grid: Grid, reach: float) -> Iterator[int]:
        """Yield the cells within `reach` mm."""
        yield from _near(self, grid, reach, self.x, self.y, self.half_x, self.half_y, self.layers)


@dataclass(frozen=True)
class Capsule:
    """A track's middle line, or a via's middle when both ends are one; reach comes with the question."""

    x1: float
    y1: float
    x2: float
    y2: float
    layers: tuple[int, ...]

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from the line."""
        dx, dy = self.x2 - self.x1, self.y2 - self.y1
        length = dx * dx + dy * dy
        along = 0.0 if length == 0 else ((x - self.x1) * dx + (y - self.y1) * dy) / length
        along = min(1.0, max(0.0, along))
        return math.hypot(x - self.x1 - along * dx, y - self.y1 - along * dy)

    def near(self, grid: Grid, reach: float) -> Iterator[int]:
        """Yield the cells within `reach` mm."""
        middle_x, middle_y = (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2
        half_x, half_y = abs(self.x1 - self.x2) / 2, abs(self.y1 - self.y2) / 2
        yield from _near(self, grid, reach, middle_x, middle_y, half_x, half_y, self.layers)


def _near(
    shape: "Rect | Capsule", grid: Grid, reach: float, x: float, y: float, half_x: float, half_y: float,
    layers: tuple[int, ...],
) -> Iterator[int]:  # fmt: skip
    first_column = max(0, math.ceil((x - half_x - reach) / PITCH_MM))
    last_column = min(grid.columns - 1, math.floor((x + half_x + reach) / PITCH_MM))
    first_row = max(0, math.ceil((y - half_y - reach) / PITCH_MM))
    last_row = min(grid.rows - 1, math.floor((y + half_y + reach) / PITCH_MM))
    cells = grid.columns * grid.rows
    for row in range(first_row, last_row + 1):
        line = row * grid.columns
        for column in range(first_column, last_column + 1):
            if shape.distance(column * PITCH_MM, row * PITCH_MM) < reach:
                for layer in layers:
                    yield layer * cells + line + column


@dataclass(frozen=True)
class Pad:
    """One pad of the layout: whose it is, its net, its copper, and whether it is drilled through."""

    ref: str
    number: str
    net: str
    rect: Rect
    drilled: bool

    @property
    def small(self) -> bool:
        """Return True where a wide track must become narrow to enter."""
        return min(self.rect.half_x, self.rect.half_y) < 0.75


@dataclass(frozen=True)
class Track:
    """A straight piece of track in mm."""

    x1: float
    y1: float
    x2: float
    y2: float
    layer: int
    width: float


@dataclass(frozen=True)
class Via:
    """A via in mm."""

    x: float
    y: float
