"""tools/bench: the form of its figures, and the counts that firmware/README.md gives."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benches import soak
from benches.command import BENCHES
from benches.figures import AT_LEAST, Figure, Limit, Peer, table
from benches.interpreter import MICROPYTHON

ROOT = Path(__file__).resolve().parent.parent
BENCH = [sys.executable, str(ROOT / "tools" / "benches")]
README = (ROOT / "firmware" / "README.md").read_text()
LIMIT_S = 250  # a quiet machine takes about fifteen
EXACT = {"programs-a-tap": 0.02, "erases-a-tap": 0.15, "reads-a-tap": 0.05, "reads-a-tap-offline": 0.05}
BOUNDED = ("recovery-reads-most", "lookup-reads-most")
HEAP = ("heap-in-use", "heap-in-use-uid")
GROWN = 1.0  # points of the heap: a feature that takes as much is to be seen, and to be weighed against what is left
SIZE = 0.15  # of the .mpy files: README is to be mended when the firmware has grown by as much

needs_micropython = pytest.mark.skipif(
    not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"
)


def stated(figure):
    """Return what firmware/README.md says of a figure of the bench."""
    found = re.search(rf"\| `{figure}` \| ([\d.,]+)", README)
    assert found, f"firmware/README.md does not name {figure}"
    return float(found[1].replace(",", ""))


@pytest.fixture(scope="module")
def lines():
    ended = subprocess.run([*BENCH, "board", "--quick"], capture_output=True, text=True, timeout=LIMIT_S)
    assert ended.returncode in (0, 1), ended.stderr  # 1: a limit is missed, as times may be on a busy machine
    return [json.loads(line) for line in ended.stdout.splitlines()]


@needs_micropython
def test_each_line_is_a_figure(lines):
    assert len({line["figure"] for line in lines}) == len(lines) > 20
    for line in lines:
        assert line["bench"] == "board" and line["unit"] and isinstance(line["value"], int | float)
        against = line.get("limit") or line.get("peer", {}).get("value")
        if against:
            assert line["ratio"] == pytest.approx(line["value"] / against, rel=1e-3)


@needs_micropython
def test_a_card_is_proven_with_three_apdus():
    ended = subprocess.run([*BENCH, "card", "--quick"], capture_output=True, text=True, timeout=LIMIT_S)
    found = {line["figure"]: line["value"] for line in map(json.loads, ended.stdout.splitlines())}
    assert found.get("apdus") == 3, ended.stderr


@needs_micropython
def test_the_counts_are_those_of_the_readme(lines):
    found = {line["figure"]: line for line in lines}
    for figure, tolerance in EXACT.items():
        assert found[figure]["value"] == pytest.approx(stated(figure), rel=tolerance), figure
    for figure in BOUNDED:
        assert found[figure]["value"] <= found[figure]["limit"] == stated(figure)
    for figure in HEAP:
        assert found[figure]["value"] == pytest.approx(stated(figure), abs=GROWN), figure
    assert found["mpy-size"]["value"] == pytest.approx(stated("mpy-size"), rel=SIZE)


def test_an_unknown_bench_is_one_sentence():
    ended = subprocess.run([*BENCH, "nonsense"], capture_output=True, text=True, timeout=180)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "There is no bench 'nonsense': use board, link, card, gateway, central, soak.\n"


def test_every_bench_and_option_is_in_the_readme():
    words = (ROOT / "README.md").read_text()
    for name in [*BENCHES, "--quick", "--table"]:
        assert f"`{name}`" in words, name


def test_a_limit_holds_on_its_side_and_a_peer_always():
    assert Figure("b", "f", 3, "ms", Limit(3)).kept() and not Figure("b", "f", 4, "ms", Limit(3)).kept()
    assert (
        Figure("b", "f", 3, "ms", Limit(3, AT_LEAST)).kept()
        and not Figure("b", "f", 2, "ms", Limit(3, AT_LEAST)).kept()
    )
    assert Figure("b", "f", 9, "ms", Peer("another", 3)).kept()


def test_a_figure_says_what_it_is_held_against():
    line = json.loads(Figure("b", "f", 2.34567, "ms", Limit(4), "measured").line())
    assert line == {
        "bench": "b", "figure": "f", "value": 2.346, "unit": "ms",
        "limit": 4, "bound": "at most", "ratio": 0.5864, "how": "measured",
    }  # fmt: skip
    line = json.loads(Figure("b", "f", 2, "ms", Peer("another", 4)).line())
    assert (line["peer"], line["ratio"]) == ({"name": "another", "value": 4}, 0.5)
    assert "ratio" not in json.loads(Figure("b", "f", 0, "losses", Limit(0.0)).line())


def test_the_table_marks_what_misses_its_limit():
    rows = table([Figure("b", "f", 5000, "ms", Limit(4)), Figure("b", "g", 1, "ms")]).splitlines()
    assert rows[1].split() == ["b", "f", "5,000", "ms", "at", "most", "4", "MISSED", "1250.00"]
    assert rows[2].split() == ["b", "g", "1", "ms"]


@needs_micropython
def test_a_short_soak_loses_nothing_and_stays_within_its_memory():
    found = {figure.figure: figure for figure in soak.short(lambda words: None)}
    assert all(figure.kept() for figure in found.values()), [figure for figure in found.values() if not figure.kept()]
    most = re.search(r"most of all looks \| ([\d.]+) %", README)
    assert most and found["heap-in-use"].value <= float(most[1]) + GROWN <= soak.MAX_IN_USE
    assert found["roster-merges"].value and found["sessions"].value > 1


def test_growth_of_the_heap_is_seen():
    flat = [1000] * 100
    rising = [1000 + 10 * at for at in range(100)]
    assert [figure.kept() for figure in soak.heap(flat, 10_000)] == [True, True, True]
    assert [figure.kept() for figure in soak.heap(rising, 10_000)] == [False, True, True]
    assert [figure.kept() for figure in soak.heap([7000] * 100, 10_000)] == [True, False, True]
    assert [figure.kept() for figure in soak.heap(flat, 10_000, 7000)] == [True, True, False]
