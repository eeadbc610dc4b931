"""Lays a flash chip's file: a ring of journal sectors as headers alone, all acknowledged, and a whole roster."""

import json
import sys

sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

from checkpost import roster as entries
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry
from kiosk.flashmap import JOURNAL_FIRST, JOURNAL_SECTORS, ROSTER_FIRST, SECTOR
from kiosk.rosterbank import Bank, Facts
from kiosk.rosterlog import Log
from kiosk.sectors import RECORDS, Header, Ring
from parts import uid

CHIP_SECTORS = 2048
HEAD = bytes(range(32))  # of the chain before the newest sector
ROSTER_ID = 5


class Blank:
    """A new chip in a file; what is written goes in as it is."""

    def __init__(self, path):
        self._file = open(path, "w+b")
        for _ in range(CHIP_SECTORS):
            self._file.write(b"\xff" * SECTOR)

    def program(self, addr, data):
        """Write."""
        self._file.seek(addr)
        self._file.write(data)

    def read_into(self, addr, buf):
        """Read."""
        self._file.seek(addr)
        self._file.readinto(buf)

    def erase_start(self, addr):
        """Erase."""
        self.program(addr, b"\xff" * SECTOR)

    def wait(self, limit_ms):
        """Nothing goes on."""


def lay_ring(chip, newest):
    """Lay headers up to sector `newest`, two sectors left free for what comes."""
    ring = Ring(chip, JOURNAL_FIRST, JOURNAL_SECTORS)
    for counter in range(max(0, newest - JOURNAL_SECTORS + 3), newest + 1):
        held = counter * RECORDS
        chip.program(ring.address(counter), Header(counter, 1, 1, counter, 1 + held, HEAD, held, held).pack())


def lay_roster(chip, cards):
    """Lay a table of cards into the first bank, as a merge leaves it."""
    fields = Card(), Permit(), Usage(), b"abcd", "ONS", "north-hamgyong"
    table = sorted([pack_entry(uid(card), *fields) for card in range(cards)])
    digest = 0
    bank = Bank(chip, ROSTER_FIRST, bytearray(entries.SIZE))
    for index in range(cards):
        chip.program(bank.entry_address(index), table[index])
        digest = (digest + entries.weight(table[index])) & 0xFFFFFFFF
    Log().format(bank, 1)
    assert bank.put_facts(Facts(1, ROSTER_ID, 0, cards, digest, 0, cards, digest))


def main(given):
    """`given`: flash (path), newest (sector, -1: none), cards."""
    chip = Blank(given["flash"])
    if given["newest"] >= 0:
        lay_ring(chip, given["newest"])
    if given["cards"]:
        lay_roster(chip, given["cards"])
    print(json.dumps({"held": max(0, given["newest"]) * RECORDS}))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
