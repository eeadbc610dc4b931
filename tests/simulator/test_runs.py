"""The whole chain in one process, for a few seeds; thousands are a command: `checkpost sim run --seeds 1-10000`."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import command
from simulator.faults import ALL, NONE, UnknownFault, chosen
from simulator.links import LORA, MIXED, SERIAL
from simulator.loop import Stuck, VirtualLoop
from simulator.run import Result
from simulator.shrink import Shape

SPAN = 40  # seeds of one process: ten seconds, two minutes on a machine that is very busy
CHECKPOST = str(Path(sys.executable).parent / "checkpost")
RUNS = """
import json, sys
from simulator.command import _quieten
from simulator.run import simulate
_quieten()
for seed, boards, taps, faults, links in json.loads(sys.argv[1]):
    print(json.dumps(vars(simulate(seed, boards, taps, tuple(faults), links))))
"""
MACHINES = ("board-swap", "board-move", "board-restore", "board-clone", "gateway-restore", "loss")
CASES = {
    "whole": (1, 3, 12, NONE, SERIAL),
    "faults": (1, 3, 30, ALL, SERIAL),
    "rot": (12, 2, 16, ("rot", "loss", "power"), SERIAL),
    "radio": (2, 3, 12, ALL, LORA),
    "mixed": (5, 2, 6, ALL, MIXED),
    "boards": (6, 4, 80, MACHINES, SERIAL),
    "gateways": (7, 4, 80, MACHINES, SERIAL),
}


def _play(*cases, **environment):
    """Play runs in a process of its own: they take the threads away from whatever runs beside them."""
    command = [sys.executable, "-c", RUNS, json.dumps(cases)]
    said = subprocess.run(command, capture_output=True, check=True, env=os.environ | environment).stdout
    return [json.loads(line) for line in said.splitlines()]


@pytest.fixture(scope="module")
def runs():
    """Return what became of each case."""
    return dict(zip(CASES, _play(*CASES.values()), strict=True))


def test_without_faults_every_tap_arrives(runs):
    result = runs["whole"]
    assert (result["broken"], result["crossings"], result["faults"]) == ([], 12, {})


def test_with_every_fault_every_beep_arrives_once(runs):
    result = runs["faults"]
    assert result["broken"] == []
    assert result["crossings"] >= 30
    assert sum(result["faults"].values()) > 20


def test_with_records_that_rot_all_others_arrive_once_and_those_are_told(runs):
    result = runs["rot"]
    assert result["broken"] == []
    assert result["faults"]["rot"] > 0


def test_by_radio_every_beep_arrives_once_and_the_law_is_kept(runs):
    result = runs["radio"]
    assert result["broken"] == []
    assert result["crossings"] >= 12
    assert result["packets"] > 40


def test_boards_that_are_moved_replaced_restored_or_cloned_lose_nothing_and_alarm_for_what_is_wrong(runs):
    for name in ("boards", "gateways"):
        assert runs[name]["broken"] == []
    met = runs["boards"]["faults"] | runs["gateways"]["faults"]
    assert set(MACHINES) <= set(met)


def test_a_seed_gives_the_same_run_again_whatever_was_played_before_it(runs):
    assert all(run["mark"] for run in runs.values())
    short = [name for name in reversed(CASES) if name not in ("boards", "gateways")]
    again = _play(*(CASES[name] for name in short), PYTHONHASHSEED="1")
    assert again == [runs[name] for name in short]


def test_the_command_prints_its_table():
    command = [CHECKPOST, "sim", "run", "--seed", "1", "--boards", "2", "--taps", "4", "--faults", "loss,double"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "broken: lost" in ended.stdout


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(1001, 1201, SPAN))
def test_many_short_runs_break_nothing(first):
    seeds = f"{first}-{first + SPAN - 1}"
    shape = ["--boards", "2", "--taps", "2", "--faults", "all", "--jobs", "1"]
    ended = subprocess.run([CHECKPOST, "sim", "run", "--seeds", seeds, *shape], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_fault_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(UnknownFault, match=r"no fault 'snow'.*loss"):
        chosen("loss,snow")


def test_time_leaps_to_the_next_timer():
    async def wait():
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(86_400))
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(wait()) == pytest.approx(86_400, abs=0.01)


def test_waiting_for_nothing_ends_with_a_word():
    async def wait():
        await asyncio.get_running_loop().create_future()

    runner = asyncio.Runner(loop_factory=VirtualLoop)
    with pytest.raises(Stuck):
        runner.run(wait())


def _search(log, seeds):
    command = [CHECKPOST, "sim", "run", "--seeds", seeds, "--boards", "1", "--taps", "2", "--jobs", "1", "--log", log]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_long_search_goes_on_where_it_stopped_and_a_spoilt_line_is_named(tmp_path):
    log = tmp_path / "runs.jsonl"
    first = _search(log, "1-2")
    assert (first.returncode, len(log.read_text().splitlines())) == (0, 2), first.stderr
    whole = log.read_text()
    log.write_text(whole[: whole.index("\n") + 1])  # stopped after the first
    again = _search(log, "1-2")
    assert (again.returncode, log.read_text()) == (0, whole)
    assert "2 seeds, 1 of them now" in again.stdout
    counts = [line for line in again.stdout.splitlines() if line.startswith("│")]
    assert counts == [line for line in first.stdout.splitlines() if line.startswith("│")]
    log.write_text(whole + '{"code": ')
    spoilt = _search(log, "1-2")
    assert spoilt.returncode == 1
    assert "line 3, is no run" in " ".join(spoilt.stderr.split())


def test_a_run_that_ends_in_an_error_is_broken_and_the_search_goes_on(monkeypatch):
    def simulate(seed, *_shape):
        if seed == 1:
            raise BaseExceptionGroup("tasks", [KeyError("nothing there")])
        return Result(seed)

    monkeypatch.setattr("simulator.run.simulate", simulate)
    monkeypatch.setattr(command, "_quieten", lambda: None)
    crashed, whole = command._results([1, 2], Shape(1, 1, NONE), jobs=1)
    assert (crashed.seed, crashed.broken, whole.broken) == (1, ["crash: KeyError 'nothing there'"], [])
    assert "KeyError" in crashed.story[-1]


DEATH_AT_THE_START = """
import asyncio, sys
from pathlib import Path
from random import Random
from simulator.centre import Centre
from simulator.faults import Faults
from simulator.loop import VirtualLoop, without_threads

async def main():
    centre = Centre(Path(sys.argv[1]), lambda: 1_793_000_000_000, Faults(Random(1), ()), Random(1))
    centre._kill_in = 1  # at the first statement of its start
    life = asyncio.create_task(centre.run())
    await centre.ready()
    print(centre.kills)
    life.cancel()

without_threads()
with asyncio.Runner(loop_factory=VirtualLoop) as runner:
    runner.run(main())
"""


def test_a_centre_that_dies_while_it_starts_starts_again(tmp_path):
    said = subprocess.run([sys.executable, "-c", DEATH_AT_THE_START, tmp_path], capture_output=True, text=True)
    assert said.stdout.split() == ["1"], said.stderr
