"""Where the tests write: in memory where there is room, and where what a failed one left is found afterwards."""

import os
from pathlib import Path
from types import SimpleNamespace

import checks
import pytest


def _system(monkeypatch, place, free, flags=0):
    found = SimpleNamespace(f_bavail=free // 4096, f_frsize=4096, f_flag=flags)
    monkeypatch.setattr(checks, "MEMORY", place)
    monkeypatch.setattr(checks.os, "statvfs", lambda path: found)


def test_the_tests_write_into_memory_where_there_is_room(monkeypatch, tmp_path):
    _system(monkeypatch, tmp_path, checks.ROOM)
    with checks.scratch() as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o711
    assert not folder.exists()


@pytest.mark.parametrize(("free", "flags"), [(checks.ROOM - 4096, 0), (checks.ROOM, os.ST_NOEXEC)])
def test_they_write_to_the_disk_where_it_is_small_or_runs_no_programs(monkeypatch, tmp_path, free, flags):
    _system(monkeypatch, tmp_path, free, flags)
    assert checks.memory() is None


def test_they_write_to_the_disk_where_a_system_has_no_such_place(monkeypatch, tmp_path):
    monkeypatch.setattr(checks, "MEMORY", tmp_path / "none")
    assert checks.memory() is None


def test_what_a_failed_test_left_is_kept_on_disk_and_named(monkeypatch, tmp_path, capsys):
    scratch, disk = tmp_path / "scratch", tmp_path / "disk"
    left = scratch / "test_x0"
    left.mkdir(parents=True)
    (left / "log").write_text("why")
    os.mkfifo(left / "line")
    disk.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    checks.keep(scratch)
    kept = Path(capsys.readouterr().out.split(" is in ")[1].strip())
    assert kept.is_relative_to(disk)
    assert [(file.name, file.read_text()) for file in (kept / "test_x0").iterdir()] == [("log", "why")]
