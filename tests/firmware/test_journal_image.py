"""The technician's reader finds in an image what the board's own reader finds on the chip."""

from checkpost import record
from kiosk.journal import Journal
from tests.support.nor import Nor, PowerCut
from workbench import journal_image

SECTORS = 6


def mounted(flash, epoch=1):
    journal = Journal(flash, 7, epoch, bytes(32), 0, 2, SECTORS)
    journal.open()
    return journal


def crossing(number):
    return record.Record(record.CROSSING, 0, 1_800_000_000, 36, 2, 0, b"%d" % number)


def image(flash, folder):
    path = folder / "journal.bin"
    path.write_bytes(b"".join(flash.peek(at, 4096) for at in range(0, flash.size, 4096)))
    return path


def test_the_image_holds_what_the_journal_holds(tmp_path):
    flash = Nor(2 + SECTORS)
    journal = mounted(flash)
    for number in range(1000):
        journal.append(crossing(number))
        journal.release(max(0, number - 300), 0)
        if number % 90 == 0:
            flash.cut(1, "random")
            try:
                journal.append(crossing(number))
            except PowerCut:
                flash.remount()
            journal = mounted(flash)
    expected = [(7, 1, seq, journal.read(seq)) for seq in range(journal.oldest_seq, journal.next_seq)]
    path = image(flash, tmp_path)
    assert journal_image.read_records(path) == expected
    newest = journal_image.read_newest(path)
    assert newest == [entry[2:] for entry in expected[-len(newest) :]] and 0 < len(newest) <= 250


def test_each_epoch_is_read_in_the_order_of_writing(tmp_path):
    flash = Nor(2 + SECTORS)
    for epoch in (1, 2):
        journal = mounted(flash, epoch)
        for number in range(130):
            journal.append(crossing(number))
    found = journal_image.read_records(image(flash, tmp_path))
    assert [entry[:3] for entry in found] == [(7, epoch, seq) for epoch in (1, 2) for seq in range(1, 131)]


def test_an_empty_chip_holds_nothing(tmp_path):
    assert journal_image.read_records(image(Nor(4), tmp_path)) == []
