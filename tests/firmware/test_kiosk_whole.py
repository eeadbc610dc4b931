"""The whole firmware, unmodified, in MicroPython with a board's heap, over SPI, I2C and UART bytes."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checkpost import reasons as why
from checkpost.record import ADMITTED, BOOT, CROSSING, FAULT, OUTCOME, unpack, unpack_crossing, unpack_outcome, valid
from kiosk.flashmap import JOURNAL_FIRST, SECTOR
from tests.support import golden, kiosk
from tests.support.kiosk import UID
from virtualboard.client import Board

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
SETTINGS = {**kiosk.SETTINGS, "debug": True}
MAX_HEAP_IN_USE = 0.8
START_LIMIT_S = 120  # of any wait: a loaded machine is slow

pytestmark = pytest.mark.skipif(
    not golden.MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"
)


class Running:
    """A virtual board in a folder, as its own processes."""

    def __init__(self, folder, settings=SETTINGS, firmware=FIRMWARE):
        self.folder = folder
        (folder / "settings.json").write_text(json.dumps(settings))
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
        command = [sys.executable, "-m", "virtualboard"]
        make = ["make", "--dir", str(folder), "--firmware", str(firmware), "--settings", str(folder / "settings.json")]
        subprocess.run([*command, *make], env=environment, check=True, capture_output=True, timeout=120)
        self.terminal = (folder / "terminal.log").open("w+")
        self.process = subprocess.Popen(
            [*command, "run", "--dir", str(folder), "--follow-stdin", "--log"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.terminal, text=True,
        )  # fmt: skip
        self.ready = json.loads(self.process.stdout.readline())
        self.panel = Board(self.ready["control"])

    def until(self, condition, limit_s=START_LIMIT_S):
        """Return what `condition` returns once it is true; fails after `limit_s`."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not within {limit_s} s; the terminal says: {self.said()}")

    def said(self):
        """Return what the board printed."""
        return (self.folder / "terminal.log").read_text()

    def shows(self, name):
        """Return True if the display shows a golden page, whatever the bar above it says."""
        picture = bytes.fromhex(self.panel.do("panel")["picture"])
        return picture[256:] == golden.pages()[name][256:]

    def records(self):
        """Return the records in the journal's first sector."""
        with (self.folder / "journal.bin").open("rb") as file:
            file.seek(JOURNAL_FIRST * SECTOR)
            raw = file.read(SECTOR)
        slots = [raw[at : at + 32] for at in range(64, SECTOR - 32, 32)]
        return [unpack(slot) for slot in slots if valid(slot)]

    def stop(self):
        """End the processes."""
        self.panel.close()
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.terminal.close()


@pytest.fixture
def running(tmp_path):
    started = []

    def start(**how):
        started.append(Running(tmp_path, **how))
        return started[-1]

    yield start
    for board in started:
        board.stop()


def test_a_tap_an_answer_and_an_outcome_without_a_gateway(running):
    board = running()
    board.until(lambda: "free after start" in board.said())
    board.panel.do("tap", uid=UID.hex())
    board.panel.wait("sound", hz=500)
    board.until(lambda: board.shows("cannot-not-on-roster"))
    lights = board.panel.do("panel")["leds"]
    assert [place for place, colour in enumerate(lights) if any(colour)] == [0, 1, 2]
    board.panel.do("lift")
    board.panel.do("press", button="admit", ms=30)
    board.panel.wait("sound", hz=1600)
    board.until(lambda: board.shows("recorded-admitted"))
    boot, crossing, outcome = board.records()
    assert [record.kind for record in (boot, crossing, outcome)] == [BOOT, CROSSING, OUTCOME]
    found = unpack_crossing(crossing.body)
    assert (found.uid, found.verdict) == (UID, why.UNVERIFIABLE)
    assert unpack_outcome(outcome.body) == (crossing.seq, ADMITTED, 1)
    (free,) = re.findall(r"free after start: (\d+)", board.said())
    assert int(free) > (1 - MAX_HEAP_IN_USE) * 388_608


@pytest.mark.parametrize("language", ["ko", "zh"])
def test_an_answer_in_korean_and_chinese_fits_the_heap(running, language):
    board = running(settings={**SETTINGS, "language": language})
    board.until(lambda: "free after start" in board.said())
    board.panel.do("tap", uid=UID.hex())
    board.until(lambda: board.shows(language + "/cannot-not-on-roster"))
    (free,) = re.findall(r"free after start: (\d+)", board.said())
    assert int(free) > (1 - MAX_HEAP_IN_USE) * 388_608


def test_wrong_settings_are_named_on_the_display_and_the_prompt_stays(running):
    board = running(settings={**SETTINGS, "board": 0})
    board.until(lambda: "1 to 65535" in board.said())
    board.until(lambda: board.shows("settings-field"), 5)
    assert board.panel.do("state")["boots"] == 1
    repl = os.open(board.ready["repl"], os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(repl, b"\r\x03print(6 * 7)\r")
        board.until(lambda: "42" in board.said(), 20)
    finally:
        os.close(repl)


def test_ctrl_c_ends_the_loop_at_the_prompt(running):
    board = running()
    board.until(lambda: "free after start" in board.said())
    repl = os.open(board.ready["repl"], os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(repl, b"\x03")
        board.until(lambda: "KeyboardInterrupt" in board.said(), 20)
    finally:
        os.close(repl)
    assert board.panel.do("state")["crashes"] == 0


def test_an_unforeseen_error_is_a_record_a_screen_and_a_restart(running, tmp_path_factory):
    firmware = tmp_path_factory.mktemp("firmware") / "firmware"
    shutil.copytree(FIRMWARE, firmware, ignore=shutil.ignore_patterns("__pycache__"))
    main = (firmware / "main.py").read_text()
    (firmware / "main.py").write_text(main.replace("CRASH_PAUSE_MS = 5000", "CRASH_PAUSE_MS = 300"))
    cards = (firmware / "kiosk" / "cards.py").read_text()
    wrong = cards.replace(
        "def _is_new(self, uid, now_ms):\n", "def _is_new(self, uid, now_ms):\n        raise ValueError('odd')\n"
    )
    assert wrong != cards
    (firmware / "kiosk" / "cards.py").write_text(wrong)
    board = running(firmware=firmware)
    board.until(lambda: "free after start" in board.said())
    board.panel.do("tap", uid=UID.hex())
    board.until(lambda: board.shows("program-error"))
    board.panel.do("lift")
    board.until(lambda: board.panel.do("state")["boots"] == 2)
    board.until(lambda: board.said().count("free after start") == 2)
    kinds = [record.kind for record in board.records()]
    assert kinds == [BOOT, FAULT, BOOT]
    assert b"ValueError odd" in board.records()[1].body
