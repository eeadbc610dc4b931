"""The gateway's radio: ports by identity, twins refused, answers only while a board listens."""

import asyncio
import random
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from checkpost import modemline
from checkpost.handshake import hello, read_welcome
from checkpost.x25519 import multiply
from gateway.boards.channel import AirPort
from gateway.boards.homes import BOARD_MS, RADIO_MS, Homes
from gateway.boards.slots import SlotBook
from gateway.links import usb
from gateway.settings import Settings

KEY = bytes(range(16))
MODEM = "usb:2e8a:0005:E66118604B1234"


class Plug(SimpleNamespace):
    """What pyserial says of a port."""


def plugged(monkeypatch, *ports):
    found = [Plug(device=device, vid=0x2E8A, pid=5, serial_number=serial) for device, serial in ports]
    monkeypatch.setattr(list_ports, "comports", lambda: found)


def test_a_port_is_found_by_what_is_plugged_in(monkeypatch):
    plugged(monkeypatch, ("/dev/ttyACM0", "E66118604B9999"), ("/dev/ttyACM3", "e66118604b1234"), ("/dev/ttyS0", None))
    assert usb.device(Path(MODEM)) == "/dev/ttyACM3"
    assert usb.device(Path("/dev/checkpost/line-1")) == "/dev/checkpost/line-1"


def test_a_device_that_is_not_there_or_twice_is_not_used_and_named(monkeypatch):
    plugged(monkeypatch, ("/dev/ttyACM0", "other"))
    with pytest.raises(OSError, match="not plugged in"):
        usb.device(Path(MODEM))
    plugged(monkeypatch, ("/dev/ttyACM0", "E66118604B1234"), ("/dev/ttyACM1", "E66118604B1234"))
    with pytest.raises(usb.TwoDevices, match="/dev/ttyACM0 and /dev/ttyACM1"):
        usb.device(Path(MODEM))


@pytest.mark.parametrize("name", ["usb:2e8a:0005", "usb:xyz:0005:1", "usb:::", "usb:2e8a:0005:"])
def test_an_identity_that_is_none_is_refused_with_the_settings(name, tmp_path):
    with pytest.raises(ValueError):
        Settings(data=tmp_path, radio=[name])
    assert Settings(data=tmp_path, serial=[MODEM], radio=["/dev/ttyACM0"]).serial == [Path(MODEM)]


def test_the_second_of_two_boards_of_one_number_is_refused_until_the_first_is_gone():
    homes = Homes(BOARD_MS)
    assert homes.claim(7, "a", 0) == ""
    assert homes.claim(7, "b", 5_000) == "a" and homes.claim(8, "b", 5_000) == ""
    assert homes.claim(7, "a", 9_000) == "" and homes.claim(7, "b", 18_000) == "a"
    assert homes.claim(7, "b", 19_000) == "" and homes.claim(7, "a", 19_001) == "b"


class Port:
    """A serial port that goes nowhere."""

    def __init__(self, path, baud, on_bytes, on_state):
        self.path, self.on_bytes, self.on_state = path, on_bytes, on_state
        self.trouble, self.opened, self.written = "", 1, b""

    def write(self, data):
        self.written += data


class Clock:
    ms = 0

    def steady_ms(self):
        return self.ms


def airport(parts, path="radio"):
    port = AirPort(Path(path), parts, Port)
    port.port.on_state(True)
    return port


@pytest.fixture
def parts():
    dice = random.Random(1)
    return SimpleNamespace(
        clock=Clock(), link_key=lambda board: KEY if board == 7 else None, random_bytes=dice.randbytes,
        homes=Homes(BOARD_MS), radios=Homes(RADIO_MS), slots=SlotBook(),
    )  # fmt: skip


def report(port, factor=9, identity=b"identity", radio_ok=1):
    fields = ["EU868", 869_525_000, factor, radio_ok, 360_000, 0, 0, 0, 0, 0, 0]
    port.port.on_bytes(modemline.pack_report(identity, fields) + b"\r\n")


def said(port):
    """Return (within ms, urgent, frame) of what the modem was given."""
    found = [modemline.parse(line) for line in port.port.written.split(b"\n")]
    return [modemline.parse_send(body)[1:] for kind, body in filter(None, found) if kind == modemline.SEND]


def serve(port):
    async def handle():
        for event in port._received():
            await port._handle(event)

    asyncio.run(handle())


def heard(port, frame):
    line = modemline.pack_heard(-97, 4, frame) + b"\r\n"
    port.port.on_bytes(b"MPY: soft reboot\r\n" + line[:10])
    port.port.on_bytes(line[10:])


HELLO = hello(KEY, 7, multiply(bytes([7] * 32)))


def test_a_modem_is_asked_how_it_is_and_its_channel_taken(parts):
    port = airport(parts)
    assert modemline.line(modemline.ASK) in port.port.written
    heard(port, HELLO)
    serve(port)
    assert not said(port)  # on which channel, it has not said
    report(port)
    assert port.factor == 9 and port.link is not None and port.radio.facts()["region"] == "EU868"


def test_a_board_is_answered_within_its_window_and_not_later(parts):
    port = airport(parts)
    report(port)
    heard(port, HELLO)
    parts.clock.ms += 300
    serve(port)
    [(within_ms, urgent, frame)] = said(port)
    assert (within_ms, urgent) == (700, True) and read_welcome(KEY, HELLO, frame) is not None
    assert port.signals == {7: -97}
    heard(port, HELLO)
    parts.clock.ms += 1001
    serve(port)
    assert len(said(port)) == 1 and port.failed_turns == 1


def test_frames_of_one_turn_follow_each_other(parts):
    port = airport(parts)
    report(port)
    port._heard_at_ms = parts.clock.ms
    port._say([bytes(100), bytes(100)], urgent=False)
    (first, _, _), (second, _, _) = said(port)
    assert first == 1000 and second >= 1000 + 555


def test_boards_of_other_gateways_on_the_channel_are_passed_over(parts):
    port = airport(parts)
    report(port)
    heard(port, hello(KEY, 8, multiply(bytes([7] * 32))))
    serve(port)
    assert not said(port) and port.link.counters["board"] == 1


def test_two_radios_of_one_identity_are_not_both_served(parts):
    first, second = airport(parts, "a"), airport(parts, "b")
    report(first)
    report(second)
    assert "the radio at a has the same identity" in second.trouble and not first.trouble
    heard(second, HELLO)
    serve(second)
    assert not said(second)
    parts.clock.ms += RADIO_MS
    report(second)
    assert not second.trouble


def test_a_radio_chip_that_fails_is_trouble(parts):
    port = airport(parts)
    report(port, radio_ok=0)
    assert port.trouble == "its radio chip does not work"
