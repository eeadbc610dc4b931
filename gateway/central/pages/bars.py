"""Charts as SVG that stands in a page: drawn here, since a charting package would run scripts that a page may not.

Colours and letters come from the page's style sheet by class, so that a chart is light or dark as its page is. Each
chart has its numbers in a table beside it; what a bar stands for is its title, too.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 720, 220  # of the drawing's own units; the page stretches it
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 26
MAX_LABELS = 8  # below the axis: more would touch
STEPS = (1, 2, 2.5, 5, 10)
MAX_LINES = 5  # across


class Series(NamedTuple):
    """One colour of the bars: the class that has it, and what it is called."""

    kind: str
    words: str


def stacked(
    title: str, labels: Sequence[str], series: Sequence[Series], values: Mapping[str, Sequence[int]], top: int = 0
) -> str:
    """Return stacked bars, one a label; `values`: by the kind of a series, as many as labels, drawn from below.

    `top`: up to where the axis reaches at least, so that charts side by side compare.
    """
    sums = [sum(values[one.kind][at] for one in series) for at in range(len(labels))]
    ceiling, step = axis(max([top, *sums, 1]))
    marks = [_line(value, ceiling) for value in _lines(ceiling, step)]
    marks += _labels(labels)
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    for at, label in enumerate(labels):
        below = 0
        for one in series:
            value = values[one.kind][at]
            if value:
                words = f"{label}: {value:,} {one.words}"
                marks.append(_bar(LEFT + at * wide, wide, (below, below + value), ceiling, one.kind, words))
            below += value
    told = f"{title}: {', '.join(f'{sum(values[one.kind]):,} {one.words}' for one in series)}"
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(told)}">'
        + "".join(marks)
        + "</svg>"
    )


def axis(most: int) -> tuple[int, int]:
    """Return (where an axis ends, its step): round numbers, at most MAX_LINES steps, whole ones."""
    size = 1
    while True:
        for factor in STEPS:
            step = int(size * factor)
            if step == size * factor and step * MAX_LINES >= most:
                return -(-most // step) * step, step
        size *= 10


def _lines(ceiling: int, step: int) -> range:
    return range(0, ceiling + 1, step)


def _height(value: int, ceiling: int) -> float:
    return HEIGHT - BOTTOM - value / ceiling * (HEIGHT - TOP - BOTTOM)


def _line(value: int, ceiling: int) -> str:
    y = _height(value, ceiling)
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick-y" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'
    )


def _labels(labels: Sequence[str]) -> list[str]:
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    every = -(-len(labels) // MAX_LABELS)
    return [
        f'<text class="tick-x" x="{LEFT + (at + 0.5) * wide:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for at, label in enumerate(labels)
        if at % max(1, every) == 0
    ]


def _bar(x: float, wide: float, span: tuple[int, int], ceiling: int, kind: str, words: str) -> str:
    top, foot = _height(span[1], ceiling), _height(span[0], ceiling)
    gap = min(4.0, wide * 0.2)
    return (
        f'<rect class="bar {kind}" x="{x + gap / 2:.1f}" y="{top:.2f}" width="{wide - gap:.1f}" '
        f'height="{foot - top:.2f}"><title>{escape(words)}</title></rect>'
    )
