"""The whole firmware in MicroPython with a board's heap, and the memory gone: a record, a screen and a restart."""

import shutil

import pytest

from checkpost.record import BOOT, FAULT
from tests.firmware.test_kiosk_whole import FIRMWARE, UID, Running, pytestmark  # noqa: F401  (marks this module, too)

LEAK = """def _is_new(self, uid, now_ms):
        self.leak = [None] * 64
        while True:
            for size in (4096, 256, 32):
                try:
                    while True:
                        self.leak = [self.leak, bytearray(size)]
                except MemoryError:
                    continue
            raise MemoryError("memory allocation failed")
"""
LEAK_AT_START = """def __init__(self, log, clock, judge, waiting, uplink, face, switched):
        raise MemoryError("memory allocation failed")
"""


@pytest.fixture
def firmware(tmp_path_factory):
    """Return a copy of the firmware whose pause after a crash is short; `change(file, old, new)` alters it."""
    folder = tmp_path_factory.mktemp("firmware") / "firmware"
    shutil.copytree(FIRMWARE, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def change(name, old, new):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
        return folder

    change("main.py", "CRASH_PAUSE_MS = 5000", "CRASH_PAUSE_MS = 300")
    return change


@pytest.fixture
def running(tmp_path):
    started = []

    def start(**how):
        started.append(Running(tmp_path, **how))
        return started[-1]

    yield start
    for board in started:
        board.stop()


def test_a_memory_that_is_used_up_is_a_record_a_screen_and_a_restart(running, firmware):
    board = running(firmware=firmware("kiosk/cards.py", "def _is_new(self, uid, now_ms):\n", LEAK))
    board.until(lambda: "free after start" in board.said())
    board.panel.do("tap", uid=UID.hex())
    board.until(lambda: board.shows("program-error"))
    board.panel.do("lift")
    board.until(lambda: board.said().count("free after start") == 2)
    boot, fault, again = board.records()
    assert [record.kind for record in (boot, fault, again)] == [BOOT, FAULT, BOOT]
    assert b"MemoryError" in fault.body


def test_a_board_that_cannot_even_be_put_together_says_so_and_starts_again(running, firmware):
    constructor = "def __init__(self, log, clock, judge, waiting, uplink, face, switched):\n"
    board = running(firmware=firmware("kiosk/kiosk.py", constructor, LEAK_AT_START))
    board.until(lambda: board.shows("program-error"))
    board.until(lambda: board.panel.do("state")["boots"] >= 2)
    assert "MemoryError" in board.said()
