"""tools/README.md, "Cards at a desk", walked: its lines run as they stand there, with a virtual board as the reader."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checkpost import cardkeys
from tests.core import vectors
from tests.support.boards import ROOT
from tests.support.card import fresh_card
from virtualboard.chips.deck import Deck

pytestmark = pytest.mark.timeout(600)  # real processes, on a machine that may be busy
ENTRY = vectors.load("ntag424_originality")
UID = bytes.fromhex(ENTRY["uid"])
ROTATION = "/v1/zones/north/key-versions"
README = (ROOT / "tools" / "README.md").read_text()
SECTION = README.split("## Cards at a desk\n")[1].split("\n## ")[0]
SECTION = SECTION.replace("04A1B2C3D4E580", UID.hex().upper()).replace("\\\n", " ")
LINES = [line[4:] for line in SECTION.splitlines() if line.startswith("    ")]


@pytest.fixture
def walk(tmp_path, centre, flashed_board):
    """Return a function that runs a line in a desk's shell; beside it a centre with a permit, a board, a blank card."""
    Deck(tmp_path / "cards").keep(fresh_card(UID, signature=bytes.fromhex(ENTRY["signature"])))
    permit = {"application_id": "A1", "decision": "approved", "zones": ["north"]}
    centre.client.post("/v1/imports", json={"applications": [permit]}).raise_for_status()
    board = flashed_board(extra=("--cards", str(tmp_path / "cards")))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment["CHECKPOST_CENTRAL_URL"] = centre.url

    def run(line):
        if line.startswith("export "):
            environment.update(word.split("=", 1) for word in line.split()[1:])
            return ""
        if line.startswith("curl ") and shutil.which("curl") is None:
            path, body = ("/v1/desks", {"name": "desk-1"}) if "desks" in line else (ROTATION, None)
            answer = centre.client.post(path, json=body).raise_for_status()
            (tmp_path / "desk.json").write_bytes(answer.content)
            return answer.text
        ended = subprocess.run(
            line.replace("board/repl", board.port), shell=True, cwd=tmp_path, env=environment, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    run.board, run.folder = board, tmp_path
    return run


def test_a_card_is_issued_read_brought_up_and_blocked_at_a_desk(walk):
    said = {}
    walk.board.control.do("tap", uid=UID.hex())
    for line in LINES:
        said[line] = walk(line)
        if " issue " in line:
            walk.board.until(walk.board.drawn)  # the board goes back to its own work
    print("\n".join(f"$ {line}\n{text}" for line, text in said.items()))  # what a newcomer saw
    issued, shown, rotated, again, blocked = list(said.values())[-5:]
    assert issued.splitlines()[:2] == [f"card {UID.hex().upper()}", "key version 1"] and "key 0" in issued
    assert "maker: signature fits" in shown and "key versions: [1, 1, 1, 1, 1]" in shown
    assert "is lost" in blocked
    assert json.loads(rotated) == {"zone": "north", "version": 2}
    assert again.splitlines()[1:3] == ["key version 2", "done now: file 3 content, key 1, key 2, key 3, key 4, key 0"]
    walk.board.control.do("lift")
    card = Deck(walk.folder / "cards").take(UID)
    assert all(key.version == 2 and key.value != bytes(16) for key in card.keys.slots)
    held = json.loads((walk.folder / "centre" / "card-masters.json").read_text())
    masters = held["zones"]["north"]
    live = cardkeys.card_key(bytes.fromhex(masters["2"]), UID, cardkeys.LIVE, 2)
    assert card.keys.slots[cardkeys.LIVE].value == live
    secrets = [key.value.hex() for key in card.keys.slots] + list(masters.values())
    told = "".join(said.values()) + walk.board.said() + (walk.folder / "centre" / "card-keys.log").read_text()
    assert not any(secret in told.lower() for secret in secrets)
