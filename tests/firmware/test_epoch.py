"""Ports of MicroPython count from 1970 or from 2000: no file of the board asks the port for a date."""

import re
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
ASKS = re.compile(r"\btime\.(time|time_ns|localtime|gmtime|mktime)\b|\bfrom time import\b|\bRTC\(")


def test_seconds_come_from_the_clock_chip_alone():
    files = [path for path in FIRMWARE.rglob("*.py") if "__pycache__" not in path.parts]
    assert len(files) > 40
    assert [str(path) for path in files if ASKS.search(path.read_text())] == []
