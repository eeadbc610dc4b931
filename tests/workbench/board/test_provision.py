"""Provisioning: at a real centre over a virtual board, broken off, repeated, and a thousand times."""

import json
import stat
from dataclasses import replace

import pytest

from gateway.contract import Board as Registered
from gateway.contract import CrossingPoint
from gateway.errors import OperatorError
from tests.support.boards import ROOT, checkpost
from tests.support.paper_board import PaperBoard
from virtualboard.image import read_file
from workbench.board import report
from workbench.board.bundle import BundleTrouble, Signer, make_signer, read_signer
from workbench.board.centre import CentreTrouble
from workbench.board.pending import Keys
from workbench.board.provision import DIRECTIONS, DISPLAYS, LANGUAGES, MAX_BAUD, MIN_BAUD, Wanted, provision
from workbench.board.wire import BoardTrouble

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy
LINK = {"carrier": "serial", "baud": 921_600}
POINT = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north", time_zone="Asia/Pyongyang")


class FakeCentre:
    """A centre in memory, which may fail once."""

    def __init__(self):
        self.boards = {}
        self.seal_keys = {}
        self.fails = False

    def knowledge(self):
        return {"ONS": POINT}, "live"

    def register(self, point, lane, gateway, link_key, seal_key):
        if self.fails:
            raise CentreTrouble("the centre cannot be reached")
        number = self.boards.setdefault(link_key, len(self.boards) + 1)
        self.seal_keys[number] = seal_key
        return Registered(
            board=number, epoch=1, crossing_point=point, lane=lane, gateway=gateway, link_key=link_key.hex()
        )

    def open_epoch(self, number, link_key, seal_key):
        raise AssertionError("no board stood here before")


def test_a_thousand_provisionings_share_no_key(tmp_path):
    centre = FakeCentre()
    keys = set()
    for number in range(1000):
        board = PaperBoard(number)
        provision(board, centre, Wanted("ONS", "1", "north", LINK), tmp_path, 1_790_000_000).pending.end()
        values = json.loads(board.files["/settings.json"])
        assert "seal_key" not in values and values["board"] == number + 1
        keys |= {values["link_key"], *board.seal_keys}
        assert centre.seal_keys[number + 1].hex() == board.seal_keys[0]
    assert len(keys) == 2000
    assert list(tmp_path.iterdir()) == []  # nothing is left of them


def test_broken_off_at_the_centre_it_goes_on_with_the_same_keys(tmp_path):
    centre, board = FakeCentre(), PaperBoard(1)
    centre.fails = True
    with pytest.raises(CentreTrouble):
        provision(board, centre, Wanted("ONS", "1", "north", LINK), tmp_path)
    assert board.files == {} and board.seal_keys == []
    (pending,) = tmp_path.iterdir()
    assert stat.S_IMODE(pending.stat().st_mode) == 0o600
    held = json.loads(pending.read_text())
    centre.fails = False
    done = provision(board, centre, Wanted("ONS", "1", "north", LINK), tmp_path)
    assert done.settings.values["link_key"] == held["link_key"] and board.seal_keys == [held["seal_key"]]
    done.pending.end()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"direction": "sideways"}, "--direction"),
        ({"language": "xx"}, "--language"),
        ({"oled": "paper"}, "--oled"),
        ({"lane": ""}, "--lane"),
        ({"lane": "lane twenty"}, "--lane"),
        ({"update_key": "release.key"}, "--update-key"),
        ({"link": {"carrier": "serial", "baud": 300}}, "--baud"),
        ({"link": {"carrier": "lora", "region": "KR920", "spreading_factor": 99}}, "--spreading-factor"),
    ],
)
def test_what_a_board_would_not_start_with_is_not_registered(tmp_path, wrong, option):
    centre, board = FakeCentre(), PaperBoard(1)
    wanted = replace(Wanted("ONS", "1", "north", LINK), **wrong)
    with pytest.raises(OperatorError, match=option):
        provision(board, centre, wanted, tmp_path)
    assert centre.boards == {} and board.files == {} and list(tmp_path.iterdir()) == []


def test_what_a_board_takes_is_what_its_settings_know():
    said = (ROOT / "firmware" / "settings.py").read_text()
    for name, known in (("DIRECTIONS", DIRECTIONS), ("DISPLAYS", DISPLAYS)):
        words = ", ".join(f'"{word}"' for word in known)
        assert f"{name} = ({words})" in said
    texts = (ROOT / "firmware" / "kiosk" / "texts.py").read_text()
    assert "LANGUAGES = ({})".format(", ".join(f'"{word}"' for word in LANGUAGES)) in texts
    assert f"MIN_BAUD = {MIN_BAUD}" in said and f"MAX_BAUD = {MAX_BAUD}" in said


def test_keys_that_cannot_be_read_again_are_named_and_left(tmp_path):
    kept = tmp_path / "provisioning-0000000000000001.json"
    kept.write_text('{"place": ["ONS", ')
    centre = FakeCentre()
    with pytest.raises(BoardTrouble, match="move it away"):
        provision(PaperBoard(1), centre, Wanted("ONS", "1", "north", LINK), tmp_path)
    assert kept.exists() and centre.boards == {}


def test_keys_come_from_the_random_source_that_is_handed_in():
    assert Keys.make(lambda size: b"\x07" * size) == Keys(b"\x07" * 16, b"\x07" * 32)


def test_from_the_box_to_a_lane_and_once_more(flashed_board, centre, tmp_path):
    board = flashed_board(settings=None)
    signer = make_signer(tmp_path / "technician.key")
    words = ["provision", "--port", board.port, "--centre", centre.url, "--token-file", centre.token_file]
    words += [
        "--point",
        "ONS",
        "--gateway",
        "north",
        "--sign-key",
        tmp_path / "technician.key",
        "--out",
        tmp_path / "out",
    ]
    code, said = checkpost(*words, "--update-key", signer.public.hex())
    assert code == 0, said
    assert "board 1, epoch 1, at ONS lane 1: registered" in said and "WRONG" not in said
    board.until(board.drawn)
    settings = json.loads(read_file(board.folder / "fs.img", "/settings.json"))
    assert settings["link_key"] == centre.boards()[1]["link_key"] and "seal_key" not in settings
    assert settings["offset_quarters"] == 36 and settings["update_key"] == signer.public.hex()
    page = (tmp_path / "out" / "board-1-1-report.html").read_text()
    facts, signed_by = report.verify(page)
    assert signed_by == signer.public.hex() and facts["firmware"] == "0.1.0" and facts["chip"] == "e66058388300e001"
    assert "<svg" in (tmp_path / "out" / "board-1-1-label.html").read_text()
    with pytest.raises(report.ReportTrouble, match="altered after"):
        report.verify(page.replace('"lane":"1"', '"lane":"2"'))
    code, said = checkpost(*words, typed="n\n")
    assert code == 1 and "This is board 1, epoch 1, at ONS lane 1" in said and "left as it is" in said
    code, said = checkpost(*words, typed="y\n")
    assert code == 0, said
    assert "board 1, epoch 2, at ONS lane 1: registered" in said
    again = json.loads(read_file(board.folder / "fs.img", "/settings.json"))
    assert again["epoch"] == 2 and again["link_key"] == centre.boards()[1]["link_key"] != settings["link_key"]
    code, said = checkpost("check", "--port", board.port, "--json")
    found = {part["part"]: part["right"] for part in json.loads(said.splitlines()[-1])["parts"]}
    assert code == 0 and set(found.values()) == {True} and len(found) == 9
    board.control.do("break", what="rtc")
    board.control.do("battery", mv=10_500)
    code, said = checkpost("check", "--port", board.port)
    assert code == 1 and "check the DS3231's plug" in said and "charge or replace it" in said
    assert "no clock: check plugs and 3.3 V" in said


def test_a_key_that_others_can_read_is_not_used(tmp_path):
    signer = make_signer(tmp_path / "key")
    assert isinstance(signer, Signer) and read_signer(tmp_path / "key").public == signer.public
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(BundleTrouble, match="chmod 600"):
        read_signer(tmp_path / "key")
    with pytest.raises(BundleTrouble, match="never overwritten"):
        make_signer(tmp_path / "key")
