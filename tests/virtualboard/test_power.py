"""The virtual board's life with real MicroPython: crashes, watchdog, resets, power cuts, wrong requests."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.virtualboard.programs import FLASH, IDLE, TELL
from virtualboard.client import ControlError


def test_a_failing_program_is_told(run_board):
    board = run_board("raise ValueError('wrong pin')")
    assert board.control.wait("crash")["what"] == "ValueError: wrong pin"
    assert board.state()["crashes"] == 1


def test_the_watchdog_restarts_a_stuck_board(run_board):
    board = run_board(
        TELL
        + """
if machine.reset_cause() == machine.WDT_RESET:
    tell(2000)
else:
    watchdog = machine.WDT(timeout=2000)
    for _ in range(20):
        time.sleep_ms(50)
        watchdog.feed()
    tell(1000)
    while True:
        pass
"""
        + IDLE
    )
    board.wait_tone(1000)
    assert board.control.wait("crash")["what"] == "the watchdog was not fed"
    board.wait_tone(2000)


def test_reset_starts_again(run_board):
    board = run_board(
        TELL
        + """
if machine.reset_cause() == machine.HARD_RESET:
    tell(2000)
else:
    machine.reset()
"""
        + IDLE
    )
    board.wait_tone(2000)


def test_a_killed_board_is_a_power_cut_and_the_flash_keeps_its_content(run_board):
    board = run_board(
        TELL
        + FLASH
        + """
if flash(b"\\x03\\0\\0\\0", 7) == b"durable":
    tell(2000)
else:
    flash(b"\\x06")
    flash(b"\\x02\\0\\0\\0durable")
    while flash(b"\\x05", 1)[0] & 1:
        pass
    tell(1000)
"""
        + IDLE
    )
    board.wait_tone(1000)
    os.kill(board.state()["pid"], signal.SIGKILL)
    assert board.control.wait("power")["signal"] == signal.SIGKILL
    board.wait_tone(2000)
    assert (board.folder / "journal.bin").read_bytes()[:8] == b"durable\xff"


def test_a_killed_host_leaves_the_flash_as_the_firmware_saw_it(run_board):
    board = run_board(
        TELL
        + FLASH
        + """
flash(b"\\x06")
flash(b"\\x02\\0\\0\\0durable")
while flash(b"\\x05", 1)[0] & 1:
    pass
tell(1000)
"""
        + IDLE
    )
    board.wait_tone(1000)
    pid = board.state()["pid"]
    board.host.kill()
    board.host.wait()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if subprocess.run(["ps", "-p", str(pid), "-o", "pid="], capture_output=True, text=True).stdout.strip() == "":
            break
        time.sleep(0.02)
    else:
        pytest.fail("the board outlived its chips")
    assert (board.folder / "journal.bin").read_bytes()[:8] == b"durable\xff"


def test_a_planned_cut_falls_inside_an_operation(run_board):
    board = run_board(
        TELL
        + FLASH
        + """
pin = machine.Pin(22, machine.Pin.IN)
tell(2000 if flash(b"\\x03\\0\\0\\0", 1) == b"\\0" else 1000)
while pin.value():
    machine.idle()
flash(b"\\x06")
flash(b"\\x02\\0\\0\\0" + bytes(100))
"""
        + IDLE
    )
    board.wait_tone(1000)
    board.control.do("cut", operation=1, byte=40)
    board.control.do("press", button="admit")
    board.wait_tone(2000)
    content = (board.folder / "journal.bin").read_bytes()[:100]
    assert content[:40] == bytes(40) and content[41:] == b"\xff" * 59


def test_power_goes_off_and_on(run_board):
    board = run_board(TELL + "tell(1000)" + IDLE)
    board.wait_tone(1000)
    board.control.do("power", on=False)
    assert board.state()["pid"] is None and board.control.do("panel")["on"] is False
    board.control.do("power", on=True)
    board.wait_tone(1000)
    assert board.state()["boots"] == 2


def test_wrong_requests_are_answered_in_a_sentence(run_board):
    board = run_board(IDLE.replace("machine", "__import__('machine')"))
    for request, text in (
        ({"name": "jump"}, "unknown request 'jump'"),
        ({"name": "press", "button": "open"}, "no button 'open'"),
        ({"name": "tap", "uid": "04"}, "4, 7 or 10 bytes"),
        ({"name": "break", "what": "gps"}, "no part 'gps'"),
    ):
        with pytest.raises(ControlError, match=text):
            board.control.do(**request)
    board.control.do("tap", uid="04A1B2C3D4E5F6")
    assert board.state()["cards"] == ["04a1b2c3d4e5f6"]
    board.control.do("lift")
    assert board.state()["cards"] == []


def test_the_host_ends_with_its_parent(run_board):
    board = run_board("import machine\n" + IDLE)
    pid = board.state()["pid"]
    assert board.stop() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_folder_without_a_board_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "virtualboard", "run", "--dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1 and "there is no board in" in result.stderr


def test_an_interpreter_that_does_not_start_is_a_crash_and_tried_again_slowly(run_board):
    board = run_board(IDLE, environment={"CHECKPOST_MICROPYTHON": "/bin/false"})
    assert "exit code 1" in board.control.wait("crash")["what"]
    time.sleep(0.2)
    assert board.state()["boots"] <= 2


def test_one_folder_holds_one_running_board(run_board):
    board = run_board("import machine\n" + IDLE)
    command = [sys.executable, "-m", "virtualboard", "run", "--dir", str(board.folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert result.returncode == 2 and "another virtual board runs in" in result.stderr
