"""Charts: Vega-Lite draws each as one image, whose text is text and whose series differ without colours, too."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from gateway.central.charts.drawing import Drawing, vega_lite
from gateway.central.charts.specifications import (
    MAX_COLUMNS,
    MAX_ROWS,
    PLAIN,
    SCHEMA,
    Series,
    columns,
    lying,
    named,
    spans,
)

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ["10-26", "10-27", "<day>"]
SERIES = (
    Series("permitted", "permitted", [1200, 0, 3]),
    Series("refer", "referred", [1, 2, 0]),
    Series("unverifiable", "cannot verify", [0, 0, 4]),
)


@pytest.fixture(scope="module")
def drawing():
    return Drawing(vega_lite)


@pytest.fixture(scope="module")
def drawn(drawing):
    return drawing.svg(columns("A<b>", NAMES, SERIES))


def texts(svg, name="text"):
    return [one.text for one in ET.fromstring(svg).iter(f"{SVG}{name}")]


def test_a_chart_is_one_image_with_its_sums_as_a_name(drawn):
    root = ET.fromstring(drawn)
    assert (root.get("role"), root.get("class")) == ("img", "chart")
    assert root.get("aria-label") == "A<b>: 1,203 permitted, 3 referred, 4 cannot verify"
    inside = [one for one in root.iter() if one is not root]
    assert not [name for one in inside for name in one.attrib if name == "role" or name.startswith("aria")]


def test_every_bar_says_what_it_is(drawn):
    said = ["10-26: 1,200 permitted", "10-26: 1 referred", "10-27: 2 referred", "<day>: 3 permitted"]
    assert texts(drawn, "title") == [*said, "<day>: 4 cannot verify"]


def test_series_differ_by_pattern_and_the_legend_has_the_same(drawn):
    root = ET.fromstring(drawn)
    patterns = {one.get("id"): one.find(f"{SVG}path") for one in root.iter(f"{SVG}pattern")}
    lines = ["" if path is None else path.get("d") for path in patterns.values()]
    used = [one.get("fill")[5:-1] for one in root.iter(f"{SVG}path") if one.get("fill", "").startswith("url(#")]
    assert set(used) <= set(patterns) and [used.count(name) for name in patterns] == [3, 3, 2, 0]
    assert len(set(lines[:3])) == 3
    assert {"permitted 1,203", "referred 3", "cannot verify 4"} <= set(texts(drawn))


def test_two_charts_of_a_page_keep_their_patterns_apart(drawing, drawn):
    other = drawing.svg(columns("Other", NAMES, SERIES, small=True))
    assert not set(re.findall(r'id="(.*?)"', drawn)) & set(re.findall(r'id="(.*?)"', other))
    assert "permitted 1,203" not in texts(other)


def test_a_page_that_allows_nothing_shows_it(drawn):
    """No script, style or address stands in it, and letters are the page's own: a page may load nothing else."""
    assert not re.search(r"<script|<style|style=|href|<image|font-face|@import", drawn)
    assert len(texts(drawn)) > 8 and "Liberation" not in drawn
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawn))
    assert all(one in ("none", "currentColor") or one.startswith(("var(--", "url(#")) for one in colours)


def test_the_same_figures_are_the_same_chart_and_are_drawn_once(drawn):
    asked = []
    drawing = Drawing(lambda spec: asked.append(spec) or vega_lite(spec))
    assert drawing.svg(columns("A<b>", NAMES, SERIES)) == drawing.svg(columns("A<b>", NAMES, SERIES)) == drawn
    assert len(asked) == 1 and json.loads(asked[0])["$schema"] == SCHEMA
    drawing.svg(columns("A<b>", NAMES, SERIES, top=5000))
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("most", "found"),
    [(1, "0 1"), (2, "0 1 2"), (4, "0 1 2 3 4"), (23, "0 5 10 15 20 25"), (1001, "0 200 400 600 800 1,000 1,200")],
)
def test_an_axis_has_round_and_whole_numbers(drawing, most, found):
    chart = columns("One", [""], [Series(PLAIN, "permits", [most])])
    assert [one for one in texts(drawing.svg(chart)) if one and "permits" not in one] == found.split()


def test_charts_side_by_side_have_one_axis(drawing):
    high = drawing.svg(columns("One", NAMES, SERIES, top=4000, small=True))
    assert "4,000" in texts(high)


def test_lying_bars_carry_their_numbers_and_names(drawing):
    chart = drawing.svg(lying("By <point>", [("A&B", 1234), ("C", 0), ("C", 7)]))
    assert ET.fromstring(chart).get("aria-label") == "By <point>"
    assert texts(chart) == ["A&B", "C", "C", "1,234", "0", "7"]
    assert texts(chart, "title") == ["A&B: 1,234", "C: 0", "C: 7"]


def test_many_rows_end_in_one_for_the_others(drawing):
    rows = [(f"P{at}", 100 - at) for at in range(MAX_ROWS + 1)]
    assert texts(drawing.svg(lying("Some", rows[:MAX_ROWS])))[MAX_ROWS - 1] == f"P{MAX_ROWS - 1}"
    shown = texts(drawing.svg(lying("Many", rows)))
    assert (shown[MAX_ROWS - 1], shown[-1], len(shown)) == ("2 others", str(100 - 23 + 100 - 24), 2 * MAX_ROWS)


def test_nothing_is_a_chart_too_and_too_many_columns_are_not(drawing):
    for chart in (columns("None", [], []), columns("None", NAMES, ()), lying("None", [])):
        ET.fromstring(drawing.svg(chart))
    with pytest.raises(ValueError, match="too many"):
        columns("Many", ["d"] * (MAX_COLUMNS + 1), [])


def test_days_are_summed_up_until_they_are_few_enough():
    assert [len(spans("2026-01-01", last)) for last in ("2026-03-03", "2026-03-04", "2027-12-31")] == [62, 9, 25]
    assert named(spans("2026-12-30", "2026-12-31")) == ["12-30", "12-31"]
    assert named(spans("2026-12-31", "2027-01-01")) == ["2026-12-31", "2027-01-01"]


def test_what_draws_is_loaded_with_the_first_chart():
    code = "import sys, gateway.central.charts.drawing; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
