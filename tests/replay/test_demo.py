"""The demo from card to office, on a short scenario: whole, with links down, with kills, and broken in each part."""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benches.postgres import Server
from replay.flashed import lay_out
from tests.support import reference

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / "tools" / "scenarios" / "hamgyong-1961"
MICROPYTHON = Path(sys.executable).with_name("micropython")
TAPS = 14
POINTS = ("ONS", "KYS")  # one at each gateway

pytestmark = [
    pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"),
    pytest.mark.timeout(600),  # the first test plays two demos; of each one part after the other has its own patience
]


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Return the first taps at two points: with and without a card, with company, exits, each outcome."""
    taps = [row for row in _rows("taps.csv") if row["crossing_point"] in POINTS]
    special = [row for row in taps if row["direction"] == "exit" or (not row["outcome"] and int(row["party"]) > 1)]
    chosen = sorted(taps[: TAPS - 6] + special[:4], key=lambda row: int(row["tap"]))
    chosen += _again(next(row for row in reversed(chosen) if row["card_uid"]))
    assert len(chosen) == TAPS
    return _scenario(tmp_path_factory.mktemp("short"), POINTS, sorted(chosen, key=lambda row: row["local_time"]))


@pytest.fixture(scope="module")
def shortest(tmp_path_factory):
    """Return a few taps at one point, for a demo of which one board, one gateway and the centre are to be seen."""
    taps = [row for row in _rows("taps.csv") if row["crossing_point"] == POINTS[0]]
    return _scenario(tmp_path_factory.mktemp("shortest"), POINTS[:1], taps[:4])


def _scenario(folder, codes, taps):
    """Write the folder of a scenario with some points, some taps, and what is known of their cards."""
    points = _copy("crossing_points.csv", folder, lambda row: row["code"] in codes)
    assert len(points) == len(codes)
    _write(folder / "taps.csv", taps)
    uids = {row["card_uid"] for row in taps}
    cards = _copy("cards.csv", folder, lambda row: row["card_uid"] in uids)
    wanted = {row["application_id"] for row in cards}
    _copy("applications.csv", folder, lambda row: row["application_id"] in wanted)
    return folder


def _rows(name):
    with (REAL / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _again(row):
    """Return two more taps of the same card at the same board: at once, and just too late for the same passage."""
    first = datetime.fromisoformat(row["local_time"])
    late = first + timedelta(seconds=301)
    return [
        {**row, "tap": "9001", "outcome": ""},
        {**row, "tap": "9002", "local_time": late.isoformat()},
    ]


def _write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _copy(name, folder, chosen):
    rows = [row for row in _rows(name) if chosen(row)]
    _write(folder / name, rows)
    return rows


@pytest.fixture(scope="module")
def flashed(tmp_path_factory):
    """Return the option that spares a demo to compile the firmware: the first demo shows that it can."""
    folder = tmp_path_factory.mktemp("flashed")
    assert lay_out(folder) > 80
    return f"--firmware={folder}"


def demo(scenario, out, *options, **environment):
    """Run the demo once and return the ended process."""
    command = [sys.executable, "-m", "replay", "--once", "--scenario", str(scenario), "--out", str(out), *options]
    env = os.environ | environment
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=400, stdin=subprocess.DEVNULL, env=env
    )


def crossings(out):
    """Return what the office pulled, without what differs from run to run."""
    rows = [json.loads(line) for line in (out / "crossings.ndjson").read_text().splitlines()]
    names = ("crossing_point", "local_time", "direction", "card_uid", "party", "outcome", "verdict", "reasons", "notes")
    return sorted([row[name] for name in names] for row in rows)


@pytest.fixture(scope="module")
def whole(short, tmp_path_factory):
    """Return what a run without faults gives the office."""
    out = tmp_path_factory.mktemp("whole")
    ended = demo(short, out)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return crossings(out)


def test_each_tap_is_at_the_office_once_with_the_verdict_of_the_reference(short, whole):
    taps = reference.judge(reference.World(short))
    assert len(taps) == TAPS
    tapped = [[tap.point, tap.moment.isoformat(), tap.direction, tap.card, tap.party, tap.outcome] for tap in taps]
    told = [[tap.verdict, tap.reasons, tap.notes] for tap in taps]
    assert whole == sorted([*what, *verdict] for what, verdict in zip(tapped, told, strict=True))


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL server."""
    made = Server()
    yield made
    made.close()


def test_links_that_are_down_change_nothing_of_the_result_with_four_processes_on_postgresql(
    short, whole, tmp_path, server, flashed
):
    """All that boards kept comes at once, to whichever process is free."""
    centre = {"CHECKPOST_CENTRAL_DATABASE": server.fresh("demo"), "CHECKPOST_CENTRAL_PROCESSES": "4"}
    ended = demo(short, tmp_path, flashed, "--faults", "links-down", **centre)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert crossings(tmp_path) == whole
    assert server.execute("SELECT count(*) FROM crossings", "demo") == [(len(whole),)]


def test_kills_change_nothing_of_the_result(short, whole, tmp_path, flashed):
    ended = demo(short, tmp_path, flashed, "--faults", "kills")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert crossings(tmp_path) == whole


def test_radio_changes_nothing_of_the_result_and_keeps_to_the_law(short, whole, tmp_path, flashed):
    """Both boards and both gateways' modems on one channel that loses a tenth of all packets."""
    ended = demo(short, tmp_path, flashed, "--links", "lora")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert crossings(tmp_path) == whole
    assert "no sender was over its duty cycle in any hour" in ended.stdout


@pytest.mark.parametrize("part", ["spi", "micropython", "uart", "http"])
def test_a_broken_part_breaks_the_demo(shortest, tmp_path, part, flashed):
    """The taps go through SPI bytes, MicroPython, UART bytes and HTTP: without one of them nothing arrives."""
    ended = demo(shortest, tmp_path, flashed, "--faults", f"break-{part}", "--patience", "8")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("tools/demo:") == 1


def test_wrong_calls_get_one_sentence(tmp_path):
    calls = (("scenario", "there is no scenario folder"), ("firmware", "there is no firmware in"))
    for options, words in ((("--" + name, str(tmp_path / "no")), words) for name, words in calls):
        command = [sys.executable, "-m", "replay", "--once", "--out", str(tmp_path), *options]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
        assert ended.returncode == 2
        assert words in ended.stderr and len(ended.stderr.strip().splitlines()) == 1
