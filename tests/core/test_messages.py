"""Messages go both ways, and bytes that are none say so in one way only."""

from checkpost import messages
from checkpost.limits import FIRMWARE_PIECE, HELD_RANGES, MAX_NAME, ROSTER_PIECE_ENTRIES
from checkpost.messages import (
    Acked,
    Answer,
    Base,
    Batch,
    BoardPolicy,
    Correction,
    MessageError,
    Query,
    RosterPiece,
    Status,
    Time,
)
from checkpost.piece import Piece, Wanted
from checkpost.proofs import CardCounter, CardKey, Sun
from tests.core.linkworld import Chance


def full_status():
    status = Status()
    status.epoch = 0xFFFF
    status.next_seq = status.oldest_seq = status.utc_s = 0xFFFFFFFF
    status.trust, status.uncertainty = 2, 31
    status.roster_id = status.roster_revision = 0xFFFFFFFF
    status.roster_count, status.fill_percent, status.battery_mv, status.faults = 10_000, 100, 4200, 0x8001
    status.firmware = b"\1\2\3"
    status.policy_version = 0xFFFFFFFF
    return status


def samples():
    """Return (message, upward) of every type."""
    acked = Acked(2, 100, 90)
    acked.held = [(120, 135), (150, 150)]
    entries = [bytes([n]) * 64 for n in range(ROSTER_PIECE_ENTRIES)]
    return [
        (full_status(), True),
        (Batch(3, 17, bytes(range(64)), b"head"), True),
        (Query(65535, bytes(32)), True),
        (Base(3, 41, bytes(range(32))), True),
        (Sun(65535, bytes(range(16)), bytes(range(8))), True),
        (Wanted(b"\1\2\3\4", 65535, 0xFFFFFFFF, 4, 100, "altered: why"), True),
        (Piece(b"\1\2\3\4", 65535, 0xFFFFFFFF, bytes(FIRMWARE_PIECE)), False),
        (acked, False),
        (CardKey(65535, 1, 255, bytes(range(16))), False),
        (CardCounter(65535, 0xFFFFFF), False),
        (Answer(65535, 2, 0x1FFF, 31, 15, 1, 31), False),
        (Time(1_700_000_000, 999, -14, 1_710_000_000, -18, 70_000), False),
        (RosterPiece(0xFFFFFFFF, 7, 15, True, False, entries), False),
        (BoardPolicy(4, 1, 604800, 120, "ONS", "north-hamgyong", 0), False),
        (Correction(0xFFFFFFFF, 1, 0x1FFF, 0, 1), False),
    ]


def fields(message):
    return sorted(message.__dict__.items())


def test_every_message_goes_both_ways():
    for message, upward in samples():
        packed = messages.pack(message)
        found = messages.parse(packed, upward)
        assert len(found) == 1 and type(found[0]) is type(message)
        assert fields(found[0]) == fields(message)
        assert messages.pack(found[0]) == packed


def test_a_payload_holds_several():
    payload = b""
    for message, upward in samples():
        if upward:
            payload += messages.pack(message)
    assert [type(message) for message in messages.parse(payload, True)] == [Status, Batch, Query, Base, Sun, Wanted]


def test_the_other_direction_is_not_heard():
    for message, upward in samples():
        assert messages.parse(messages.pack(message), not upward) == []


def test_unknown_types_are_skipped():
    known = messages.pack(Query(1, bytes(32)))
    assert len(messages.parse(b"\x7f\x03abc" + known + b"\x7e\x81\x00" + bytes(256), True)) == 1


def test_cut_messages_say_so():
    for message, upward in samples():
        packed = messages.pack(message)
        for size in range(1, len(packed)):
            try:
                messages.parse(packed[:size], upward)
            except MessageError:
                continue
            raise AssertionError("heard a message cut short")


def test_any_bytes_raise_only_the_named_error():
    chance = Chance(11)
    for _ in range(3000):
        kind = (1, 2, 3, 4, 9, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47)[chance.below(12)]
        size = chance.below(90)
        payload = bytes([kind, size]) + chance.bytes(size)
        for upward in (True, False):
            try:
                messages.parse(payload, upward)
            except MessageError as error:
                assert isinstance(error, ValueError)


def refused(message):
    try:
        messages.pack(message)
    except MessageError:
        return True
    return False


def test_fields_that_do_not_fit_are_refused():
    status = Status()
    status.battery_mv = 1 << 16
    assert refused(status)
    assert refused(Batch(1, 1, bytes(31), b"head"))
    assert refused(Batch(1, 1, b"", b"head"))
    assert refused(Query(1, bytes(31)))
    assert refused(Base(1, 1, bytes(31)))
    assert refused(Answer(1 << 16, 0, 0, 0, 0, 0, 0))
    assert refused(Answer(1, -1, 0, 0, 0, 0, 0))
    assert refused(Time(0, 0, 128))
    assert refused(RosterPiece(1, 0, 1, False, True, [bytes(63)]))
    assert refused(RosterPiece(1, 0, 9, False, True, [bytes(64)] * (ROSTER_PIECE_ENTRIES + 1)))
    assert refused(BoardPolicy(1, 1, 1, 1, "x" * (MAX_NAME + 1), "", 0))
    acked = Acked(1, 1)
    acked.held = [(2, 3)] * (HELD_RANGES + 1)
    assert refused(acked)


def test_a_batch_does_not_run_past_the_last_sequence():
    packed = messages.pack(Batch(1, 0xFFFFFFFF, bytes(64), b"head"))
    try:
        messages.parse(packed, True)
    except MessageError:
        return
    raise AssertionError("a sequence has 32 bits")
