"""Updates over the cable, with bundles that a desk signed, against virtual boards."""

import pytest

from gateway.boards.firmware import HEAD_SIZE, FirmwareTrouble
from tests.support.boards import SETTINGS, checkpost, pull_after
from workbench.board.bundle import check, split
from workbench.board.facts import look
from workbench.board.update import update
from workbench.board.wire import BoardTrouble, CableLost

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy


def facts_of(board):
    connection = board.connect()
    found = look(connection)
    connection.close(restart=False)
    return found


def test_an_update_is_tried_out_kept_by_a_yes_and_an_older_one_refused(flashed_board, desk):
    board = flashed_board(settings=SETTINGS | {"update_key": desk.key.hex()})
    newer, older = desk((0, 2, 0)), desk((0, 0, 9))
    assert check(newer.read_bytes(), desk.key) == (0, 2, 0)
    code, said = checkpost("update", newer, "--port", board.port)
    assert code == 0 and "0.2.0 is on trial, 0.1.0 is kept beside it" in said, said
    board.until(board.drawn)
    on_trial = facts_of(board)
    assert (on_trial.run, on_trial.back, on_trial.running_version) == ("b", "a", "0.2.0")
    code, said = checkpost("update", newer, "--port", board.port)
    assert code == 1 and "wait: the firmware that runs is on trial itself" in said
    board.until(board.drawn)  # a start that is cut short is one of the three that the trial has
    code, said = checkpost("update", "--confirm", "--port", board.port)
    assert code == 0 and "the board keeps 0.2.0" in said, said + board.said()[-2000:]
    board.until(board.drawn)
    code, said = checkpost("update", older, "--port", board.port)
    assert code == 1 and "old: 0.0.9 is older than what runs" in said
    assert (facts_of(board).run, facts_of(board).back) == ("b", "")


def test_a_firmware_that_does_not_start_is_left_by_the_board_itself(flashed_board, desk):
    board = flashed_board(settings=SETTINGS | {"update_key": desk.key.hex()})
    broken = desk((0, 2, 0), changes=[("main.py", "\nmain()\n", "\nraise ValueError('broken on purpose')\n")])
    pause = "PAUSE_MS = 5000"
    connection = board.connect()  # it waits between its starts; not here
    slots = connection.read("/slots.py").decode()
    assert pause in slots
    connection.replace("/slots.py", slots.replace(pause, "PAUSE_MS = 50").encode())
    update(connection, broken.read_bytes())
    connection.close()
    board.until(lambda: board.said().count("broken on purpose") >= 3)
    board.until(lambda: b"left 0.2.0: not confirmed" in board.image())  # the start after it says so
    board.until(board.drawn)
    found = facts_of(board)
    assert (found.run, found.running_version) == ("a", "0.1.0")
    assert found.note == "left 0.2.0: not confirmed in 3 starts"


def test_a_cable_that_is_pulled_costs_only_what_had_not_arrived(flashed_board, desk):
    board = flashed_board(settings=SETTINGS | {"update_key": desk.key.hex()})
    data = desk((0, 2, 0), everywhere='\nrepr("newer")\n').read_bytes()
    files = split(data)[1]
    connection = board.connect()
    with pytest.raises(BoardTrouble, match=r"altered: the signature does not fit"):
        at = HEAD_SIZE + 1 + data[HEAD_SIZE] + 4  # the first file's hash
        update(connection, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    with pytest.raises(FirmwareTrouble, match=r"half: .* copy the bundle again"):
        update(connection, data[:-1])
    pull_after(connection, 100_000)
    with pytest.raises(CableLost):
        update(connection, data)
    assert facts_of(board).running_version == "0.1.0"
    connection = board.connect()
    with pytest.raises(BoardTrouble, match=r"altered: .* is not what was signed"):
        update(connection, data[:-1] + bytes([data[-1] ^ 1]))
    taken = update(connection, data)
    assert taken.version == "0.2.0" and taken.was_there > 20
    assert taken.was_there + taken.sent == len(files)
    connection.close(restart=False)
