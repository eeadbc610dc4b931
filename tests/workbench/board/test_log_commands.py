"""What a technician's commands do with a log, on paper: no way loses a log that nobody else holds."""

import stat
from pathlib import Path

import pytest
import typer

from gateway.commands import main
from gateway.errors import OperatorError
from workbench.board import log_commands, logs
from workbench.board.provision import Wanted
from workbench.board.settings import BoardSettings
from workbench.board.wire import BoardTrouble

LINK = {"carrier": "serial", "baud": 921_600}


class Port:
    """A board's connection that can be closed."""

    port = "paper"

    def close(self, restart=True):
        pass


def chip(**sectors):
    """Return an image, blank but for the beginnings of some sectors of its journal."""
    image = bytearray(b"\xff" * logs.SIZE)
    for name, content in sectors.items():
        at = (logs.JOURNAL_FIRST + int(name[1:])) * logs.SECTOR
        image[at : at + len(content)] = content
    return bytes(image)


@pytest.fixture
def at_hand(monkeypatch):
    """Return a function that lays a board with this chip and these settings to the commands."""

    def lay(image, held=None):
        monkeypatch.setattr(log_commands, "connect", lambda port: Port())
        monkeypatch.setattr(log_commands, "choose_port", lambda port: port or "paper")
        monkeypatch.setattr(log_commands.logs, "read_out", lambda board: image)
        monkeypatch.setattr(log_commands.settings, "read", lambda board: held)

    return lay


def test_a_file_keeps_a_log_that_the_chip_no_longer_holds(tmp_path):
    kept = tmp_path / "kept.bin"
    logs.keep(kept, chip(s0=b"\x0f"))
    logs.keep(kept, chip(s0=b"\x0f", s1=b"\x01"))  # the log went on
    with pytest.raises(BoardTrouble, match="holds a log that the chip does not hold any more: name another file"):
        logs.keep(kept, chip(s1=b"\x01"))  # as after an erasing that broke off
    assert kept.read_bytes() == chip(s0=b"\x0f", s1=b"\x01")
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(BoardTrouble, match="is no image"):
        logs.keep(tmp_path / "letter", chip())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.bin", "letter"]


def test_what_cannot_be_read_is_not_erased_without_the_sentence(at_hand, monkeypatch, tmp_path, capsys):
    at_hand(chip(s0=b"\x00" * 64))
    monkeypatch.setattr(typer, "prompt", lambda text, **how: "")
    monkeypatch.setattr(log_commands.logs, "erase", lambda board: pytest.fail("it was erased"))
    with pytest.raises(OperatorError, match="nothing is erased"):
        log_commands.erase(tmp_path / "kept.bin")
    assert "1 sectors cannot be read" in capsys.readouterr().err


def test_an_image_without_a_journal_is_not_an_empty_log(tmp_path):
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(BoardTrouble, match="holds no journal"):
        log_commands.export(tmp_path / "letter")


@pytest.mark.parametrize("held", [7, 1])
def test_a_spare_that_has_a_lane_of_its_own_is_not_taken(at_hand, monkeypatch, tmp_path, held):
    place = {"board": held, "epoch": 1, "crossing_point": {"code": "ONS"}, "lane": "2"}
    at_hand(chip(), BoardSettings(place))
    monkeypatch.setattr(log_commands, "read_signer", lambda path: None)
    monkeypatch.setattr(log_commands, "open_centre", lambda url, file: None)
    monkeypatch.setattr(log_commands, "commission", _reached)
    wanted = Wanted("ONS", "1", "north", LINK, number=1)
    access = ("http://centre", tmp_path / "token", tmp_path / "key")
    if held == 1:
        with pytest.raises(Reached):  # its own place, again
            log_commands._stand_in(wanted, "paper", access, tmp_path)
    else:
        with pytest.raises(OperatorError, match="paper: this is board 7, at ONS lane 2: take a spare"):
            log_commands._stand_in(wanted, "paper", access, tmp_path)


class Reached(Exception):
    """Provisioning would begin."""


def _reached(*how):
    raise Reached


def test_a_board_does_not_take_its_own_place(tmp_path, at_hand):
    at_hand(chip())
    with pytest.raises(OperatorError, match="name the spare's port"):
        log_commands.replace("http://centre", Path("token"), "north", Path("key"), dead="paper", out=tmp_path)


def test_a_spare_for_an_image_says_what_it_does_not_know(at_hand, monkeypatch, tmp_path, capsys):
    at_hand(chip())
    (tmp_path / "image").write_bytes(chip())
    monkeypatch.setattr(log_commands.logs, "owner", lambda image: (1, 1))
    monkeypatch.setattr(log_commands, "_stand_in", lambda *how: None)
    access = ("http://centre", Path("token"), "north", Path("key"))
    log_commands.replace(*access, image=tmp_path / "image", point="ONS", lane="1", out=tmp_path)
    assert "the spare has a serial link, English, an sh1106 and no update key" in capsys.readouterr().err


class Giving:
    """A centre that gives tokens to gateways, and counts them."""

    given = 0

    def enrol(self, gateway):
        self.given += 1
        return "fresh"


def test_a_gateways_new_token_has_its_file_before_the_old_one_ends(monkeypatch, tmp_path):
    centre = Giving()
    monkeypatch.setattr(log_commands, "open_centre", lambda url, file: centre)
    (tmp_path / "out").write_text("no folder")
    with pytest.raises(OSError):
        log_commands.rekey("http://centre", tmp_path / "token", gateway="north", out=tmp_path / "out")
    assert centre.given == 0
    old = tmp_path / "gateway-north.token"
    old.write_text("old")
    old.chmod(0o644)
    log_commands.rekey("http://centre", tmp_path / "token", gateway="north", out=tmp_path)
    assert (old.read_text(), stat.S_IMODE(old.stat().st_mode)) == ("fresh", 0o600)


def test_a_rekey_names_one_board(tmp_path):
    with pytest.raises(OperatorError, match="one of --port"):
        log_commands.rekey("http://centre", Path("token"), board=3, port="paper", gateway="north")
    with pytest.raises(OperatorError, match="one of --port"):
        log_commands.rekey("http://centre", Path("token"), board=3, gateway="north")


def test_a_file_that_is_not_there_is_one_sentence(monkeypatch, tmp_path, capsys):
    missing = tmp_path / "nowhere" / "x.key"
    monkeypatch.setattr("sys.argv", ["checkpost", "board", "key", str(missing)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"checkpost: {missing}: No such file or directory\n"
