"""A stolen board: all of its flash and all of its memory, searched for keys after taps with and without its roster."""

import sys

import pytest

from checkpost import cardkeys, ntag, ntag_passes
from checkpost.card_aes import cbc_decrypt
from tests.support import golden, kiosk
from tests.support.live_board import ISSUER, KNOWN, STRANGERS, ZONE, Running, keys_of, until

pytestmark = [
    pytest.mark.skipif(
        not golden.MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"
    ),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is read from /proc"),
]


@pytest.fixture
def board(tmp_path):
    board = Running(tmp_path)
    yield board
    board.stop()


def session_keys(talk):
    """Return the keys of every session in what reader and cards said, in the order of cards that were tapped."""
    found = []
    lives = {uid: keys_of(uid)[cardkeys.LIVE] for uid in KNOWN + STRANGERS}
    for at, (command, answer) in enumerate(talk):
        if not command.startswith("9071"):
            continue
        challenge, reply = bytes.fromhex(answer)[:16], bytes.fromhex(talk[at + 1][0])[5:37]
        for live in lives.values():
            rnd_b = cbc_decrypt(live, bytes(16), challenge)
            both = cbc_decrypt(live, bytes(16), reply)
            if both[16:] == ntag_passes.turn(rnd_b):
                found += ntag.derive_keys(live, both[:16], rnd_b)
    return found


def holds(dump, key):
    return key in dump or key.hex().encode() in dump or key.hex().upper().encode() in dump


def test_flash_and_memory_hold_no_key_but_those_of_the_roster(board):
    until(board.far_end.settled)
    for uid in [*KNOWN, *STRANGERS]:
        board.tap_live(uid)
    sessions = session_keys(board.panel.do("talk")["talk"])
    assert len(sessions) >= 2 * len(KNOWN + STRANGERS)
    secrets = [ISSUER, ZONE, *sessions]
    secrets += [keys_of(uid)[at] for uid in STRANGERS for at in cardkeys.NUMBERS]
    secrets += [keys_of(uid)[at] for uid in KNOWN for at in cardkeys.NUMBERS if at != cardkeys.LIVE]
    until(lambda: not any(holds(board.memory(), key) for key in secrets))  # what was used is overwritten a turn later
    flash = board.flash()
    assert not any(holds(flash, key) for key in secrets)
    # What is there is found: the roster's keys on flash, and the link's key in memory.
    assert all(holds(flash, keys_of(uid)[cardkeys.LIVE]) for uid in KNOWN)
    assert holds(board.memory(), kiosk.LINK_KEY)
