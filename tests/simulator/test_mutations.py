"""A defect that is put in on purpose is seen; all of them are tried by `python -m tests.simulator.mutations`."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["session keys without randomness", "an entry is read as an exit"])
def test_the_simulator_sees_a_defect(name):
    command = [sys.executable, "-m", "tests.simulator.mutations", name]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith(f"seen: {name}"), ended.stdout
