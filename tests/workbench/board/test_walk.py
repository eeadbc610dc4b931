"""tools/README.md, walked as a newcomer: its lines run as they stand there, with a virtual board and a centre."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkpost import bundle
from tests.support.boards import ROOT, VirtualBoard
from tests.support.journey import public_of
from workbench import journal_image

pytestmark = pytest.mark.timeout(600)  # real processes, on a machine that may be busy
README = (ROOT / "tools" / "README.md").read_text()


def lines_of(title):
    """Return the commands of a section, continued lines joined."""
    section = README.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line[4:] for line in section.replace("\\\n", " ").splitlines() if line.startswith("    ")]


@pytest.fixture
def walk(tmp_path, centre):
    """Return a function that runs a line in the walker's shell; the first terminal's board runs beside it."""
    board = VirtualBoard(tmp_path / "board", firmware=None, settings=None)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def run(line):
        if line.startswith("export "):
            environment.update(word.split("=", 1) for word in line.split()[1:])
            environment["CHECKPOST_CENTRAL_URL"] = centre.url  # the test's centre listens elsewhere
            return ""
        ended = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    run.board, run.folder = board, tmp_path
    yield run
    board.stop()


def told(said):
    """Show what a newcomer saw."""
    print("\n".join(f"$ {line}\n{text}" for line, text in said.items()))
    return said


def test_from_the_box_to_the_lane_and_afterwards(walk, centre, bridge):
    terminal, *commands = lines_of("From the box to the lane")[2:]
    assert terminal == "python -m virtualboard run --dir board"
    said = told({line: walk(line) for line in commands})
    assert "now runs 0.1.0 from slot a" in said["checkpost board flash --port board/repl"]
    assert "WRONG" not in said["checkpost board check --port board/repl"]
    walk.board.until(walk.board.records)
    before = centre.boards()[1]
    url = bridge(walk.board)  # and from here on over a serial server
    over = [line.replace("board/repl", url) for line in (commands[3], commands[5], *lines_of("Afterwards"))]
    said = told({line: walk(line) for line in over})
    assert "runs 0.1.0 already; 0 files sent" in said[over[0]] and "WRONG" not in said[over[1]]
    assert journal_image.read_records(walk.folder / "before.bin")
    after = centre.boards()[1]
    assert after["epoch"] == 2 and after["link_key"] != before["link_key"]
    key = {"Authorization": f"Bearer {centre.gateway_token}"}  # the gateway runs, and has told the centre its key
    body = {"sealing_key": public_of(walk.folder)}
    centre.client.put("/v1/sealing-key", json=body, headers=key).raise_for_status()
    voucher, provision = [line.replace("board/repl", url) for line in lines_of("Where no line leads to the centre")]
    said = told({line: walk(line) for line in (voucher, provision)})
    assert "board numbers 2, 3, 4, 5, 6 for gateway north" in said[voucher]
    assert "board 2, epoch 1, at ONS lane 1: enrolled" in said[provision] and "WRONG" not in said[provision]
    assert (walk.folder / "commissioning" / "board-2-1.enrolment").exists() and list(centre.boards()) == [1]


def test_a_dead_board_is_replaced_and_its_log_goes_on(walk, centre, new_board):
    for line in lines_of("From the box to the lane")[3:8]:
        walk(line)
    walk.board.until(walk.board.records)
    old_key = centre.boards()[1]["link_key"]
    assert "take it in with: checkpost gateway bundle" in walk(
        "checkpost board log --bundle log.bundle --port board/repl"
    )
    sealed = (walk.folder / "log.bundle").read_bytes()
    manifest, payloads = bundle.read(sealed, {1: bytes.fromhex(old_key)}.get)
    assert (manifest.board, manifest.epoch, manifest.first_seq) == (1, 1, 1) and manifest.last_seq >= 1
    assert len(payloads) == manifest.frames >= 2
    spare = new_board(firmware=None, settings=None)
    walk(f"checkpost board flash --port {spare.port}")
    said = walk(
        f"checkpost board replace --dead board/repl --port {spare.port} --gateway north --sign-key technician.key"
    )
    assert "board 1, epoch 2, at ONS lane 1: new keys in place" in said
    assert "the log of board 1, epoch 1, is in commissioning/board-1-1-log.bin" in said
    exported = walk("checkpost board log export commissioning/board-1-1-log.bin").splitlines()
    first = json.loads(exported[0])
    assert (first["board"], first["epoch"], first["seq"]) == (1, 1, 1) and len(first["record"]) == 64
    image = (walk.folder / "commissioning" / "board-1-1-log.bin").read_bytes()
    assert image[: 2 * 4096] == b"\xff" * 8192  # the seal key stays on its chip
    assert centre.boards()[1]["link_key"] != old_key
    walk("checkpost board rekey --board 1")  # and the drill for one that is stolen
    assert centre.boards()[1]["epoch"] == 3
    sentence = "erase the log of board 1"
    refused = subprocess.run(
        f"echo no | checkpost board log erase --image kept.bin --port {spare.port}",
        shell=True, cwd=walk.folder, env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert refused.returncode == 1 and "nothing is erased" in refused.stderr
    said = walk(f"echo '{sentence}' | checkpost board log erase --image kept.bin --port {spare.port}")
    assert "sectors erased; the log is in kept.bin" in said
