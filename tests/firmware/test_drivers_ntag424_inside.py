"""The card's driver once more inside MicroPython, within the heap of a board; prints what a proof costs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
BOARD_HEAP = "heapsize=192wk"  # what an RP2040 leaves to Python; w: counted in words as on the chip


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
def test_the_card_s_driver_in_micropython():
    command = [str(MICROPYTHON), "-X", BOARD_HEAP, "tests/micropython_runner.py", "tests/firmware/inside_ntag424.py"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)
    said = ended.stdout + ended.stderr
    print(said)
    assert ended.returncode == 0, said
    assert re.search(r"^[1-9]\d* passed, 0 failed$", said, re.MULTILINE), said
