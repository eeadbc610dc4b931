"""The figures that firmware/README.md gives of journal and roster, measured."""

from pathlib import Path

import pytest

from checkpost import record
from checkpost import roster as entries
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry, pack_removed
from kiosk.flashmap import JOURNAL_FIRST, JOURNAL_SECTORS, ROSTER_FIRST
from kiosk.journal import Journal
from kiosk.roster import Roster
from kiosk.rosterbank import Bank, Facts
from kiosk.rosterlog import Log
from kiosk.sectors import RECORDS, Header, Ring
from tests.support.nor import Nor

README = Path(__file__).resolve().parents[2] / "firmware" / "README.md"
CHIP_SECTORS = 2048
CROSSINGS = 2000
CARDS = 10_000


def mounted(flash):
    journal = Journal(flash, 7, 1, bytes(32))
    return journal, journal.open()


def crossing():
    return record.Record(record.CROSSING, 0, 1_800_000_000, 36, 2, 0, b"x")


def uid(number):
    return (number * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") + b"abc"


def test_flash_operations_of_a_crossing():
    flash = Nor(CHIP_SECTORS)
    journal, _ = mounted(flash)
    flash.looks = 1
    for number in range(CROSSINGS):
        for _ in range(2):
            seq = journal.append(crossing())
        journal.release(seq, seq)
        for moment in range(40):
            journal.step(number * 40_000 + moment * 1_000)
            flash.wait(0)
    words = README.read_text()
    assert f"programs | {flash.programs / CROSSINGS:.2f}:" in words
    assert f"erases | {flash.erases / CROSSINGS:.3f}:" in words
    assert f"reads | {flash.reads / CROSSINGS:.1f}:" in words
    assert flash.waits == 0


def ring_with(newest):
    """Return a chip whose ring goes up to sector `newest`, two sectors erased ahead, as headers alone."""
    flash = Nor(CHIP_SECTORS)
    ring = Ring(flash, JOURNAL_FIRST, JOURNAL_SECTORS)
    for counter in range(max(0, newest - JOURNAL_SECTORS + 3), newest + 1):
        header = Header(counter, 7, 1, counter, 1 + counter * RECORDS, bytes(32), 0, 0)
        flash.poke(ring.address(counter), header.pack())
    return flash


@pytest.mark.parametrize("newest", [0, 1, 7, 830, 1656, 1657, 1658, 1659, 1660, 1661, 1668, 2500, 3319, 3320])
def test_a_recovery_in_the_full_ring_is_bounded(newest):
    flash = ring_with(newest)
    journal, found = mounted(flash)
    assert found.newest.counter == newest
    assert found.tail.counter == max(0, newest - JOURNAL_SECTORS + 3)
    assert found.reads <= 117  # 11 halvings over up to 8 unreadable sectors each, the tail, 16 pages, the seal
    for _ in range(RECORDS - 1):
        journal.append(crossing())
    again, found = mounted(flash)
    assert again.next_seq == journal.next_seq
    assert found.reads <= 117


def filled(flash):
    """Lay a table of all cards into the first bank, as a merge leaves it."""
    fields = Card(), Permit(), Usage(), b"abcd", "ONS", "north"
    table = sorted(pack_entry(uid(card), *fields) for card in range(CARDS))
    digest = sum(entries.weight(raw) for raw in table) & 0xFFFFFFFF
    bank = Bank(flash, ROSTER_FIRST, bytearray(entries.SIZE))
    for index, raw in enumerate(table):
        flash.poke(bank.entry_address(index), raw)
    Log().format(bank, 1)
    assert bank.put_facts(Facts(1, 5, 0, CARDS, digest, 0, CARDS, digest))


def test_a_lookup_among_ten_thousand_cards_is_bounded():
    flash = Nor(CHIP_SECTORS)
    filled(flash)
    roster = Roster(flash)
    roster.open()
    assert roster.count == CARDS
    usage = Usage()
    usage.entries = 3
    for number in range(900):
        raw = pack_entry(uid(number), Card(), Permit(), usage, b"abcd", "ONS", "north")
        assert roster.apply(5, number, number + 1, False, [raw])
    most = 0
    for card in range(0, CARDS + 500, 11):
        before = flash.reads
        assert (roster.lookup(uid(card)) is not None) == (card < CARDS)
        most = max(most, flash.reads - before)
    assert most <= 26  # halving over the log and over the table, and the entry
    for moment in range(4000):
        roster.step(moment * 400)
    assert roster._facts.generation == 2 and roster.count == CARDS and roster.faults == []
    assert roster._verified == -1, "the merged table was added up and is right"


def test_what_a_full_roster_refuses_again_and_again_costs_no_write():
    flash = Nor(CHIP_SECTORS)
    filled(flash)
    roster = Roster(flash)
    roster.open()
    fields = Card(), Permit(), Usage(), b"abcd", "ONS", "north"
    stranger, known = (pack_entry(number, *fields) for number in (uid(CARDS), uid(0)))
    before = flash.programs
    for _ in range(50):
        assert not roster.apply(5, 0, 1, False, [stranger])
    assert flash.programs == before
    assert roster.faults == ["the roster is full: 10000 cards"]
    assert roster.apply(5, 0, 1, False, [known, pack_removed(uid(1)), stranger])
    assert (roster.count, roster.lookup(uid(CARDS))) == (CARDS, stranger)


def test_no_card_is_lost_or_doubled_by_changes_that_come_during_a_merge():
    flash = Nor(CHIP_SECTORS)
    roster = Roster(flash)
    roster.open()
    fields = Card(), Permit()
    cards = 320

    def put(number, revision):
        usage = Usage()
        usage.entries = revision % 50
        raw = pack_entry(uid(number % cards), *fields, usage, b"abcd", "ONS", "north")
        assert roster.apply(5, revision, revision + 1, revision == 0, [raw])

    for number in range(cards):
        put(number, number)
    merges, moment, revision = 0, 0, cards
    while merges < 25:
        generation = roster._facts.generation
        if roster._merge or moment % 3 == 0:
            put(flash.pick(cards), revision)
            revision += 1
        for _ in range(3):
            moment += 1
            roster.step(moment * 2000)
            flash.wait(0)
        if roster._facts.generation != generation:
            merges += 1
            assert roster._facts.table_count == roster.count == cards
            assert all(roster.lookup(uid(number)) for number in range(cards))
