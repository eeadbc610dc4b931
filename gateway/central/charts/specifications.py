"""Charts as Vega-Lite specifications: what is counted, and how it is shown. Drawing them is `drawing`'s part.

Colour is never the only sign: series differ by pattern and are named, and every bar says its number. Positions do not
hang on the fonts of the machine that draws: labels have the room that is named here, and which of them stand is chosen
here, too. Colours are variables of the page's style sheet, so that a chart is light or dark as its page is; the values
beside them are for a page that has none, as a report that is printed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkpost.dates import format_date, parse_date

WIDTH, SMALL_WIDTH = 720, 352  # of the drawing's own units: alone in its row, or one of several side by side
HEIGHT = 180
BAR_STEP = 28
LEFT, RIGHT, BOTTOM = 56, 8, 24
HEAD, SMALL_HEAD = 34, 10  # with a legend, and without
LABEL_WIDTH, VALUE_WIDTH = 170, 70
MAX_COLUMNS = 62  # more are thinner than a pattern shows: two months of days
MAX_ROWS = 24  # of lying bars: what a page shows at once
LABELS, SMALL_LABELS = 6, 4  # under the columns: more would touch on a phone
TICKS = 5
LEGEND_GAP = 130  # between names in the legend: on a phone letters are larger
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # its name; nobody fetches it

INK, RULE = "currentColor", "var(--rule, #bbbbbb)"
GAP = "var(--card, #ffffff)"  # between what stands on each other
# By kind: a colour, and the lines over it, by which kinds differ in black and white.
FILLS: Mapping[str, tuple[str, str]] = {
    "permitted": ("var(--go, #14633a)", ""),
    "refer": ("var(--ask, #93370c)", "M0 6 6 0"),
    "unverifiable": ("var(--cannot, #3b4a9c)", "M3 0 3 6"),
    "plain": ("var(--bar, #0072b2)", ""),
}
PLAIN = "plain"


@dataclass(frozen=True)
class Series:
    """One kind of what is counted, in the order of the columns. `kind`: one of FILLS."""

    kind: str
    words: str
    values: Sequence[int]


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn. `told`: the same in words, for who does not see it; `spec`: Vega-Lite."""

    title: str
    told: str
    spec: Mapping[str, Any]


def lying(title: str, rows: Sequence[tuple[str, int]]) -> Chart:
    """Return lying bars, one a row: name and number are written out; what is behind MAX_ROWS is summed up in one."""
    rest = rows[MAX_ROWS - 1 :]
    if len(rest) > 1:
        rows = [*rows[: MAX_ROWS - 1], (f"{len(rest):,} others", sum(value for _, value in rest))]
    values = [
        {"at": at, "value": value, "number": f"{value:,}", "said": f"{name}: {value:,}"}
        for at, (name, value) in enumerate(rows)
    ]
    names = _name_of([name for name, _ in rows])
    y = {"field": "at", "type": "ordinal", "scale": {"paddingInner": 0.3, "paddingOuter": 0}}
    y |= {"axis": _axis(grid=False, domain=False, labelExpr=names, labelLimit=LABEL_WIDTH)}
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domainMin": 0}}
    layers = [
        {"mark": {"type": "bar", "fill": FILLS[PLAIN][0]}, "encoding": {"description": {"field": "said"}}},
        {"mark": {"type": "text", "align": "left", "dx": 6}, "encoding": {"text": {"field": "number"}}},
    ]
    spec = {"encoding": {"x": x, "y": y}, "layer": layers, "height": max(len(rows), 1) * BAR_STEP}
    padding = {"left": LABEL_WIDTH, "right": VALUE_WIDTH, "top": 0, "bottom": 0}
    return Chart(title, title, _whole(spec, values, WIDTH, padding))


def columns(title: str, names: Sequence[str], series: Sequence[Series], top: int = 0, small: bool = False) -> Chart:
    """Return standing columns, the series one on the other from below; at most MAX_COLUMNS of them.

    `top`: up to where the axis reaches at least, so that charts side by side compare. `small`: half as wide, and
    without a legend, which then stands beside.
    """
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"{len(names)} columns are too many to tell apart; sum them up to {MAX_COLUMNS}")
    values = [
        {"at": at, "value": one.values[at], "order": order, "series": one.words, "said": _bar(name, one, at)}
        for at, name in enumerate(names)
        for order, one in enumerate(series)
        if one.values[at]
    ]
    encoding = {
        "x": _days(names, SMALL_LABELS if small else LABELS),
        "y": _counts(max([top, 1, *(sum(one.values[at] for one in series) for at in range(len(names)))])),
        "fill": _patterns(series, legend=bool(series) and not small),
        "order": {"field": "order"},
        "description": {"field": "said"},
    }
    spec = {"mark": {"type": "bar", "stroke": GAP, "strokeWidth": 0.75}, "encoding": encoding, "height": HEIGHT}
    padding = {"left": LEFT, "right": RIGHT, "top": SMALL_HEAD if small else HEAD, "bottom": BOTTOM}
    told = f"{title}: {', '.join(f'{sum(one.values):,} {one.words}' for one in series)}"
    return Chart(title, told, _whole(spec, values, SMALL_WIDTH if small else WIDTH, padding))


def spans(first: str, last: str) -> list[list[str]]:
    """Return the days from one to another by day; by week or month (30 days) where columns would be too many."""
    days = [format_date(day) for day in range(parse_date(first), parse_date(last) + 1)]
    size = next(size for size in (1, 7, 30) if len(days) <= size * MAX_COLUMNS)
    return [days[at : at + size] for at in range(0, len(days), size)]


def named(shown: Sequence[Sequence[str]]) -> list[str]:
    """Return what spans of days are called: their first day, with its year where years differ."""
    one_year = len({day[:4] for some in shown for day in some}) == 1
    return [some[0][5:] if one_year else some[0] for some in shown]


def _days(names: Sequence[str], labels: int) -> dict[str, Any]:
    places = list(range(len(names)))
    shown = places[:: -(-len(names) // labels) or 1]
    axis = _axis(grid=False, domain=True, labelExpr=_name_of(names), values=shown, labelAngle=0)
    return {"field": "at", "type": "ordinal", "scale": {"domain": places, "paddingInner": 0.15}, "axis": axis}


def _counts(most: int) -> dict[str, Any]:
    ticks = min(TICKS, most)  # whole numbers only
    axis = _axis(grid=True, domain=False, tickCount=ticks, format=",d")
    scale = {"domain": [0, most], "nice": ticks}
    return {"field": "value", "type": "quantitative", "stack": "zero", "scale": scale, "axis": axis}


def _patterns(series: Sequence[Series], legend: bool) -> dict[str, Any]:
    """Return which pattern a series has; `drawing` adds the patterns themselves."""
    sums = json.dumps({one.words: f"{one.words} {sum(one.values):,}" for one in series})
    shown = {"orient": "top", "title": None, "offset": 8, "columnPadding": LEGEND_GAP, "labelLimit": 0}
    shown |= {"symbolType": "square", "symbolSize": 200, "symbolStrokeWidth": 0, "symbolOpacity": 1}
    shown |= {"labelExpr": f"{sums}[datum.value]"}
    scale = {"domain": [one.words for one in series], "range": [f"url(#{one.kind})" for one in series]}
    return {"field": "series", "type": "nominal", "scale": scale, "legend": shown if legend else None}


def _bar(name: str, one: Series, at: int) -> str:
    return f"{name}: {one.values[at]:,} {one.words}"


def _name_of(names: Sequence[str]) -> str:
    """Return a Vega expression of the name of a place; names may repeat, places do not."""
    return f"{json.dumps(list(names))}[datum.value]"


def _axis(**values: object) -> dict[str, object]:
    return {"title": None, "ticks": False, "labelPadding": 8, "labelOverlap": False, "labelBound": False} | values


def _whole(
    spec: Mapping[str, Any], values: Sequence[Mapping[str, Any]], width: int, padding: Mapping[str, int]
) -> dict[str, Any]:
    axis = {"labelColor": INK, "gridColor": RULE, "domainColor": RULE, "labelFontSize": 12}
    config = {
        "axis": axis,
        "legend": {"labelColor": INK, "labelFontSize": 12},
        "text": {"fill": INK, "fontSize": 12},
        "view": {"stroke": None},
        "background": None,
    }
    inside = width - padding["left"] - padding["right"]
    around = {"padding": dict(padding), "autosize": "none", "config": config, "data": {"values": list(values)}}
    return {"$schema": SCHEMA, "width": inside, **spec, **around}
