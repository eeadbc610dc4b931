"""Backups while the centre writes, a restore that sees what was lost, and a drill that says how it went."""

import json
import sqlite3

import pytest

from gateway.central import backup
from gateway.central.app import build
from gateway.central.backup import BackupError
from gateway.central.witness import Witness, WitnessError
from tests.central.test_process import one_sentence, run

MONDAY_S = 1_792_962_000


@pytest.fixture
def board(small):
    made = small.add_board("ONS")
    for at in range(4):
        made.crossing(MONDAY_S + at)
    small.take(made.run(1, 2))
    return made


def witness(small, tmp_path):
    file = tmp_path / "witness"
    Witness(file, small.app.state.parts.proofs, small.store).note()
    return file


def test_a_restored_centre_is_the_one_that_was_backed_up(small, board, tmp_path):
    seen = witness(small, tmp_path)
    made = backup.make(small.data, tmp_path / "b1", 5)
    assert (made.leaves, made.records, made.crossings) == (4, 2, 2)
    assert (tmp_path / "b1" / "central.db").stat().st_mode & 0o777 == 0o600
    assert backup.drill(tmp_path / "b1", seen) == made
    assert backup.restore(backup.newest(tmp_path), tmp_path / "again", seen, accept_loss=False) == made
    again = build(tmp_path / "again", lambda: 0, False, seen).state.parts
    assert again.proofs.checkpoint() == small.app.state.parts.proofs.checkpoint()
    assert again.access.caller(small.tokens["office"]).role == "office"


def test_a_backup_that_the_log_went_on_after_becomes_another_log(small, board, tmp_path):
    backup.make(small.data, tmp_path / "b1", 5)
    small.take(board.run(1, 4))
    seen = witness(small, tmp_path)
    with pytest.raises(BackupError, match=r"holds 4 leaves of a log that had 8 already.*--accept-loss"):
        backup.restore(tmp_path / "b1", tmp_path / "no", seen, accept_loss=False)
    backup.restore(tmp_path / "b1", tmp_path / "yes", seen, accept_loss=True)
    new = build(tmp_path / "yes", lambda: 0, False).state.parts
    assert new.office.log_id != small.store.log_id
    assert (
        new.proofs.vkey != small.app.state.parts.proofs.vkey
    )  # its name is another: no old proof passes for a new one


@pytest.mark.parametrize("damage", ["store", "record", "manifest", "checkpoint", "key", "sealing"])
def test_a_backup_that_was_damaged_is_not_restored(small, board, tmp_path, damage):
    made = tmp_path / "b1"
    backup.make(small.data, made, 5)
    if damage == "store":
        raw = bytearray((made / "central.db").read_bytes())
        raw[len(raw) // 2 : len(raw) // 2 + 4096] = bytes(4096)
        (made / "central.db").write_bytes(raw)
    elif damage == "record":
        with sqlite3.connect(made / "central.db") as file:
            file.execute("UPDATE records SET raw = zeroblob(32) WHERE seq = 1")
    elif damage == "sealing":
        (made / "sealing.key").write_text("00" * 32 + "\n")
    elif damage == "manifest":
        (made / "backup.json").write_text((made / "backup.json").read_text().replace('"leaves": 4', '"leaves": 5'))
    elif damage == "checkpoint":
        (made / "checkpoint").write_text("x")
    else:
        (made / "log.key").unlink()
    with pytest.raises(BackupError):
        backup.drill(made, None)
    with pytest.raises(BackupError):
        backup.restore(made, tmp_path / "refused", None, accept_loss=False)
    assert not list((tmp_path / "refused").iterdir())


EDITS = {
    "another card": "UPDATE crossings SET card_uid = '04FFFFFFFFFFFF' WHERE seq = 1",
    "another point": "UPDATE crossings SET crossing_point = 'HRY' WHERE seq = 1",
    "another verdict": "UPDATE crossings SET verdict = (verdict + 1) % 3 WHERE seq = 1",
    "another line": "UPDATE crossings SET position = 99 WHERE seq = 1",
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_drill_names_a_crossing_that_was_edited_in_the_store(small, board, tmp_path, edit):
    with sqlite3.connect(small.data / "central.db") as raw:
        assert raw.execute(EDITS[edit]).rowcount == 1
    raw.close()
    backup.make(small.data, tmp_path / "b1", 5)
    with pytest.raises(BackupError, match="says otherwise than the log of board 1, epoch 1, record 1: somebody wrote"):
        backup.drill(tmp_path / "b1", None)


def test_the_newest_backup_is_the_one_made_last_whenever_it_was_copied_where_it_is(small, board, tmp_path):
    for utc_s in (7, 5, 6):
        backup.make(small.data, tmp_path / "all" / f"b{utc_s}", utc_s)
    assert backup.newest(tmp_path / "all").name == "b7"


def test_a_backup_replaces_nothing(small, board, tmp_path):
    backup.make(small.data, tmp_path / "b1", 5)
    with pytest.raises(BackupError, match="there already"):
        backup.make(small.data, tmp_path / "b1", 5)
    with pytest.raises(BackupError, match="holds something already"):
        backup.restore(tmp_path / "b1", small.data, None, accept_loss=False)
    with pytest.raises(BackupError, match="no backup"):
        backup.newest(tmp_path / "elsewhere")


def test_the_commands_say_how_it_went(small, board, tmp_path):
    data, kept = small.data, tmp_path / "kept"
    assert "4 leaves, 2 records, 2 crossings" in run("backup", "--data", data, "--to", kept / "b1").stdout
    assert "checkpost_drill_good 0.0" in small.call("office", "GET", "/metrics").text
    done = run("drill", "--data", data, "--from", kept)
    assert done.returncode == 0 and "can be restored" in done.stdout, done.stderr
    assert json.loads((data / "drill.json").read_text())["trouble"] == ""
    assert "checkpost_drill_good 1.0" in small.call("office", "GET", "/metrics").text
    done = run("restore", "--data", tmp_path / "again", "--from", kept)
    assert done.returncode == 0 and "2 crossings again" in done.stdout, done.stderr
    (kept / "b1" / "log.key").unlink()
    assert "log.key" in one_sentence(run("drill", "--data", data, "--from", kept))
    assert "checkpost_drill_good 0.0" in small.call("office", "GET", "/metrics").text


def test_a_restore_with_losses_says_how_to_go_on_with_another_log(small, board, tmp_path):
    kept, data = tmp_path / "kept", tmp_path / "again"
    backup.make(small.data, kept / "b1", 5)
    small.take(board.run(1, 4))
    seen = witness(small, tmp_path)
    where = ["--data", data, "--from", kept, "--witness", seen]
    assert "--accept-loss" in one_sentence(run("restore", *where))
    done = run("restore", *where, "--accept-loss")
    assert done.returncode == 0 and "another log from here on" in done.stdout and str(seen) in done.stdout, done
    with pytest.raises(WitnessError, match="belongs to this log"):
        build(data, lambda: 0, False, seen)
    again = build(data, lambda: 0, False, tmp_path / "fresh").state.parts
    assert again.proofs.vkey in done.stdout
