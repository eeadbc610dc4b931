"""Charts as SVG text, drawn here: no script, nothing from elsewhere. A table with the same numbers stands beside each.

Colour is never the only sign: series differ by pattern and are named, and every bar carries its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
BAR_HEIGHT, GAP = 20, 8
LABEL_WIDTH, VALUE_WIDTH = 170, 70
PLOT_HEIGHT, FOOT, HEAD = 180, 34, 26
MAX_COLUMNS = 62  # more are thinner than a pattern shows: two months of days
LABELS = 8  # under the columns: as many as fit

# Pairs of a fill and the lines over it, of Okabe and Ito's palette: told apart without colours by the lines.
FILLS = ("#0072b2", "#e69f00", "#999999")
LINES = ("", "M0 6 6 0", "M3 0 3 6")


@dataclass(frozen=True)
class Series:
    """One kind of what is counted, in the order of the columns."""

    name: str
    values: Sequence[int]


def bars(title: str, rows: Sequence[tuple[str, int]]) -> str:
    """Return lying bars, one a row: name and number are written out."""
    most = max((value for _, value in rows), default=0) or 1
    wide = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    parts = []
    for at, (name, value) in enumerate(rows):
        y = at * (BAR_HEIGHT + GAP)
        middle = y + BAR_HEIGHT - 6
        width = round(wide * value / most, 1)
        parts.append(f'<text x="{LABEL_WIDTH - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width}" height="{BAR_HEIGHT}" fill="{FILLS[0]}"/>')
        parts.append(f'<text x="{LABEL_WIDTH + width + 6}" y="{middle}">{value:,}</text>')
    return _svg(title, max(len(rows) * (BAR_HEIGHT + GAP), BAR_HEIGHT), "".join(parts))


def columns(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """Return standing columns, the series one on the other, with a legend; at most MAX_COLUMNS of them."""
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"{len(names)} columns are too many to tell apart; sum them up to {MAX_COLUMNS}")
    sums = [sum(one.values[at] for one in series) for at in range(len(names))]
    most = max(sums, default=0) or 1
    step = WIDTH / max(len(names), 1)
    every = -(-len(names) // LABELS)
    parts = [_patterns(), _legend(series)]
    for at, name in enumerate(names):
        top = float(HEAD + PLOT_HEIGHT)
        for which, one in enumerate(series):
            tall = PLOT_HEIGHT * one.values[at] / most
            top -= tall
            box = f'x="{at * step + 1:.1f}" y="{top:.1f}" width="{max(step - 2, 1):.1f}" height="{tall:.1f}"'
            said = f"<title>{escape(name)}, {escape(one.name)}: {one.values[at]:,}</title>"
            parts.append(f'<rect {box} fill="url(#series-{which})">{said}</rect>' if tall else "")
        if at % every == 0:
            parts.append(f'<text x="{at * step + step / 2:.1f}" y="{HEAD + PLOT_HEIGHT + 16}">{escape(name)}</text>')
    parts.append(f'<text x="0" y="{HEAD + PLOT_HEIGHT + 32}">Tallest: {max(sums, default=0):,}</text>')
    return _svg(title, HEAD + PLOT_HEIGHT + FOOT, "".join(parts))


def _patterns() -> str:
    made = []
    for at, (fill, line) in enumerate(zip(FILLS, LINES, strict=True)):
        over = f'<path d="{line}" stroke="#fff" stroke-width="1.5"/>' if line else ""
        pattern = f'<pattern id="series-{at}" width="6" height="6" patternUnits="userSpaceOnUse">'
        made.append(f'{pattern}<rect width="6" height="6" fill="{fill}"/>{over}</pattern>')
    return f"<defs>{''.join(made)}</defs>"


def _legend(series: Sequence[Series]) -> str:
    made = []
    for at, one in enumerate(series):
        x = at * 170
        made.append(f'<rect x="{x}" y="0" width="14" height="14" fill="url(#series-{at})"/>')
        made.append(f'<text x="{x + 20}" y="12">{escape(one.name)} {sum(one.values):,}</text>')
    return "".join(made)


def _svg(title: str, height: int, inner: str) -> str:
    said = f'role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg"'
    looks = 'class="chart" font-size="12" font-family="sans-serif" fill="currentColor"'
    return f'<svg viewBox="0 0 {WIDTH} {height}" {said} {looks}>{inner}</svg>'
