"""Carriers and parts: what fits a frame, and what is cut to fit."""

from checkpost.carrier import serial
from checkpost.fields import MessageError
from checkpost.lora import lora
from checkpost.messages import Reader, RosterPiece, Status, pack
from checkpost.parts import PART_DOWN, PART_UP, cut


def airtime(size):
    return 10 * size


def test_every_frame_size_of_a_region_is_taken_and_no_other():
    for size in (51, 115, 222):
        assert lora(size, airtime).max_payload == size - 13
    for size in (50, 223):
        try:
            lora(size, airtime)
        except ValueError:
            continue
        raise AssertionError(size)


def test_roster_pieces_fit_the_frame_or_hold_one_entry():
    assert [lora(size, airtime).roster_entries for size in (51, 115, 222)] == [1, 1, 3]
    assert serial().roster_entries == 8


def test_a_reply_is_waited_for_as_long_as_two_frames_take():
    assert lora(51, airtime).reply_ms(1) == 1000 + 2 * 510
    assert serial(115_200).reply_ms(100) == 300 + 1500 * 10_000 // 115_200


def pieces_of(message, room, kind):
    pieces = cut(pack(message), 7, room, kind)
    assert max(len(piece) for piece in pieces) <= room
    return pieces


def test_parts_come_together_in_any_order():
    pieces = pieces_of(Status(), 20, PART_UP)
    assert len(pieces) == 3
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 0, 1, 2)):
        reader = Reader(True)
        found = [reader.read(pieces[at]) for at in order]
        assert [len(messages) for messages in found] == [0] * (len(order) - 1) + [1]
        assert found[-1][0].pack() == Status().pack()


def test_parts_of_two_messages_are_never_mixed():
    first = RosterPiece(1, 0, 1, False, True, [bytes(64)])
    second = RosterPiece(2, 0, 1, False, True, [b"1" * 64])
    one, other = cut(pack(first), 1, 37, PART_DOWN), cut(pack(second), 2, 37, PART_DOWN)
    reader = Reader(False)
    assert reader.read(one[0] + one[1]) == []
    assert reader.read(other[2]) == []
    assert reader.read(one[2]) == []


def test_parts_inside_parts_are_not_read():
    inner = pieces_of(Status(), 37, PART_UP)
    reader = Reader(True)
    for part in cut(inner[0], 1, 20, PART_UP):
        assert reader.read(part) == []


def test_what_does_not_fit_sixteen_parts_is_refused():
    try:
        cut(bytes(548), 0, 129, PART_UP)
    except MessageError:
        return
    raise AssertionError("too long")
