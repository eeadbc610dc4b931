"""Flashing boards with the real mpremote transport, over a pty and over TCP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.boards import FIRMWARE, SETTINGS, checkpost, firmware_copy
from tests.support.flashing import Bench
from workbench.board import finding, wire
from workbench.board.facts import Facts, check
from workbench.board.flash import _check_room, flash
from workbench.board.tree import Tree
from workbench.board.wire import BoardTrouble

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy
PULLED_AFTER = (1_500, 60_000, 150_000)  # bytes of about 270,000; `python -m tests.cuts flash` pulls at every 1,024


def test_a_plain_board_gets_a_slot_and_runs_it_and_twice_changes_nothing(new_board, bridge):
    board, second = new_board(), new_board(firmware=None, settings=None)
    records = board.until(board.records)
    code, said = checkpost("flash", "--clear", "--port", board.port, "--port", bridge(second))
    assert code == 0, said
    assert said.count("now runs 0.1.0 from slot a") == 2
    board.until(board.drawn)
    code, said = checkpost("flash", "--port", board.port)
    assert "runs 0.1.0 already; 0 files sent, 0 taken over" in said, said
    board.until(board.drawn)
    assert board.records()[: len(records)] == records
    connection = board.connect()
    assert connection.ask("import json, sys; print(json.dumps(sys.path))")[:2] == ["/a", "/a/lib"]
    assert connection.ask("import json, os; print(json.dumps(sorted(os.listdir('/'))))") == [
        "a", "boot.py", "lib", "main.py", "settings.json", "slots.py", "slots.txt",
    ]  # fmt: skip
    connection.close(restart=False)


def test_only_what_differs_is_sent_and_the_rest_is_taken_over_on_the_board(flashed_board, tmp_path):
    board = flashed_board()
    connection = board.connect()
    newer = firmware_copy(tmp_path / "newer", (0, 2, 0))
    done = flash(connection, newer)
    assert (done.slot, done.version, done.sent) == ("b", "0.2.0", ["kiosk/version.mpy"])
    assert len(done.copied) > 80 and not done.kept
    newest = firmware_copy(tmp_path / "newest", (0, 3, 0))
    done = flash(connection, newest)
    assert (done.slot, done.sent, done.copied) == ("a", ["kiosk/version.mpy"], [])
    connection.close(restart=False)


def test_a_cable_that_is_pulled_leaves_the_old_firmware_and_the_next_try_goes_on(flashed_board, tmp_path):
    newer = firmware_copy(tmp_path / "newer", (0, 2, 0), everywhere='\nrepr("newer")\n')
    board = flashed_board()
    board.until(board.drawn)
    bench = Bench(board, board.folder)
    for after in PULLED_AFTER:
        assert bench.cut(newer, after)
        assert bench.starts() == ("/a", (0, 1, 0))
    connection = board.connect()
    done = flash(connection, newer)
    connection.close(restart=False)
    assert done.kept and done.sent  # what had arrived before stays
    assert bench.starts() == ("/b", (0, 2, 0))
    print(f"{len(PULLED_AFTER)} cuts tried")


def test_a_file_that_decays_in_the_slot_is_noticed_and_mended(flashed_board):
    board = flashed_board()
    connection = board.connect()
    connection.run("f = open('/a/kiosk/app.mpy', 'r+b'); f.seek(100); f.write(b'x'); f.close()")
    done = flash(connection, FIRMWARE)
    assert done.slot == "b" and done.sent == ["kiosk/app.mpy"]
    connection.close(restart=False)


def test_mpremote_alone_installs_from_the_folder_and_by_copying(new_board, tmp_path):
    board = new_board(firmware=None, settings=None)
    _mpremote(board, "mip", "install", "--target", "/", str(FIRMWARE / "package.json"))
    _mpremote(board, "cp", str(board_settings(tmp_path)), ":/settings.json", "+", "reset")
    board.until(board.drawn)
    copied = new_board(firmware=None, settings=None)
    names = ["boot.py", "main.py", "pins.py", "settings.py", "slots.py", "wiring.py"]
    folders = ["drivers", "kiosk", "lettering", "lib", "modem"]
    _mpremote(copied, "cp", "-r", *(str(FIRMWARE / name) for name in names + folders), ":/")
    _mpremote(copied, "cp", str(board_settings(tmp_path)), ":/settings.json", "+", "reset")
    copied.until(copied.drawn)


def board_settings(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(SETTINGS))
    return path


def _mpremote(board, *words):
    command = [sys.executable, "-m", "mpremote", "connect", str(Path(board.port).resolve()), *words]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stdout + ended.stderr


class _Port:
    def __init__(self, device, vid, pid):
        self.device, self.vid, self.pid = device, vid, pid


def test_boards_are_found_by_their_usb_identity():
    listed = [
        _Port("/dev/ttyUSB0", 0x0403, 0x6001),
        _Port("/dev/ttyACM1", 0x2E8A, 0x0005),
        _Port("/dev/ttyS0", None, None),
    ]
    assert finding.find_ports(listed) == ["/dev/ttyACM1"]


@pytest.mark.parametrize(
    ("version", "machine", "why"),
    [
        ((1, 19, 1), "Raspberry Pi Pico with RP2040", "too old"),
        ((1, 27, 0), "ESP32C3 module with ESP32C3", "no kiosk board"),
    ],
)
def test_another_board_or_an_old_micropython_is_refused(version, machine, why):
    facts = Facts("p", "00", version, machine, 6, 1 << 20, False, False, "", "", 0, "", {})
    with pytest.raises(BoardTrouble, match=why):
        check(facts)


def test_nobody_at_a_port_is_one_sentence(tmp_path):
    code, said = checkpost("flash", "--port", tmp_path / "nothing")
    assert code == 1 and "no board answers at" in said and "run it again" in said
    with pytest.raises(BoardTrouble, match="check the cable"):
        wire.connect(str(tmp_path / "nothing"))


def test_a_slot_that_does_not_fit_is_refused_before_anything_changes():
    tree = Tree((1, 0, 0), 6, {f"kiosk/{number}.mpy": b"x" for number in range(100)})
    for plain, advice in ((True, "give --clear"), (False, "remove what does not belong")):
        facts = Facts("p", "00", (1, 27, 0), "RP2350", 6, 400_000, True, plain, "", "", 0, "", {})
        with pytest.raises(BoardTrouble, match=advice):
            _check_room(facts, tree, sorted(tree.files), False)
        _check_room(facts, tree, sorted(tree.files)[:50], False)
