"""A virtual board that asks cards to prove themselves, with its gateway's end, issued cards, and what a thief gets."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from checkpost import cardkeys, record
from checkpost.permit import Card as PermitCard
from checkpost.permit import Permit, Usage
from checkpost.roster_pack import pack_entry
from drivers.ntag424 import NTAG424
from tests.support import kiosk
from tests.support.far_end import FarEnd
from virtualboard.chips.deck import Deck
from virtualboard.chips.ntag424 import Ntag424
from virtualboard.client import Board
from workbench.cards import Issue, derive, document
from workbench.journal_image import read_records

ROOT = Path(__file__).resolve().parents[2]
ISSUER, ZONE = b"issuer's master!", b"the zone's key !"
KNOWN = [bytes.fromhex(f"04A1B2C3D4E5{at:02X}") for at in range(6)]  # on the roster, with their keys
STRANGERS = [bytes.fromhex(f"04A1B2C3D4E6{at:02X}") for at in range(6)]  # whose keys only come with answers
LIMIT_S = 120
AGAIN_S = 3.2  # the same card counts as a new tap after three seconds


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
        subprocess.run([*command, *make], env=environment, check=True, capture_output=True, timeout=180)
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

    def tap(self, uid, **look_alike):
        """Lay a card down until its crossing is in the journal; `as`: a look-alike of it."""
        before = len(self.crossings())
        self.panel.do("tap", uid=uid.hex(), **look_alike)
        until(lambda: len(self.crossings()) > before)
        self.panel.do("lift")

    def tap_live(self, uid):
        """Tap a card until it was proven: on a busy machine the gateway's answer may come too late for a tap."""
        self.tap(uid)
        while self.crossings()[-1] != (uid, record.LIVE):
            time.sleep(AGAIN_S)
            self.tap(uid)

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
        self.process.wait(60)
        self.process.stdout.close()


def until(condition):
    """Return what `condition` returns once it is true."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {LIMIT_S} s")
