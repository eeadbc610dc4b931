"""The board's roster, on both interpreters: one fact a test."""

from checkpost import roster as entries
from checkpost.permit import APPROVED, STOLEN, UNKNOWN_DAY, WITHDRAWN, Card, Permit, Usage
from checkpost.roster_pack import pack_entry, pack_removed
from kiosk.roster import Roster
from tests.support.nor import Nor, PowerCut

SECTORS = 384


def uid(number):
    return b"\x04" + (number * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") + b"\x00\x80"


def entry(number, used=0, status=0):
    usage = Usage()
    usage.entries = used
    return pack_entry(uid(number), Card(status), Permit(entries=9), usage, b"abcd", "ONS", "north")


def mounted(flash):
    roster = Roster(flash, 0, SECTORS)
    roster.open()
    return roster


def fresh(count=0):
    """Return a chip and a roster with `count` cards, revision = count."""
    flash = Nor(SECTORS)
    roster = mounted(flash)
    assert roster.apply(5, 0, 0, True, [])
    put(roster, range(count))
    return flash, roster


def put(roster, numbers, used=0):
    for number in numbers:
        assert roster.apply(roster.id, roster.revision, roster.revision + 1, False, [entry(number, used)])


def rises(roster):
    """Return True if the table's keys rise: no card stands in it twice."""
    bank = roster._banks[roster._which]
    keys = [bank.read_key(bank.entry_address(index)) for index in range(roster._facts.table_count)]
    return keys and all(keys[index] < keys[index + 1] for index in range(len(keys) - 1))


def rest(roster, steps=400):
    for moment in range(steps):
        roster.step(moment * 100)


def test_an_empty_chip_is_no_roster():
    roster = mounted(Nor(SECTORS))
    assert (roster.id, roster.revision, roster.count, roster.digest, roster.as_of_s) == (0, 0, 0, 0, 0)
    assert roster.lookup(uid(1)) is None
    assert not roster.apply(5, 0, 1, False, [entry(1)])


def test_a_delta_is_durable_and_found():
    flash, roster = fresh()
    assert roster.apply(5, 0, 3, False, [entry(1), entry(2), entry(3)])
    for held in (roster, mounted(flash)):
        assert (held.id, held.revision, held.count) == (5, 3, 3)
        assert held.lookup(uid(2)) == entry(2)
        assert held.lookup(uid(4)) is None
        assert held.digest == sum([entries.weight(entry(number)) for number in (1, 2, 3)]) & 0xFFFFFFFF


def test_a_delta_twice_changes_nothing_and_a_gap_is_refused():
    flash, roster = fresh(3)
    programs = flash.programs
    assert roster.apply(5, 2, 3, False, [entry(2, 8)])
    assert flash.programs == programs
    assert not roster.apply(5, 4, 5, False, [entry(9)])
    assert not roster.apply(6, 3, 4, False, [entry(9)])
    assert not roster.apply(5, 3, 4, False, [entry(9)[:63] + b"\x00"])
    assert (roster.revision, roster.count) == (3, 3)


def test_an_entry_is_replaced_and_removed():
    flash, roster = fresh(3)
    assert roster.apply(5, 3, 4, False, [entry(1, 7), pack_removed(uid(2))])
    for held in (roster, mounted(flash)):
        assert held.lookup(uid(1)) == entry(1, 7)
        assert held.lookup(uid(2)) is None
        assert held.count == 2
        assert held.digest == (entries.weight(entry(0)) + entries.weight(entry(1, 7))) & 0xFFFFFFFF


def test_another_roster_begins_from_empty():
    flash, roster = fresh(3)
    assert roster.apply(6, 0, 1, True, [entry(8)])
    for held in (roster, mounted(flash)):
        assert (held.id, held.revision, held.count) == (6, 1, 1)
        assert held.lookup(uid(1)) is None and held.lookup(uid(8)) == entry(8)


def test_the_log_is_merged_in_quiet_moments_and_nothing_changes():
    flash, roster = fresh(200)
    before = (roster.revision, roster.count, roster.digest)
    end = roster._log.end
    rest(roster, 2000)
    assert end > 256 and roster._log.end == 0
    for held in (roster, mounted(flash)):
        assert (held.revision, held.count, held.digest) == before
        assert all(held.lookup(uid(number)) == entry(number) for number in range(200))
        assert held.lookup(uid(200)) is None
    assert roster.apply(5, 200, 201, False, [entry(7, 3)])
    assert mounted(flash).lookup(uid(7)) == entry(7, 3)
    assert roster.faults == []


def test_deltas_that_come_during_a_merge_are_kept():
    flash, roster = fresh(150)
    moment = 0
    number = 150
    while roster._log.end > 60:
        moment += 100
        roster.step(moment)
        if moment % 1500 == 0 and number < 170:
            put(roster, [number, number - 100], 5)
            number += 1
    again = mounted(flash)
    assert again.count == number
    assert rises(again)
    for card in range(number):
        used = 5 if 50 <= card < number - 100 or card >= 150 else 0
        assert roster.lookup(uid(card)) == again.lookup(uid(card)) == entry(card, used)
    assert (again.digest, again.revision) == (roster.digest, roster.revision)


def test_a_cut_in_a_delta_leaves_the_old_or_the_new():
    for tear in ("first", "last", "nothing", "whole"):
        for operation in (1, 2, 3):
            flash, roster = fresh(3)
            flash.cut(operation, tear)
            try:
                roster.apply(5, 3, 4, False, [entry(0, 1), entry(1, 1)])
                raise AssertionError("no cut")
            except PowerCut:
                flash.remount()
            again = mounted(flash)
            new = operation == 3 and tear == "whole"
            assert again.revision == (4 if new else 3)
            assert again.lookup(uid(0)) == entry(0, 1 if new else 0)
            assert again.apply(5, 3, 4, False, [entry(0, 1), entry(1, 1)])
            assert mounted(flash).lookup(uid(1)) == entry(1, 1)


def test_the_age_is_kept_to_the_hour():
    flash, roster = fresh(1)
    roster.touch(1_800_000_000)
    roster.touch(1_800_003_000)
    assert roster.as_of_s == 1_800_003_000
    assert mounted(flash).as_of_s == 1_800_000_000


def test_damage_is_named_and_the_gateway_is_asked_for_all():
    flash, roster = fresh(200)
    rest(roster, 2000)
    bank = roster._banks[roster._which]
    flash.poke(bank.entry_address(17) + 20, b"\x00\x00\x00\x00")
    again = mounted(flash)
    assert again.id == 5
    rest(again, 400)
    assert again.id == 0 and "damaged" in again.faults[0]
    found = len([1 for number in range(200) if again.lookup(uid(number))])
    assert found == 199
    assert again.apply(5, 0, 1, True, [entry(1)])
    assert mounted(flash).count == 1


def test_a_full_log_asks_to_be_sent_again_later():
    flash, roster = fresh()
    number = 0
    while roster.apply(5, roster.revision, roster.revision + 1, False, [entry(number % 50, number)]):
        number += 1
    assert number > 900
    rest(roster, 500)
    put(roster, [7], 3)
    assert mounted(flash).lookup(uid(7)) == entry(7, 3)


def test_entries_say_what_the_rules_need():
    usage = Usage(False)
    usage.entries, usage.inside, usage.entry_day = 3, True, 20500
    permit = Permit(APPROVED, None, 20400, 20800, ("ONS", "HRY"), 12, 30, ("north",), 2, 1)
    raw = pack_entry(uid(1), Card(STOLEN, 1_790_000_000), permit, usage, b"abcd", "ONS", "south")
    read = entries.unpack_entry(raw, "ONS", "south")
    assert len(raw) == 64 and entries.valid(raw) and not entries.removed(raw)
    assert (read.uid, read.tag) == (uid(1), b"abcd")
    assert (read.card.status, read.card.blocked_from_s) == (STOLEN, 1_790_000_000)
    assert "ONS" in read.permit.points and read.permit.zones == ("",)
    assert read.flags == entries.POINT_LISTED | entries.SEVERAL_POINTS
    assert (read.permit.valid_from_day, read.permit.valid_until_day) == (20400, 20800)
    assert (read.permit.entries, read.permit.max_stay_days, read.permit.reception_days) == (12, 30, 2)
    assert (read.permit.companions, read.usage.entries, read.usage.inside) == (1, 3, True)
    assert (read.usage.entry_day, read.usage.complete) == (20500, False)


def test_an_entry_day_that_nobody_knows_stays_so():
    usage = Usage()
    usage.entry_day = UNKNOWN_DAY
    raw = pack_entry(uid(1), Card(), Permit(), usage, b"abcd", "ONS", "north")
    assert entries.unpack_entry(raw, "ONS", "north").usage.entry_day == UNKNOWN_DAY


def test_an_entry_without_limits_stays_without_limits():
    read = entries.unpack_entry(pack_entry(uid(1), Card(), Permit(), Usage(), b"abcd", "ONS", "north"), "ONS", "n")
    permit = read.permit
    limits = (
        permit.valid_from_day,
        permit.valid_until_day,
        permit.entries,
        permit.max_stay_days,
        permit.reception_days,
    )
    assert limits == (None,) * 5 and permit.companions is None and permit.withdrawn_from_s is None
    assert read.usage.complete and read.usage.entry_day is None
    withdrawn = pack_entry(uid(1), Card(), Permit(WITHDRAWN), Usage(), b"abcd", "ONS", "north")
    assert not entries.unpack_entry(withdrawn, "ONS", "n").permit.approved(1)


def test_a_release_leaves_of_reception_the_days_up_to_it():
    for entered, released, left in ((20500, None, 15), (20500, 20503, 3), (20500, 20500, 0), (20500, 20520, 15)):
        assert reception(entered, released) == left, (entered, released)
    for entered in (None, UNKNOWN_DAY):
        assert (reception(entered, None), reception(entered, 20503)) == (15, 0)


def reception(entered, released):
    usage = Usage()
    usage.entry_day, usage.released_day = entered, released
    raw = pack_entry(uid(1), Card(), Permit(reception_days=15), usage, b"abcd", "KIL", "north")
    read = entries.unpack_entry(raw, "KIL", "north")
    assert read.usage.entry_day == entered
    return read.permit.reception_days
