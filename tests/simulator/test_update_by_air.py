"""A firmware comes by radio: through breaks of all sorts, within the law, and with an honest word of how long."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.boards.progress import PACE, RULES, Left, Progress, words

ROOT = Path(__file__).resolve().parents[2]
HALF_HOUR_SHARE_S = 180  # EU868's own channel gives a tenth of the hour; an update leaves half of that


def carried(factor, *more):
    """Carry a firmware by air, in a process of its own; return what was seen."""
    command = [sys.executable, "-m", "tests.simulator.air_update", str(factor), *more]
    paths = [str(ROOT / part) for part in ("firmware", "firmware/lib", "tools")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return json.loads(ended.stdout)


def test_through_a_dead_gateway_a_silent_air_and_a_power_cut_it_arrives_within_the_law():
    seen = carried(7, "breaks")
    assert seen["run"] == "b" and set(seen["files"].values()) == {True} and seen["left"] == []
    assert seen["silent"] == 0  # nothing came while the air was silent
    assert seen["written"] == seen["needed"]  # and no byte came twice after any break
    assert seen["law"] == []
    assert all(0 < used_s < HALF_HOUR_SHARE_S for used_s in seen["used_s"].values())
    assert seen["words"].startswith("Board 1 runs 0.1.0; it is being sent 0.2.0: ") and " left " in seen["words"]
    first = next(left for _, _, left, by in seen["samples"] if by == RULES)
    assert 120 <= first <= 480  # without a break it takes four minutes
    # What is said when something came; while nothing comes, what is left grows, since nobody knows how long that lasts.
    moved = [now for before, now in itertools.pairwise(seen["samples"]) if now[1] > before[1] >= 70 and now[3] == PACE]
    assert moved
    for at_s, _, left, _ in moved:
        assert abs(seen["took_s"] - at_s - left) <= 90


@pytest.fixture
def progress():
    """An update that began at noon, so to say."""
    made = Progress()
    made.note(b"one", 0, 0)
    return made


def test_before_there_is_a_pace_the_carriers_rules_say_how_long(progress):
    assert progress.left(60_000, 10_000, 200, 0) is None  # a line has none
    assert progress.left(60_000, 10_000, 200, 8000) == Left(400, RULES)
    progress.note(b"one", 2, 60_000)
    assert progress.left(60_000, 10_000, 200, 8000) == Left(392, RULES)


def test_then_the_pace_counts_and_what_lasts_counts_too(progress):
    progress.note(b"one", 4, 40_000)
    assert progress.left(40_000, 10_000, 200, 8000) == Left(960, PACE)
    assert progress.left(400_000, 10_000, 200, 8000) == Left(9600, PACE)  # nothing came since
    progress.note(b"one", 10, 410_000)
    progress.note(b"one", 15, 460_000)
    progress.note(b"one", 20, 510_000)
    assert progress.left(510_000, 10_000, 200, 8000) == Left(800, PACE)  # ten percent in 100 s: the break is over


def test_another_bundle_or_one_that_begins_anew_starts_over(progress):
    progress.note(b"one", 50, 50_000)
    progress.note(b"two", 50, 60_000)
    assert progress.left(60_000, 10_000, 200, 0) is None
    progress.note(b"two", 60, 70_000)
    progress.note(b"two", 5, 80_000)
    assert progress.left(80_000, 10_000, 200, 0) is None


def test_durations_are_as_coarse_as_they_are_known():
    said = [words(seconds) for seconds in (5, 89, 600, 5300, 5400, 30 * 3600, 40 * 3600, 9 * 86_400)]
    assert said == ["a minute", "a minute", "10 minutes", "88 minutes", "2 hours", "30 hours", "2 days", "9 days"]
