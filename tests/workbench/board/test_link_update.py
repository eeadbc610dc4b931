"""A firmware that comes down the line, from `checkpost gateway update` to a board that keeps it, or refuses it."""

import os

import pytest

from gateway.commands.showing import update_words
from tests.support.boards import SETTINGS
from tests.support.line import LineGateway
from workbench.board.bundle import make_signer

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy
CHANGED = (
    "kiosk/app.py",
    "kiosk/pages.py",
    "kiosk/journal.py",
    "kiosk/roster.py",
    "kiosk/kiosk.py",
    "drivers/pn532.py",
)


@pytest.fixture
def site(tmp_path, centre, flashed_board, desk):
    """Return (board, gateway): a flashed board with a key for updates, known to centre and gateway."""
    link_key = os.urandom(16).hex()
    asked = {"crossing_point": "ONS", "lane": "1", "gateway": "north", "link_key": link_key}
    centre.client.post("/v1/boards", json=asked).raise_for_status()
    board = flashed_board(settings=SETTINGS | {"update_key": desk.key.hex(), "link_key": link_key})
    gateway = LineGateway(tmp_path, centre, board)
    yield board, gateway
    gateway.stop()


def update(told):
    """Return what a gateway says of a board's update; nothing yet before it has looked at its wishes."""
    return told["update"] or {"state": "", "percent": 0}


def test_an_update_comes_down_the_line_through_breaks_is_tried_out_and_kept(site, desk):
    board, gateway = site
    board.until(lambda: gateway.board()["link"] == "up")
    newer = desk((0, 2, 0), changes=[(name, "\nclass ", '\nrepr("newer")\n\n\nclass ') for name in CHANGED])
    assert "no board 7; it has 1" in gateway.say("update", newer, "--board", "7")
    assert "firmware 0.2.0" in gateway.say("update", newer)
    told = board.until(lambda: found if update(found := gateway.board())["percent"] >= 5 else None)
    # Of that moment: a busy machine takes longer to start a command than the rest of the update takes.
    assert update_words(told).startswith("Board 1 runs 0.1.0; it is being sent 0.2.0: ")
    board.power_cycle()
    board.until(lambda: update(gateway.board())["percent"] >= 20)
    gateway.stop()
    gateway.start()
    board.until(lambda: update(gateway.board())["percent"] >= 30)
    board.until(lambda: update(gateway.board())["state"] == "on trial" and gateway.board()["firmware"] == "0.2.0", 120)
    assert "it has all of 0.2.0 and tries it out" in gateway.say("status")
    board.control.do("tap", uid="04a1b2c3d4e5f6")
    board.until(lambda: update(gateway.board())["state"] == "kept")
    assert "Board 1 runs 0.2.0; it keeps 0.2.0." in gateway.say("status")


def test_a_bundle_that_another_key_signed_is_refused_before_anything_is_written(site, desk, tmp_path):
    board, gateway = site
    (tmp_path / "release.key").unlink()
    make_signer(tmp_path / "release.key")
    board.until(lambda: gateway.board()["link"] == "up")  # a gateway that just started may not know its boards yet
    asked = gateway.say("update", desk((0, 3, 0)), "--board", "1")
    assert "goes to board 1" in asked, asked
    board.until(lambda: update(gateway.board())["state"] == "refused")
    said = gateway.say("status")
    assert "it refused 0.3.0 (altered: the signature does not fit, or another key made it)" in said, said
    connection = board.connect()
    assert connection.ask("import json, os; print(json.dumps(sorted(os.listdir('/'))))") == [
        "a", "boot.py", "main.py", "settings.json", "slots.py", "slots.txt",
    ]  # fmt: skip
    connection.close(restart=False)
    assert "1 boards are sent nothing more" in gateway.say("update", "--stop")
