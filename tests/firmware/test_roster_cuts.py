"""Power fails at every program and erase while the roster is filled, merged and changed: it stays old or new."""

import pytest

from checkpost import roster as entries
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry
from kiosk.roster import Roster
from tests.support.nor import Nor

SECTORS = 384
DELTAS = 150  # of one card each: with their commits enough for a merge
TEARS = ("first", "last", "random")


def uid(number):
    return b"\x04" + (number * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") + b"\x00\x80"


def entry(number, used):
    usage = Usage()
    usage.entries = used
    return pack_entry(uid(number), Card(), Permit(entries=99), usage, b"abcd", "ONS", "north")


def mounted(flash):
    roster = Roster(flash, 0, SECTORS)
    roster.open()
    return roster


class Run:
    """The run whose every operation is cut; `held` is what the roster said it took, by card."""

    def __init__(self):
        self.flash = Nor(SECTORS)
        self.roster = mounted(self.flash)
        self.roster.apply(5, 0, 0, True, [])
        self.held = {}
        self.coming = {}
        self.cuts = 0
        self.now_ms = 0

    def go(self):
        """Fill the roster, let it merge while changes go on, and change it again."""
        self.flash.before = self.cut_here
        for number in range(DELTAS):
            self.delta(number % 97, number + 1)
        for number in range(DELTAS):
            for _ in range(3):
                self.now_ms += 800
                self.roster.step(self.now_ms)
            if number % 9 == 0:
                self.delta(number % 110, number + 200)
        self.flash.before = None

    def delta(self, card, used):
        self.coming = {card: used}
        revision = self.roster.revision
        assert self.roster.apply(5, revision, revision + 1, False, [entry(card, used)])
        self.held.update(self.coming)
        self.coming = {}

    def cut_here(self, kind, addr, data):
        """Tear the operation that is about to happen, on a copy, and look what the copy holds."""
        copy = self.flash.fork()
        tear = TEARS[self.cuts % len(TEARS)]
        if kind == "erase":
            copy.tear_erase(addr, tear)
        else:
            copy.tear_program(addr, data, tear)
        self.cuts += 1
        found = mounted(copy)
        revision = self.roster.revision
        held = dict(self.held)
        if found.revision != revision:
            assert found.revision == revision + 1
            held.update(self.coming)
        weights = [entries.weight(entry(card, used)) for card, used in held.items()]
        assert (found.id, found.count, found.digest) == (5, len(held), sum(weights) & 0xFFFFFFFF)
        for card in range(self.cuts % 10, 110, 10):
            assert found.lookup(uid(card)) == (entry(card, held[card]) if card in held else None)
        assert found.apply(5, found.revision, found.revision + 1, False, [entry(3, 7)])
        assert mounted(copy).lookup(uid(3)) == entry(3, 7)


@pytest.mark.timeout(240)
def test_power_cut_at_every_operation_leaves_a_whole_roster(capsys):
    run = Run()
    run.go()
    assert run.roster.faults == []
    assert run.roster._facts.generation == 2, "the run is to hold a merge"
    with capsys.disabled():
        print(f"\nroster: {DELTAS} deltas and a merge, {run.cuts} cuts, each left the old roster or the new")
