"""Readers at a desk: a fake PC/SC service, a fake board, and the real firmware's driver on a virtual board."""

import json
import os
import struct
import subprocess
import sys
import types
from pathlib import Path

import pytest

from gateway.errors import OperatorError
from tests.support.card import UID, CardRig, fresh_card
from virtualboard.chips.deck import Deck
from virtualboard.client import Board
from virtualboard.image import make_image
from workbench.readers import BoardReader, PcscReader, ReaderTrouble, open_board, open_pcsc

ROOT = Path(__file__).resolve().parents[2]
VERSION = bytes.fromhex("9060000000")


class Service:
    """What pyscard offers, with one card that answers by a rig. `state`: what is wrong.

    left: the card is away; gone: the service does not run; shy: the card leaves as soon as it is connected to, once.
    """

    def __init__(self, rig, names=("Desk reader 0",)):
        self.rig = rig
        self.state = ""
        service = self

        class SmartcardException(Exception):
            pass

        class BaseSCardException(Exception):
            pass

        class CardRequestTimeoutException(SmartcardException):
            pass

        class CardConnectionException(SmartcardException):
            pass

        class NoCardException(SmartcardException):
            pass

        class Connection:
            def connect(self):
                if service.state == "shy":
                    service.state = ""
                    raise NoCardException
                if service.state == "dumb":
                    raise CardConnectionException
                service.connected = True

            def disconnect(self):
                service.connected = False
                if service.state:
                    raise CardConnectionException

            def transmit(self, apdu):
                if service.state:
                    raise CardConnectionException
                if bytes(apdu) == b"\xff\xca\x00\x00\x00":
                    return list(UID), 0x90, 0x00
                answer = service.rig.exchange(bytes(apdu))
                if answer is None:
                    service.rig.present()  # it is laid down again
                    raise CardConnectionException
                return list(answer[:-2]), answer[-2], answer[-1]

        class CardRequest:
            def __init__(self, timeout, readers, newcardonly):
                self.timeout = timeout
                if service.state == "gone":
                    raise CardConnectionException("no context")

            def waitforcard(self):
                if service.state == "left":
                    raise CardRequestTimeoutException
                return types.SimpleNamespace(connection=Connection())

        def readers():
            if service.state == "gone":
                raise BaseSCardException("no context")
            return list(names)

        self.System = types.SimpleNamespace(readers=readers)
        self.CardRequest = types.SimpleNamespace(CardRequest=CardRequest)
        self.Exceptions = types.SimpleNamespace(
            SmartcardException=SmartcardException, CardRequestTimeoutException=CardRequestTimeoutException
        )
        self.pcsc = types.SimpleNamespace(PCSCExceptions=types.SimpleNamespace(BaseSCardException=BaseSCardException))


def test_a_pcsc_reader_carries_apdus():
    service = Service(CardRig())
    reader = PcscReader(service, "Desk")
    assert reader.exchange(VERSION) is None  # nothing was found yet
    assert reader.find() == UID
    assert reader.exchange(VERSION)[-2:] == b"\x91\xaf"
    service.state = "left"
    assert reader.exchange(VERSION) is None
    service.state = ""
    reader.close()
    assert not service.connected


def test_a_pcsc_reader_without_a_card():
    service = Service(CardRig())
    reader = PcscReader(service)
    service.state = "left"
    with pytest.raises(ReaderTrouble, match="no card came"):
        reader.find()
    reader.close()


def test_a_card_that_leaves_a_pcsc_reader_at_once_is_waited_for():
    service = Service(CardRig())
    reader = PcscReader(service)
    service.state = "shy"
    assert reader.find() == UID


def test_a_card_that_a_pcsc_reader_cannot_speak_to_is_not_waited_for_for_ever():
    service = Service(CardRig())
    ticks = iter(range(100))
    reader = PcscReader(service, clock=lambda: next(ticks))
    service.state = "dumb"
    with pytest.raises(ReaderTrouble, match="no card came"):
        reader.find(5)


@pytest.mark.parametrize("heard", [False, True], ids=["before it hears", "after it did"])
def test_a_card_that_leaves_a_pcsc_reader_at_any_moment_is_issued_when_it_comes_again(heard):
    from workbench.cards import Issue, derive, document
    from workbench.driver import card_driver, card_errors

    keys = derive(UID, 1, bytes(16), bytes(range(16)))
    number = cuts = 0
    while number == cuts:
        number += 1
        service = Service(CardRig())
        reader = PcscReader(service)
        for cut_at in (number, 0):
            assert reader.find() == UID
            service.rig.cut_at, service.rig.heard = cut_at, heard
            card = card_driver(reader.exchange)
            try:
                Issue(card, keys, document("north", 20_000, 1)).run()
                break
            except card_errors().CardGone:
                cuts += 1
        reader.close()
        assert [slot.value for slot in service.rig.card.keys.slots] == [keys[at] for at in range(5)]
    assert cuts >= 30  # as many APDUs as an issue takes


def test_a_pcsc_service_that_does_not_run_or_ends_is_named_and_closing_says_no_more():
    service = Service(CardRig())
    reader = PcscReader(service)
    assert reader.find() == UID
    service.state = "gone"
    with pytest.raises(ReaderTrouble, match=r"PC/SC service fails .*start pcscd"):
        reader.find()
    reader.close()
    with pytest.raises(ReaderTrouble, match="start pcscd"):
        PcscReader(service)


@pytest.mark.parametrize("names", [(), ("Desk reader 0", "Desk reader 1")])
def test_the_reader_has_to_be_one(names):
    with pytest.raises(ReaderTrouble, match="readers are named 'Desk'"):
        PcscReader(Service(None, names), "Desk")


def test_pcsc_needs_pyscard(monkeypatch):
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(ReaderTrouble, match="pyscard"):
        open_pcsc()


class Transport:
    """Plays a board in the raw REPL: each answer in its turn."""

    def __init__(self, *answers):
        self.answers = [b"", *answers]
        self.asked = []

    def exec(self, source):
        """Answer, or fail as the board does."""
        self.asked.append(source)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_board_finds_and_carries():
    transport = Transport(b"\r\n", b"04a1b2c3d4e580\r\n", b"9000\r\n", b"none\r\n")
    reader = BoardReader(transport)
    assert reader.find() == UID
    assert reader.exchange(b"\x00\xa4") == b"\x90\x00"
    assert reader.exchange(b"\x00\xa4") is None
    assert transport.asked[-1] == "_exchange('00a4')"


def test_a_board_without_a_card_and_with_two():
    ticks = iter(range(100))
    with pytest.raises(ReaderTrouble, match="no card came"):
        BoardReader(Transport(*[b""] * 10), lambda: next(ticks)).find(3)
    with pytest.raises(ReaderTrouble, match="leave one"):
        BoardReader(Transport(b"04a1b2c3d4e580 04a1b2c3d4e581")).find()


def test_a_board_whose_reader_is_broken_is_named():
    from mpremote.transport import TransportExecError

    fault = TransportExecError(b"", "Traceback (most recent call last):\r\n  File x\r\nChipError: pn532: not there\r\n")
    with pytest.raises(ReaderTrouble, match=r"fails: .*pn532: not there"):
        BoardReader(Transport(fault)).find()


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), struct.error("unpack requires 2 bytes")])
def test_a_board_that_is_unplugged_is_named_and_closing_says_no_more(fault):
    transport = Transport(b"04a1b2c3d4e580\r\n", fault)
    reader = BoardReader(transport)
    assert reader.find() == UID
    with pytest.raises(ReaderTrouble, match="left its port"):
        reader.exchange(VERSION)

    def gone(*_):
        raise fault

    transport.exec_raw_no_follow = gone
    transport.close = lambda: transport.asked.append("closed")
    reader.close()
    assert transport.asked[-1] == "closed"


def test_a_port_without_a_board(tmp_path):
    waits = []
    with pytest.raises(OperatorError, match="no board answers"):
        open_board(str(tmp_path / "nothing"), waits.append)
    assert len(waits) == 5  # a board that restarts is away from USB for a moment


@pytest.fixture
def running(tmp_path):
    """A virtual board with the whole firmware, a folder of cards, and its terminal."""
    pytest.importorskip("micropython_run")
    make_image(tmp_path / "fs.img", ROOT / "firmware")
    Deck(tmp_path / "cards").keep(fresh_card())
    command = [sys.executable, "-m", "virtualboard", "run", "--dir", str(tmp_path), "--follow-stdin"]
    command += ["--cards", str(tmp_path / "cards")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    ready = json.loads(host.stdout.readline())
    control = Board(ready["control"])
    yield ready, control, tmp_path
    control.close()
    host.stdin.close()
    host.wait(60)
    host.stdout.close()


def test_a_card_is_issued_on_a_virtual_board(running):
    """The plan, on the host, through mpremote, the firmware's PN532 driver and the chip models."""
    from drivers.ntag424 import NTAG424
    from workbench.cards import Issue, derive, document

    ready, control, folder = running
    control.do("tap", uid=UID.hex())
    reader = open_board(ready["repl"])
    assert reader.find(10) == UID
    card = NTAG424(reader.exchange, os.urandom)
    keys = derive(UID, 1, bytes(16), bytes(range(16)))
    receipt = Issue(card, keys, document("north-hamgyong", 20_000, 1)).run()
    assert len(receipt.steps) == 9
    control.do("lift")
    assert card._exchange(VERSION) is None
    issued = Deck(folder / "cards").take(UID)
    assert [slot.value for slot in issued.keys.slots] == [keys[number] for number in range(5)]
    control.do("tap", uid=UID.hex())
    assert reader.find(10) == UID
    assert Issue(card, keys, document("north-hamgyong", 20_000, 1)).run().steps == []
    reader.close()
