"""The virtual board with real MicroPython: buses, pins, the line, time and the file system."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.virtualboard.programs import FLASH, IDLE, TELL
from virtualboard.clock import write_clock
from virtualboard.image import read_file
from virtualboard.repl import RAW_BANNER


def test_every_bus_answers(run_board):
    board = run_board(
        TELL
        + FLASH
        + """
i2c = machine.I2C(0, scl=machine.Pin(5), sda=machine.Pin(4), freq=400000)
assert flash(b"\\x9f", 3) == b"\\xef\\x40\\x17"
assert i2c.scan() == [0x3C, 0x68]
assert len(i2c.readfrom_mem(0x68, 0, 7)) == 7
i2c.writeto(0x3C, b"\\x00\\xa1\\xc8\\xaf\\xb0\\x02\\x10")
i2c.writeto(0x3C, b"\\x40\\x81")
try:
    i2c.writeto(0x20, b"x")
except OSError as error:
    assert error.errno == 19
machine.bitstream(machine.Pin(26, machine.Pin.OUT), 0, (400, 850, 800, 450), bytes([1, 2, 3]) + bytes(21))
assert 44000 < machine.ADC(2).read_u16() < 46000
assert machine.Pin("GP20", machine.Pin.IN).value() == 1
assert machine.reset_cause() == machine.PWRON_RESET and len(machine.unique_id()) == 8
tell(1000)
"""
        + IDLE
    )
    board.wait_tone(1000)
    panel = board.control.do("panel")
    assert panel["picture"][:2] == "81" and panel["leds"][0] == [2, 1, 3] and panel["sounds"] == 1
    assert board.state()["crashes"] == 0


def test_buttons_reach_the_pins_and_idle_wakes(run_board):
    board = run_board(
        TELL
        + """
pin = machine.Pin(22, machine.Pin.IN, machine.Pin.PULL_UP)
tell(1000)
while True:
    machine.idle()
    if not pin.value():
        tell(2000)
        break
while not pin.value():
    machine.idle()
tell(3000)
"""
        + IDLE
    )
    board.wait_tone(1000)
    board.control.do("press", button="admit", ms=0)
    board.wait_tone(2000)
    board.control.do("release")
    board.wait_tone(3000)


def test_a_board_says_that_it_looks_at_its_buttons_and_has_seen_a_finger(run_board, tmp_path):
    """A loaded machine lets a firmware look late: who plays the guard has to know, or time passes before it looked."""
    write_clock(str(tmp_path / "clock"), 1_800_000_000_000, 0)  # with a clock that is moved contacts do not bounce
    board = run_board(
        TELL
        + """
pin = machine.Pin(22, machine.Pin.IN, machine.Pin.PULL_UP)
pin.value()
tell(1000)
while machine.ADC(2).read_u16() > 30000:
    machine.idle()
assert [pin.value(), pin.value(), pin.value()] == [0, 1, 1]
tell(2000)
"""
        + IDLE,
        environment={"CHECKPOST_CLOCK": str(tmp_path / "clock")},
    )
    board.wait_tone(1000)
    assert (board.state()["turning"], board.state()["unseen"]) == (False, 0)
    board.control.do("press", button="admit", ms=0)
    board.control.do("release")
    assert (board.state()["turning"], board.state()["unseen"]) == (False, 2)
    board.control.do("battery", mv=3000)
    board.wait_tone(2000)
    assert (board.state()["turning"], board.state()["unseen"]) == (True, 0)


def test_the_line_carries_bytes_both_ways(run_board):
    board = run_board(
        TELL
        + """
uart = machine.UART(0, baudrate=921600, rxbuf=512)
enable = machine.Pin(2, machine.Pin.OUT, value=0)
tell(1000)
while True:
    machine.idle()
    n = uart.any()
    if n:
        data = uart.read(n)
        enable(1)
        uart.write(bytes(byte ^ 255 for byte in data))
        uart.flush()
        enable(0)
""",
        "--baud",
        "921600",
    )
    serial = pytest.importorskip("serial")
    with serial.Serial(board.ready["uart0"], 921600, timeout=60) as line:
        board.wait_tone(1000)
        line.write(bytes(range(32)))
        assert line.read(32) == bytes(255 - byte for byte in range(32))
        board.control.do("link", up=False)
        line.timeout = 0.2
        line.write(b"lost")
        board.until(lambda: board.state()["uart_lost"] == 4)
        assert line.read(4) == b""


def test_ticks_leap_with_the_clock_file_and_the_clock_chip_stands_still(run_board, tmp_path):
    clock = str(tmp_path / "clock")
    utc = 1_793_000_000_000
    write_clock(clock, utc, 0)
    board = run_board(
        TELL
        + """
i2c = machine.I2C(0)
start = time.ticks_ms()
seconds = i2c.readfrom_mem(0x68, 0, 1)
tell(1000)
while time.ticks_diff(time.ticks_ms(), start) < 3600000:
    machine.idle()
assert i2c.readfrom_mem(0x68, 2, 1) != b""
tell(2000)
"""
        + IDLE,
        environment={"CHECKPOST_CLOCK": clock},
    )
    board.wait_tone(1000)
    before = board.control.do("clock")["unix"]
    time.sleep(0.05)
    assert board.control.do("clock")["unix"] == before
    write_clock(clock, utc + 3_600_000, 3_600_000)
    board.wait_tone(2000)
    assert board.control.do("clock")["unix"] == before + 3600


def test_ticks_wrap_as_on_a_32_bit_chip(run_board):
    board = run_board(
        TELL
        + """
while time.ticks_ms() > 1 << 29:
    machine.idle()
assert time.ticks_diff(time.ticks_add((1 << 30) - 5, 10), (1 << 30) - 5) == 10
assert time.ticks_diff(3, (1 << 30) - 2) == 5
tell(1000)
"""
        + IDLE,
        environment={"CHECKPOST_BOARD_TICKS": str((1 << 30) - 300)},
    )
    board.wait_tone(1000)


def test_the_root_file_system_is_the_image_and_libraries_are_found(run_board):
    board = run_board(
        TELL
        + """
import os, sys, helper
assert sys.path == ["", "/lib"] and __name__ == "__main__"
assert sorted(os.listdir()) == ["boot.py", "helper.py", "main.py"], os.listdir()
assert booted
with open("note.txt", "w") as handle:
    handle.write("kept")
tell(1000)
"""
        + IDLE,
        helper="",
        boot="booted = True",
    )
    board.wait_tone(1000)
    board.stop()
    assert read_file(board.folder / "fs.img", "/note.txt") == b"kept"


def test_a_prompt_that_is_slow_to_read_an_interrupt_is_no_program_to_be_stopped(run_board):
    """On a loaded machine the prompt may be. MicroPython's Unix port ends of an interrupt there, a board does not."""
    board = run_board(TELL + "tell(1000)\n")
    board.wait_tone(1000)
    with open(board.ready["repl"], "r+b", buffering=0) as repl:

        def say(words, until):
            repl.write(words)
            said = b""
            while until not in said:
                said += repl.read(4096)

        say(b"\r\x01", RAW_BANNER + b">")
        pid = board.state()["pid"]
        board.until(lambda: _reads(pid))
        os.kill(pid, signal.SIGSTOP)
        repl.write(b"\x03")
        for _ in range(20):  # far longer than a prompt takes to read it where nothing else runs
            board.state()
            time.sleep(0.02)
        os.kill(pid, signal.SIGCONT)
        say(b"print(6 * 7)\x04", b"42")
    assert (board.state()["boots"], board.state()["pid"]) == (1, pid)


def _reads(pid):
    """Return True once a process sleeps at its prompt, where it no longer catches an interrupt."""
    status = Path(f"/proc/{pid}/status").read_text()
    return "State:\tS" in status and not int(status.split("SigCgt:")[1].split()[0], 16) & 1 << signal.SIGINT - 1
