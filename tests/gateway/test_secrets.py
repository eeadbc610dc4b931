"""A secret in a file: only its owner reads it, the first of several stays, and a half-written one is never there."""

import multiprocessing
import os
import stat

import pytest

from gateway.contract.secrets import lay_secret, write_secret
from gateway.settings import Settings, SettingsError

FIRST, SECOND = b"first\n", b"second\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "secret"


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("keep", [write_secret, lay_secret])
def test_only_its_owner_reads_it_whatever_the_mask_says(path, keep):
    before = os.umask(0)
    try:
        keep(path, FIRST)
    finally:
        os.umask(before)
    assert (path.read_bytes(), _mode(path), os.listdir(path.parent)) == (FIRST, 0o600, ["secret"])


def test_writing_replaces_and_laying_leaves_what_is_there(path):
    write_secret(path, FIRST)
    lay_secret(path, SECOND)
    assert path.read_bytes() == FIRST
    write_secret(path, SECOND)
    assert path.read_bytes() == SECOND


@pytest.mark.parametrize("keep", [write_secret, lay_secret])
def test_a_full_disk_leaves_what_was_there_and_the_next_try_succeeds(path, keep, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        keep(path, FIRST)
    assert not path.exists()
    monkeypatch.undo()
    keep(path, SECOND)
    assert path.read_bytes() == SECOND


def _lay(gate, path, data):
    gate.wait()
    lay_secret(path, data)


def test_of_processes_that_lay_one_at_once_one_wins_whole(path):
    start = multiprocessing.get_context("spawn")
    gate = start.Barrier(4)
    given = [bytes([65 + at]) * 4096 for at in range(4)]
    at_once = [start.Process(target=_lay, args=(gate, path, data)) for data in given]
    for one in at_once:
        one.start()
    for one in at_once:
        one.join(60)
    assert [one.exitcode for one in at_once] == [0] * 4
    assert path.read_bytes() in given
    assert os.listdir(path.parent) == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_gateway_s_token_that_others_can_read_is_refused_with_what_to_do(path, mode):
    write_secret(path, b"sesame\n")
    settings = Settings(data=path.parent, token_file=path)
    assert settings.bearer() == "sesame"
    path.chmod(mode)
    with pytest.raises(
        SettingsError, match=f"can be read by others: chmod 600 {path}, or get another token"
    ) as refused:
        settings.bearer()
    assert "sesame" not in str(refused.value)
    path.chmod(0o400)
    assert settings.bearer() == "sesame"


def test_in_systemd_s_folder_the_group_bit_is_the_service_s_own_right(path, tmp_path):
    given = tmp_path / "credentials"
    given.mkdir()
    write_secret(given / "token", b"sesame\n")
    (given / "token").chmod(0o440)
    path.symlink_to(given / "token")
    for name in (given / "token", path):
        settings = Settings(data=tmp_path, token_file=name)
        assert settings.bearer(str(given)) == "sesame"
        with pytest.raises(SettingsError, match="read by others"):
            settings.bearer(None)
        with pytest.raises(SettingsError, match="read by others"):
            settings.bearer(str(tmp_path / "another"))
    (given / "token").chmod(0o444)
    with pytest.raises(SettingsError, match="read by others"):
        Settings(data=tmp_path, token_file=path).bearer(str(given))


@pytest.mark.parametrize("held", [b"", b"two words", "sésame".encode(), b"\xff\xfe"])
def test_a_file_without_a_token_is_named_and_not_quoted(path, held):
    write_secret(path, held)
    with pytest.raises(SettingsError, match="holds no token") as refused:
        Settings(data=path.parent, token_file=path).bearer()
    assert "words" not in str(refused.value) and "same" not in str(refused.value)
