"""What `gateway status` tells people when something is not as it should be."""

import pytest

from gateway.commands.showing import show_status
from gateway.status import LOW_DISK_BYTES, status
from tests.gateway.support import teach_small


@pytest.fixture
def found(store, tmp_path):
    teach_small(store)
    return status(tmp_path, "north") | {"disk_free": LOW_DISK_BYTES, "knows_time": True}


def said(found, capsys, **more):
    show_status(found | more)
    return capsys.readouterr().out


def test_what_is_well_is_not_spoken_of(found, capsys):
    text = said(found, capsys)
    assert "disk" not in text and "network time" not in text


def test_a_disk_that_fills_is_said(found, capsys):
    assert "The disk has 3 MB left" in said(found, capsys, disk_free=(3 << 20) + 5)


def test_a_machine_without_network_time_is_said(found, capsys):
    assert "no network time" in said(found, capsys, knows_time=False)
    assert "network time" not in said(found, capsys, knows_time=None)


def test_boards_that_lag_behind_the_newest_firmware_are_named(found, capsys):
    (board, *_) = found["boards"]
    boards = [board | {"board": number, "firmware": version} for number, version in ((1, "0.9.0"), (2, "0.10.0"))]
    text = said(found, capsys, boards=boards)
    assert "The newest firmware here is 0.10.0; behind it: board 1 (0.9.0)." in text
    assert "newest firmware" not in said(found, capsys, boards=boards[:1])
