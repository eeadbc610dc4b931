"""A board's log in a file: it brings what the link would have brought, once, and nothing that is not the board's."""

import hashlib

import pytest

from checkpost import bundle
from gateway.errors import OperatorError
from gateway.forwarder.batches import next_batch
from gateway.intake.bundles import Imported, import_bundle
from gateway.intake.records import Intake
from kiosk.bundle import Unreadable, entries
from tests.gateway.board_end import Source
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal

RECORDS = 40


def journal(count=RECORDS):
    found = Journal(1)
    for at in range(count):
        found.crossing(MORNING_S + 10 * at, CARD)
    return found


def key_of(store):
    return next(bytes.fromhex(board.link_key) for board in store.knowledge.boards() if board.board == 1)


def written(store, path, source=None, salt=bytes(32), key=None):
    path.write_bytes(b"".join(entries(source or Source(journal()), 1, key or key_of(store), salt)))
    return path


def test_a_bundle_brings_the_log_once(small, tmp_path):
    path = written(small, tmp_path / "log")
    assert import_bundle(small, path, NOW_S) == Imported(1, 1, RECORDS, RECORDS, RECORDS)
    assert import_bundle(small, path, NOW_S) == Imported(1, 1, RECORDS, 0, RECORDS)
    assert small.records.raw(1, 1, 1, 99) == journal().records
    assert [one.seq for one in next_batch(small).seals] == [RECORDS], "sealed to its end"


def test_a_bundle_and_a_link_bring_each_record_once(small, tmp_path):
    Intake(small).take([journal().run(1, 23)], NOW_S)
    path = written(small, tmp_path / "log")
    assert import_bundle(small, path, NOW_S).new == RECORDS - 23
    Intake(small).take([journal().run(20, 40)], NOW_S)
    assert len(small.records.raw(1, 1, 1, 99)) == RECORDS


def test_a_journal_that_begins_later_says_where(small, tmp_path):
    source = Source(journal())
    source.oldest_seq = 11
    found = import_bundle(small, written(small, tmp_path / "log", source), NOW_S)
    assert (found.new, found.held) == (RECORDS - 10, RECORDS)
    assert small.reviews.open_flags_of(1)["records-missing"] == 1


def test_an_empty_log_makes_a_bundle(small, tmp_path):
    path = written(small, tmp_path / "log", Source(Journal(1)))
    assert import_bundle(small, path, NOW_S) == Imported(1, 1, 0, 0, 0)


def test_each_changed_bit_is_refused_and_nothing_is_taken(small, tmp_path):
    path = written(small, tmp_path / "log", Source(journal(3)))
    whole = path.read_bytes()
    for bit in range(0, 8 * len(whole), 13):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(OperatorError):
            import_bundle(small, path, NOW_S)
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(OperatorError):
            import_bundle(small, path, NOW_S)
    assert small.records.chain(1, 1) is None


def test_frames_are_not_exchanged_between_bundles(small):
    key = key_of(small)
    one, other = (list(entries(Source(journal()), 1, key, bytes([salt]) * 32)) for salt in (1, 2))
    with pytest.raises(bundle.BundleError, match="not those that the manifest names"):
        bundle.read(b"".join([*one[:2], *other[2:]]), lambda board: key)


def test_a_bundle_of_a_stranger_or_by_another_key_is_refused(small, tmp_path):
    path = written(small, tmp_path / "log", key=bytes(16))
    with pytest.raises(OperatorError, match="not signed with the key of board 1"):
        import_bundle(small, path, NOW_S)
    path.write_bytes(b"".join(entries(Source(journal(1)), 9, bytes(16), bytes(32))))
    with pytest.raises(OperatorError, match="not one of this gateway"):
        import_bundle(small, path, NOW_S)


def test_no_two_bundles_seal_with_one_key(small):
    key = key_of(small)
    frames = [next(iter(entries(Source(journal(1)), 1, key, hashlib.sha256(bytes([n])).digest()))) for n in range(20)]
    assert len({frame[7:] for frame in frames}) == 20


def test_a_rotten_record_ends_a_bundle_before_its_manifest(small):
    source = Source(journal())
    whole = source.read_into
    source.read_into = lambda first, buffer: 0 if first > 16 else whole(first, buffer)
    with pytest.raises(Unreadable, match="record 17"):
        list(entries(source, 1, key_of(small), bytes(32)))
