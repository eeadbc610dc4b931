"""The real mpremote against a running virtual board."""

import importlib.util
import subprocess
import sys

import pytest

COUNTING = """
import machine
print("counting")
spi = machine.SPI(1, baudrate=5000000)
cs = machine.Pin(6, machine.Pin.OUT, value=1)
out, into = bytes([0x9F, 0, 0, 0]), bytearray(4)
tone = machine.PWM(machine.Pin(3), freq=1000, duty_u16=32768)
while True:
    cs(0)
    spi.write_readinto(out, into)
    cs(1)
"""
ASK = "cs(1); cs(0); spi.write_readinto(out, into); cs(1); print(into[1:].hex())"


@pytest.fixture
def mpremote(run_board, tmp_path):
    """Return a function that runs mpremote and returns what it printed."""
    if importlib.util.find_spec("mpremote") is None:
        pytest.skip("mpremote is not installed")
    board = run_board(COUNTING)
    board.wait_tone(1000)

    def run(*words):
        command = [sys.executable, "-m", "mpremote", "connect", board.ready["repl"], *words]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.replace("\r\n", "\n")

    run.board = board
    return run


def test_exec_interrupts_main_and_answers(mpremote):
    assert mpremote("resume", "exec", "print(6 * 7)") == "42\n"


def test_an_interrupted_exchange_leaves_the_buses_usable(mpremote):
    for _ in range(5):
        assert mpremote("resume", "exec", ASK) == "ef4017\n"
        mpremote("resume", "exec", "--no-follow", COUNTING)


def test_files_go_over_and_back(mpremote, tmp_path):
    data = bytes(range(256)) * 20
    (tmp_path / "blob.bin").write_bytes(data)
    mpremote(
        "fs", "cp", "blob.bin", ":blob.bin", "+", "fs", "mkdir", "lib", "+", "fs", "cp", "blob.bin", ":lib/copy.bin"
    )
    listing = mpremote("fs", "ls")
    assert "blob.bin" in listing and "5120" in listing and "main.py" in listing
    mpremote("fs", "cp", ":lib/copy.bin", "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == data


def test_soft_reset_restarts_the_interpreter(mpremote):
    before = mpremote.board.state()["pid"]
    mpremote("exec", "kept = 1")
    mpremote("soft-reset")
    assert mpremote("resume", "exec", "print('kept' in globals())") == "False\n"
    assert mpremote.board.state()["pid"] != before


def test_reset_runs_main_again(mpremote):
    boots = mpremote.board.state()["boots"]
    mpremote("reset")
    mpremote.board.control.do("panel")
    mpremote.board.wait_tone(1000)
    assert mpremote.board.state()["boots"] > boots


def test_run_and_df(mpremote, tmp_path):
    (tmp_path / "script.py").write_text("import os\nprint(os.getcwd(), os.statvfs('/')[2])\n")
    assert mpremote("run", "script.py") == "/ 768\n"
    assert "VfsLfs2" in mpremote("df")
