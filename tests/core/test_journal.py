"""The journal's ways, on both interpreters: one fact a test."""

from checkpost import chain, record, seal
from checkpost.gap import find
from kiosk.errors import JournalFault, JournalFull
from kiosk.journal import Journal
from tests.support.nor import Nor, PowerCut

KEY = bytes(range(32))
SECTORS = 6


def mounted(flash, epoch=1, key=KEY):
    journal = Journal(flash, 7, epoch, key, 0, 2, SECTORS)
    journal.open()
    return journal


def fresh(epoch=1):
    flash = Nor(2 + SECTORS)
    return flash, mounted(flash, epoch)


def crossing(number):
    return record.Record(record.CROSSING, 0, 1_800_000_000 + number, 36, 2, 0, b"%d" % number)


def raw(seq):
    """Return the bytes of record `seq`: its content follows from its number, so that no test keeps a list."""
    wanted = crossing(seq)
    wanted.seq = seq
    return wanted.pack()


def fill(journal, count, acknowledge=False):
    """Append records, each with its own number as content."""
    for _ in range(count):
        seq = journal.append(crossing(journal.next_seq))
        if acknowledge:
            journal.release(seq, seq)


def holds(journal, first, last):
    """Return True if records `first` to `last` read as they were written."""
    return all(journal.read(seq) == raw(seq) for seq in range(first, last + 1))


def head_after(seq, epoch=1):
    """Return the chain head that the records up to `seq` must have."""
    head = chain.start(7, epoch)
    for number in range(1, seq + 1):
        head = chain.link(head, raw(number))
    return head


def rest(journal, steps=200):
    """Let quiet moments pass."""
    for moment in range(steps):
        journal.step(moment * 100)


def raises(kind, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        return str(error)
    raise AssertionError("nothing raised")


def test_an_empty_chip_is_an_empty_journal():
    _, journal = fresh()
    assert (journal.next_seq, journal.oldest_seq, journal.fill_percent()) == (1, 1, 0)
    assert journal.read(1) is None
    assert journal.head() == journal.head_at(0) == chain.start(7, 1)
    assert journal.faults == []


def test_what_is_appended_is_read_back_after_a_restart():
    flash, journal = fresh()
    fill(journal, 300)
    again = mounted(flash)
    assert (again.next_seq, again.oldest_seq) == (301, 1)
    assert holds(again, 1, 300)
    assert again.read(0) is None and again.read(301) is None


def test_the_chain_head_is_that_of_the_records():
    flash, journal = fresh()
    fill(journal, 260)
    head = chain.start(7, 1)
    again = mounted(flash)
    for seq in range(1, 261):
        head = chain.link(head, raw(seq))
        assert again.head_at(seq) == head
    assert again.head() == journal.head() == head
    assert again.head_at(130) == mounted(flash).head_at(130)


def test_many_records_are_read_at_once_across_sectors():
    flash, journal = fresh()
    fill(journal, 260)
    buf = bytearray(32 * 200)
    assert journal.read_into(61, buf) == 200
    assert bytes(buf[:32]) == raw(61) and bytes(buf[-32:]) == raw(260)
    assert mounted(flash).read_into(101, buf) == 160


def test_nothing_unacknowledged_is_overwritten():
    flash, journal = fresh()
    fill(journal, SECTORS * 125)
    assert "gateway" in raises(JournalFull, journal.append, crossing(0))
    assert journal.fill_percent() == 100
    assert mounted(flash).read(1) is not None
    raises(JournalFull, journal.append, crossing(0))


def test_what_the_gateway_has_is_freed_under_pressure_only():
    _flash, journal = fresh()
    fill(journal, SECTORS * 125)
    journal.release(SECTORS * 125, 0)
    rest(journal)
    assert journal.oldest_seq == 251  # one sector is begun, one made ready, not two
    journal.release(SECTORS * 125, 400)
    rest(journal)
    assert journal.oldest_seq == 376
    assert journal.fill_percent() == 0
    fill(journal, 1)
    assert journal.read(journal.next_seq - 1) is not None


def test_a_full_journal_goes_on_when_the_gateway_acknowledges():
    flash, journal = fresh()
    fill(journal, SECTORS * 125)
    raises(JournalFull, journal.append, crossing(0))
    journal.release(130, 0)
    assert journal.append(crossing(0)) == SECTORS * 125 + 1
    assert journal.oldest_seq == 126
    assert mounted(flash).next_seq == SECTORS * 125 + 2


def test_acknowledgements_outlive_a_restart_by_the_newest_sector():
    flash, journal = fresh()
    fill(journal, 250)
    journal.release(240, 200)
    fill(journal, 1)
    again = mounted(flash)
    assert (again.gateway_seq, again.centre_seq) == (240, 200)


def test_the_ring_goes_round_and_wears_evenly():
    flash, journal = fresh()
    fill(journal, SECTORS * 125 * 4 + 7, acknowledge=True)
    times = [flash.erased.get(2 + at, 0) for at in range(SECTORS)]
    assert max(times) - min(times) <= 1 and min(times) >= 4
    again = mounted(flash)
    assert again.next_seq == SECTORS * 125 * 4 + 8
    assert holds(again, again.oldest_seq, again.next_seq - 1)


def test_a_tap_waits_for_no_erase_when_there_are_quiet_moments():
    flash, journal = fresh()
    flash.looks = 3
    rest(journal)
    for number in range(SECTORS * 125 * 2):
        erases = flash.erases
        seq = journal.append(crossing(number))
        assert flash.erases == erases
        journal.release(seq, seq)
        for moment in range(3):
            journal.step(number * 5000 + moment * 1200)
        flash.wait(0)  # the rest of the five seconds
    assert flash.waits == 0


def test_a_rush_without_a_quiet_moment_is_still_written():
    flash, journal = fresh()
    for number in range(SECTORS * 125 * 2):
        seq = journal.append(crossing(number))
        journal.release(seq, seq)
        journal.step(number)
    assert mounted(flash).next_seq == SECTORS * 125 * 2 + 1


def test_a_torn_record_is_skipped_counted_and_its_number_used_again():
    flash, journal = fresh()
    fill(journal, 10)
    flash.cut(1, "last")
    raises(PowerCut, journal.append, crossing(99))
    flash.remount()
    again = mounted(flash)
    assert (again.torn, again.next_seq) == (1, 11)
    assert again.append(crossing(11)) == 11
    once_more = mounted(flash)
    assert once_more.next_seq == 12 and once_more.torn == 1
    buf = bytearray(32 * 11)
    assert once_more.read_into(1, buf) == 11
    assert bytes(buf) == b"".join([raw(seq) for seq in range(1, 12)])
    assert once_more.head_at(11) == head_after(11)


def test_a_torn_header_costs_no_sector():
    flash, journal = fresh()
    rest(journal)
    fill(journal, 125)
    flash.cut(3, "last")  # after the seal and the next key
    raises(PowerCut, fill, journal, 1)
    flash.remount()
    again = mounted(flash)
    fill(again, 1)
    assert again.ring.header(1).first_seq == 126
    assert again.faults == [] and holds(mounted(flash), 1, 126)


def test_a_record_whose_write_failed_is_not_read_beside_its_second_try():
    flash, journal = fresh()
    fill(journal, 10)
    plain = flash.read_into

    def flaky(addr, buf):
        plain(addr, buf)
        if len(buf) == 32:
            buf[3] ^= 1

    flash.read_into = flaky
    raises(JournalFault, journal.append, crossing(50))
    flash.read_into = plain
    assert journal.append(crossing(11)) == 11
    again = mounted(flash)
    assert again.next_seq == 12
    assert holds(again, 1, 11)


def test_bad_sectors_are_left_out_and_named():
    for kind in ("erase", "program", "dead"):
        flash, journal = fresh()
        flash.poke(4 * 4096, bytes(4096))
        flash.bad[4] = kind
        while journal.next_seq < 601:
            try:
                fill(journal, 1)
            except Exception as error:
                assert kind == "dead", repr(error)
            journal.release(max(0, journal.next_seq - 101), 0)
        assert any("sector 2 is bad" in fault for fault in journal.faults), journal.faults
        again = mounted(flash)
        assert again.next_seq == 601
        assert holds(again, again.oldest_seq, 600)


def test_each_full_sector_ends_with_a_seal_of_the_next_key():
    flash, journal = fresh()
    fill(journal, 260)
    slots = []
    for counter in range(2):
        slot = bytearray(32)
        flash.read_into(journal.ring.address(counter, 127), slot)
        slots.append(seal.unpack_slot(bytes(slot)))
    head = chain.start(7, 1)
    for seq in range(1, 251):
        head = chain.link(head, raw(seq))
        if seq % 125 == 0:
            generation = seq // 125 - 1
            assert slots[generation] == (
                7,
                1,
                seq,
                generation,
                seal.seal(seal.key_at(KEY, generation), 7, 1, seq, head),
            )


def test_used_seal_keys_are_gone_from_the_chip():
    flash, journal = fresh()
    fill(journal, 400)
    assert journal.seal()[1] == 3
    for generation in range(3):
        assert not flash.contains(seal.key_at(KEY, generation))
    assert flash.contains(seal.key_at(KEY, 3))
    rest(journal)
    again = mounted(flash, key=None)
    assert again.faults == []
    assert again.seal() == journal.seal()


def test_a_board_without_a_seal_key_says_so_and_goes_on():
    flash = Nor(2 + SECTORS)
    journal = mounted(flash, key=None)
    fill(journal, 200)
    assert "no seal key" in journal.faults[0]
    assert journal.seal()[2] is None
    assert mounted(flash).seal()[1] == 1


def test_seal_sectors_that_keep_nothing_stop_no_tap():
    flash, journal = fresh()
    fill(journal, 130)
    flash.bad[0] = flash.bad[1] = "program"
    fill(journal, 400)
    assert any("seal key" in fault for fault in journal.faults)
    again = mounted(flash, key=None)
    assert again.next_seq == 531
    assert again.seal() == journal.seal()


def test_another_epoch_begins_a_new_chain_and_keeps_the_old_records():
    flash, journal = fresh()
    fill(journal, 200)
    second = mounted(flash, epoch=2)
    assert (second.next_seq, second.oldest_seq, second.head()) == (1, 1, chain.start(7, 2))
    fill(second, (SECTORS - 2) * 125)
    second.release(500, 500)
    assert "full" in raises(JournalFull, fill, second, 1)
    assert second.fill_percent() == 100
    slot = bytearray(32)
    flash.read_into(journal.ring.address(0, 2), slot)
    assert bytes(slot) == raw(1)
    second.release_earlier()
    fill(second, 130)
    again = mounted(flash, epoch=2)
    assert again.next_seq == 631
    again.release(600, 600)
    fill(again, 300)
    assert [again.read(seq) is None for seq in (630, 930)] == [False, False]


def test_what_an_earlier_epoch_had_acknowledged_is_freed():
    flash, journal = fresh()
    fill(journal, 250)
    journal.release(250, 250)
    fill(journal, 10)
    second = mounted(flash, epoch=2)
    fill(second, (SECTORS - 3) * 125)
    fill(second, 250)  # over the two acknowledged sectors of epoch 1
    raises(JournalFull, fill, second, 1)


def test_an_epoch_is_not_used_twice():
    flash, journal = fresh()
    fill(journal, 5)
    fill(mounted(flash, epoch=2), 5)
    assert "new epoch" in raises(JournalFault, mounted, flash, 1)


def test_a_journal_of_another_firmware_is_not_overwritten():
    from binascii import crc32

    flash, journal = fresh()
    fill(journal, 5)
    at = 2 * 4096
    flash.poke(at + 2, b"\x09")
    flash.poke(at + 60, (crc32(flash.peek(at, 60)) & 0xFFFFFFFF).to_bytes(4, "little"))
    assert "another firmware" in raises(JournalFault, mounted, flash)


def test_an_unreadable_record_is_named_and_the_rest_is_read():
    flash, journal = fresh()
    fill(journal, 50)
    flash.poke(journal.ring.address(0, 2 + 19) + 8, b"\x00\x00")
    again = mounted(flash)
    assert again.next_seq == 51
    assert "20 to 20" in again.faults[0]
    assert again.read(20) is None or again.read(20) != raw(20)
    assert again.read(21) == raw(21)


def test_what_rots_is_read_as_it_is_and_each_sector_knows_its_chain_from_before():
    flash, journal = fresh()
    fill(journal, 130)
    flash.poke(journal.ring.address(0, 2 + 19) + 8, b"\x00\x00")
    flash.poke(journal.ring.address(0, 2 + 29) + 1, b"\x00\x00")
    for seq in (0, 1, 125):
        gap = find(journal, seq)
        assert (gap.first_seq, gap.last_seq, gap.seq, gap.head) == (20, 30, seq, journal.head_at(seq))
    assert find(journal, 126) is None
    buf = bytearray(32 * 130)
    assert journal.read_into(1, buf) == 130
    wrong = [seq for seq in range(1, 131) if buf[32 * seq - 32 : 32 * seq] != raw(seq)]
    assert wrong == [20, 30]
    assert journal.section() == (126, head_after(125))
    assert journal.head_at(19) == head_after(19) and journal.head_at(125) == head_after(125)
    assert journal.head_at(124) != head_after(124)
    again = mounted(flash)
    assert again.head_at(127) == head_after(127) and again.read(20) is again.read(30) is None
