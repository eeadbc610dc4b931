"""The environment's maker: what it says when something is missing, and when it leaves things alone."""

import os
import shutil
import subprocess
from pathlib import Path

import environment
import pytest

TOOLS = Path(environment.__file__).parent


@pytest.mark.parametrize("tool", ["demo", "test"])
def test_an_old_python_is_one_clear_sentence(tool, tmp_path):
    place = tmp_path / "a folder" / "tools"
    place.mkdir(parents=True)
    for name in (tool, "python.sh"):
        shutil.copy(TOOLS / name, place)
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")  # what 3.9 answers to `version >= 3.11`
        (old / name).chmod(0o755)
    path = f"{old}{os.pathsep}/usr/bin{os.pathsep}/bin"
    ended = subprocess.run([place / tool], env={"PATH": path}, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Checkpost needs Python 3.11 or newer") and ended.stderr.count("\n") == 1


def test_no_network_is_one_clear_sentence():
    said = (
        "WARNING: Retrying after connection broken by NewConnectionError\nERROR: No matching distribution found for x\n"
    )
    assert environment.explain(said).startswith("The package index cannot be reached")


def test_another_failure_names_its_reason_and_the_log():
    said = environment.explain("Collecting x\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES.\n")
    assert "DO NOT MATCH THE HASHES" in said and ".venv/install.log" in said


def test_the_stamp_follows_place_lock_and_project_file(tmp_path):
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("a")
    first = environment.stamp(tmp_path).splitlines()
    (tmp_path / "pyproject.toml").write_text("b")
    second = environment.stamp(tmp_path).splitlines()
    assert first[:2] == second[:2] and first[2] != second[2]


def test_pinned_packages_are_counted():
    assert (
        environment.pinned("# by uv\nfastapi==1 \\\n    --hash=sha256:00\n    # via x\nh11==2 ; python_version>='3'\n")
        == 2
    )
