"""A stolen board: all of its flash and all of its memory, searched for keys after taps with and without its roster."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from checkpost import cardkeys, ntag, record
from checkpost.card_aes import cbc_decrypt
from checkpost.permit import Card as PermitCard
from checkpost.permit import Permit, Usage
from checkpost.roster_pack import pack_entry
from drivers.ntag424 import NTAG424
from tests.support import golden, kiosk
from tests.support.far_end import FarEnd
from virtualboard.chips.deck import Deck
from virtualboard.chips.ntag424 import Ntag424
from virtualboard.client import Board
from workbench.cards import Issue, derive, document
from workbench.journal_image import read_records

ROOT = Path(__file__).resolve().parents[2]
ISSUER, ZONE = b"issuer's master!", b"the zone's key !"
KNOWN = [bytes.fromhex(f"04A1B2C3D4E5{at:02X}") for at in range(3)]  # on the roster, with their keys
STRANGERS = [bytes.fromhex(f"04A1B2C3D4E6{at:02X}") for at in range(4)]  # whose keys only come with answers
LIMIT_S = 60

pytestmark = [
    pytest.mark.skipif(
        not golden.MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform"
    ),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is read from /proc"),
]


def keys_of(uid):
    return derive(uid, 1, ISSUER, ZONE)


def entry(uid):
    live = keys_of(uid)[cardkeys.LIVE]
    return pack_entry(uid, PermitCard(), Permit(), Usage(), b"tag1", "ONS", "north-hamgyong", live, 1)


def issue_cards(folder):
    """Write every card as it leaves the desk into a folder."""
    deck = Deck(folder)
    for uid in KNOWN + STRANGERS:
        card = Ntag424(uid, Random(uid[-1]).randbytes, bytes(56))
        card.activated()
        driver = NTAG424(lambda apdu, card=card: (card.exchange(apdu) or (None,))[0], Random(uid[-1]).randbytes)
        Issue(driver, keys_of(uid), document("north-hamgyong", 20000, 1)).run()
        card.removed()
        deck.keep(card)


class Running:
    """A virtual board with a deck, its gateway, and what a thief gets of it."""

    def __init__(self, folder):
        self.folder = folder
        issue_cards(folder / "cards")
        (folder / "settings.json").write_text(json.dumps({**kiosk.SETTINGS, "assurance": "live"}))
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
        command = [sys.executable, "-m", "virtualboard"]
        make = ["make", "--dir", folder, "--firmware", ROOT / "firmware", "--settings", folder / "settings.json"]
        subprocess.run([*command, *make], env=environment, check=True, capture_output=True, timeout=60)
        run = ["run", "--dir", folder, "--follow-stdin", "--cards", folder / "cards"]
        self.process = subprocess.Popen(
            [*command, *run], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ready = json.loads(self.process.stdout.readline())
        self.panel = Board(self.ready["control"], LIMIT_S)
        self.far_end = FarEnd(self.ready["uart0"], [entry(uid) for uid in KNOWN], self.key_for)

    def key_for(self, uid):
        """Return what the gateway sends of a card: of those on the roster nothing, so that the roster's key serves."""
        return None if uid in KNOWN else (cardkeys.LIVE, 1, keys_of(uid)[cardkeys.LIVE])

    def tap(self, uid):
        """Lay a card down until its crossing is in the journal."""
        before = len(self.crossings())
        self.panel.do("tap", uid=uid.hex())
        until(lambda: len(self.crossings()) > before)
        self.panel.do("lift")

    def crossings(self):
        """Return (UID, assurance) of each crossing in the journal."""
        heads = [record.unpack(raw) for _, _, _, raw in read_records(self.folder / "journal.bin")]
        bodies = [record.unpack_crossing(head.body) for head in heads if head.kind == record.CROSSING]
        return [(body.uid, body.assurance) for body in bodies]

    def flash(self):
        """Return the journal's chip and the file system, end to end."""
        return (self.folder / "journal.bin").read_bytes() + (self.folder / "fs.img").read_bytes()

    def memory(self):
        """Return all that the board's process can write to: the heap, stacks and all else."""
        pid = self.panel.do("state")["pid"]
        found = []
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
            for line in maps:
                begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
                if rights.startswith("rw") and "[v" not in line:
                    memory.seek(int(begin, 16))
                    found.append(memory.read(int(end, 16) - int(begin, 16)))
        return b"".join(found)

    def stop(self):
        self.far_end.stop()
        self.panel.close()
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture
def board(tmp_path):
    board = Running(tmp_path)
    yield board
    board.stop()


def until(condition):
    """Return what `condition` returns once it is true."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {LIMIT_S} s")


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
            if both[16:] == ntag.turn(rnd_b):
                found += ntag.derive_keys(live, both[:16], rnd_b)
    return found


def holds(dump, key):
    return key in dump or key.hex().encode() in dump or key.hex().upper().encode() in dump


def test_flash_and_memory_hold_no_key_but_those_of_the_roster(board):
    until(board.far_end.settled)
    for uid in [*KNOWN, *STRANGERS]:
        board.tap(uid)
    assert board.crossings() == [(uid, record.LIVE) for uid in KNOWN + STRANGERS]
    sessions = session_keys(board.panel.do("talk")["talk"])
    assert len(sessions) == 2 * len(KNOWN + STRANGERS)
    secrets = [ISSUER, ZONE, *sessions]
    secrets += [keys_of(uid)[at] for uid in STRANGERS for at in cardkeys.NUMBERS]
    secrets += [keys_of(uid)[at] for uid in KNOWN for at in cardkeys.NUMBERS if at != cardkeys.LIVE]
    until(lambda: not any(holds(board.memory(), key) for key in secrets))  # what was used is overwritten a turn later
    flash = board.flash()
    assert not any(holds(flash, key) for key in secrets)
    # What is there is found: the roster's keys on flash, and the link's key in memory.
    assert all(holds(flash, keys_of(uid)[cardkeys.LIVE]) for uid in KNOWN)
    assert holds(board.memory(), kiosk.LINK_KEY)
