"""Headers and COBS: every frame comes through, garbage costs at most what it touches."""

from checkpost import frames
from checkpost.limits import MAX_CODED, MAX_FRAME
from checkpost.session import new_counters
from tests.core.linkworld import Chance


def decoder():
    counters = new_counters()
    return frames.StreamDecoder(counters), counters


def test_header_goes_both_ways():
    for down in (False, True):
        for turn in (False, True):
            packed = frames.Header(frames.SEALED, 0xABCD, 0x1234, down, turn).pack()
            read = frames.parse_header(packed + b"rest")
            assert (read.version, read.kind, read.board, read.counter) == (
                frames.VERSION,
                frames.SEALED,
                0xABCD,
                0x1234,
            )
            assert (read.down, read.turn) == (down, turn)
    assert frames.parse_header(b"abcd") is None


def test_cobs_examples():
    # Cheshire and Baker 1999, and the cases around a full block
    assert frames.encode(b"") == b"\1\0"
    assert frames.encode(b"\0") == b"\1\1\0"
    assert frames.encode(b"\x11\0\0\x22") == b"\2\x11\1\2\x22\0"
    full = bytes(range(1, 255))
    assert frames.encode(full)[:2] == b"\xff\1"
    assert frames.encode(full + b"\xff") == b"\xff" + full + b"\2\xff\0"


def test_every_size_comes_through():
    for size in list(range(1, 20)) + [253, 254, 255, 256, 507, 508, 509, 510, MAX_FRAME]:
        for fill in (b"\0", b"\1", b"\xff"):
            coded = frames.encode(fill * size)
            assert coded.find(b"\0") == len(coded) - 1
            assert len(coded) <= MAX_CODED + 1
            found, counters = decoder()
            assert found.feed(coded) == [fill * size]
            assert sum(counters.values()) == 0


def test_garbage_costs_one_frame_at_most():
    chance = Chance(4)
    found, counters = decoder()
    good = frames.encode(b"good frame")
    for _ in range(200):
        found.feed(chance.bytes(chance.below(40)))
        found.feed(b"\0")
        assert found.feed(good) == [b"good frame"]
    assert counters["garbage"] > 0


def test_endless_frames_are_skipped_and_counted():
    found, counters = decoder()
    for _ in range(30):
        assert found.feed(b"\x55" * 100) == []
    assert found.feed(b"\0" + frames.encode(b"next")) == [b"next"]
    assert counters["long"] == 1
    assert len(found._buffer) == MAX_CODED


def test_a_frame_longer_than_the_limit_is_not_given_out():
    found, counters = decoder()
    assert found.feed(frames.encode(b"\1" * (MAX_FRAME + 1))) == []
    assert counters["long"] == 1
