"""A board whose clock was never set, from the card to the office: its crossings get their time when a gateway comes."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.gateway.site import Site
from tests.gateway.support import CARD
from tests.virtualboard.conftest import RunningBoard

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
CANNOT_VERIFY_HZ, RECORDED_HZ = 500, 1600

pytestmark = [
    pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"),
    pytest.mark.timeout(240),
]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def board(site, tmp_path):
    """A virtual board at ONS with the real firmware and a clock chip that was never set."""
    asked = {"crossing_point": "ONS", "lane": "2", "gateway": "g1", "link_key": os.urandom(16).hex()}
    given = site.http.post("/v1/boards", json=asked).json()
    folder = tmp_path / "board"
    folder.mkdir()
    settings = folder / "settings.json"
    settings.write_text(json.dumps(settings_of(given)))
    make = [sys.executable, "-m", "virtualboard", "make", "--clock-unset", "--dir", str(folder)]
    make += ["--firmware", str(ROOT / "firmware"), "--settings", str(settings)]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "tools")})
    site.configure(serial=[str(folder / "uart0")])
    running = RunningBoard(folder)
    running.number = given["board"]
    yield running
    running.stop()


def settings_of(given):
    return {
        "board": given["board"],
        "epoch": given["epoch"],
        "crossing_point": {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"},
        "lane": "2",
        "direction": "entry",
        "offset_quarters": 36,
        "link": {"carrier": "serial", "baud": 921600},
        "link_key": given["link_key"],
        "seal_key": os.urandom(32).hex(),
        "assurance": "uid",
        "language": "en",
        "oled": "sh1106",
    }


def admit(board):
    """Show the card and press ADMIT; return between which moments the card was read."""
    shown_s = time.time()
    board.control.do("tap", uid=CARD)
    board.wait_tone(CANNOT_VERIFY_HZ, 60)
    read_s = time.time()
    board.control.do("lift")
    board.control.do("press", button="admit", ms=100)
    board.wait_tone(RECORDED_HZ)
    return shown_s, read_s


def test_a_crossing_before_the_link_gets_its_time_and_one_of_an_earlier_start_does_not(site, board):
    admit(board)
    board.control.do("power", on=False)
    board.control.do("power", on=True)
    shown_s, read_s = admit(board)
    site.start_gateway()

    def held():
        rows = site.http.get("/v1/crossings?after=0").json()["crossings"]
        return sorted((row for row in rows if row["board"] == board.number), key=lambda row: row["seq"])

    site.until(lambda: len(held()) == 2 and held()[1]["clock"] == "anchored")
    first, second = held()
    assert (first["clock"], first["verdict"], first["reasons"]) == ("unset", "unverifiable", ["clock-untrusted"])
    assert first["outcome"] == second["outcome"] == "admitted"
    assert (second["board_verdict"], second["verdict"], second["reasons"]) == ("unverifiable", "permitted", [])
    assert shown_s - 3 <= datetime.fromisoformat(second["utc"]).timestamp() <= read_s + 3
    assert datetime.fromisoformat(second["local_time"]) == datetime.fromisoformat(second["utc"])
