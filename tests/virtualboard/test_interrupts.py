"""Ctrl-C at a virtual board: as at a real one it ends a program, twice is the same as once, and nothing else ends."""

import os
import signal
from pathlib import Path

import pytest

from tests.virtualboard.programs import TELL
from virtualboard.repl import RAW_BANNER

CHURNING = """
def churn():
    return [bytearray(size) for size in range(0, 100, 7)]
tell(1000)
while True:
    churn()
"""
WRITING = """
tell(1000)
while True:
    with open("state.txt", "w") as file:
        file.write("as it was")
"""
SLEEPING = """
tell(1000)
time.sleep(1000)
"""
READING = """
import sys
tell(1000)
while True:
    sys.stdin.read(1)
"""
COUNTING = f"""
{TELL}
def churn():
    return [bytearray(size) for size in range(0, 100, 7)]
caught = 0
while caught < 100:
    try:
        print("ready", caught)
        while True:
            churn()
    except KeyboardInterrupt:
        caught += 1
print("caught", caught)
"""


class Client:
    """What a technician's tool is to the board's USB port."""

    def __init__(self, board):
        self._port = open(board.ready["repl"], "r+b", buffering=0)  # noqa: SIM115 - closed by the test
        self._heard = b""

    def say(self, words):
        self._port.write(words)

    def hear(self, what):
        """Return when the board has said `what`."""
        while what not in self._heard:
            self._heard += self._port.read(4096)
        self._heard = self._heard.partition(what)[2]

    def close(self):
        self._port.close()


@pytest.fixture
def client_of():
    clients = []

    def make(board):
        clients.append(Client(board))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def pending(pid):
    """Return True once a signal waits for a process that is stopped."""
    words = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(words["SigPnd"], 16) | int(words["ShdPnd"], 16))


def is_in(state, pid):
    """Return True once a process is in that state: S it waits for something, T it is stopped."""
    return f"State:\t{state}" in Path(f"/proc/{pid}/status").read_text()


def interrupt_stopped(board, client, waits):
    """Let three Ctrl-C's meet a process that cannot look at the first: the third comes when that waits for it."""
    pid = board.state()["pid"]
    if waits:
        board.until(lambda: is_in("S", pid))
    os.kill(pid, signal.SIGSTOP)
    board.until(lambda: is_in("T", pid))
    client.say(b"\x03\x03")
    board.until(lambda: pending(pid))
    client.say(b"\x03")
    os.kill(pid, signal.SIGCONT)


def whole(board, client, boots=1):
    """Check that the board is at its raw prompt, has not started again, and that memory and files are in order."""
    client.say(b"\r\x03\x03\r\x01")
    client.hear(RAW_BANNER + b">")
    client.say(b"open('new.txt', 'w').close()\nprint(len(bytearray(50000)), 6 * 7)\x04")
    client.hear(b"50000 42")
    client.hear(b"\x04>")
    assert (board.state()["boots"], board.state()["crashes"]) == (boots, 0)


@pytest.mark.parametrize(
    ("program", "waits"),
    [(CHURNING, False), (WRITING, False), (SLEEPING, True), (READING, True)],
    ids=("churning", "writing", "sleeping", "reading"),
)
def test_interrupts_that_meet_before_a_program_looks_are_one(run_board, client_of, program, waits):
    board = run_board(TELL + program)
    client = client_of(board)
    board.wait_tone(1000)
    interrupt_stopped(board, client, waits)
    client.hear(b"KeyboardInterrupt")
    whole(board, client)
    client.say((TELL + program.replace("1000)", "2000)", 1)).encode() + b"\x04")  # once more, in the raw prompt
    board.wait_tone(2000)
    interrupt_stopped(board, client, waits)
    client.hear(b"KeyboardInterrupt")
    whole(board, client)


def test_a_program_is_interrupted_wherever_it_is(run_board, client_of):
    """Each at another place: of the allocator, of the collector, of the loop. One in twenty was the end of it, once."""
    board = run_board(COUNTING)
    client = client_of(board)
    for number in range(100):
        client.hear(b"ready %d\n" % number)
        client.say(b"\x03")
    client.hear(b"caught 100")
    whole(board, client)


def test_an_interrupt_behind_a_program_that_nobody_has_read_yet_ends_that_program(run_board, client_of):
    board = run_board(TELL)
    client = client_of(board)
    client.hear(b">>> ")
    whole(board, client)
    pid = board.state()["pid"]
    os.kill(pid, signal.SIGSTOP)
    board.until(lambda: is_in("T", pid))
    client.say(TELL.encode() + SLEEPING.encode() + b"\x04\x03print('at the prompt')\x04")
    os.kill(pid, signal.SIGCONT)
    client.hear(b"KeyboardInterrupt")
    client.hear(b"at the prompt")
    whole(board, client)


def test_what_is_typed_while_a_board_starts_waits_for_its_program(run_board, client_of):
    board = run_board(TELL + CHURNING)
    client = client_of(board)
    board.wait_tone(1000)
    for boots in range(2, 6):
        board.control.do("power", on=False)
        board.control.do("power", on=True)
        client.say(b"\r\x03\x03")
        client.hear(b"KeyboardInterrupt")
        whole(board, client, boots)
