"""Compact batches: records come back bit by bit, whatever they are; nothing else ever does."""

import binascii

from checkpost import compact, record
from checkpost.compact import Compact, Packing, excess_of, generation_of
from checkpost.fields import MessageError
from checkpost.messages import parse
from checkpost.priors import COUNT, PRIORS
from checkpost.rangecoder import Decoder, Encoder
from tests.core.linkworld import BOARD, ROSTER_ID, Chance, card_of, crossing, outcome, slot_of

UTC_S = 1_700_000_000
HEAD = bytes(range(32))
SEALED = (4, 9, b"12345678")


def uid_of(slot):
    return card_of(BOARD, ROSTER_ID, slot)


def back(packed, expected, utc_s=UTC_S, cards=uid_of):
    """Return what a reader makes of a packed batch."""
    (found,) = parse(packed, True)
    return found.records(found.first_seq(expected), utc_s, cards)


def packed(records, first_seq=1, room=209, slots=slot_of, sealed=None):
    packing = Packing(first_seq, b"".join(records), UTC_S, slots)
    assert packing.fill(room)
    return packing.pack(HEAD, sealed), packing.count


def traffic(seed, count, first_seq=1):
    """Return records of every kind, some of them no records at all."""
    chance = Chance(seed)
    found = []
    seconds = UTC_S - chance.below(400_000)
    for seq in range(first_seq, first_seq + count):
        kind = chance.below(10)
        seconds += chance.below(1 << chance.below(12))
        if kind < 4:
            found.append(crossing(chance, seq, seconds))
        elif kind < 7:
            found.append(outcome(chance, max(seq, 2), seconds))
        elif kind < 8:
            found.append(record.Record(record.BOOT, seq, chance.below(5000), -20, 0, 31, b"\1\0\1\0").pack())
        elif kind < 9:
            found.append(record.Record(20, seq, seconds, 36, 1, 5, chance.bytes(19)).pack())
        else:
            found.append(chance.bytes(32))
    return found


def test_any_records_come_back():
    for seed in range(1, 13):
        records = traffic(seed, 12, 1 + seed * 1000)
        at = 0
        while at < len(records):
            said, count = packed(records[at:], 1 + seed * 1000 + at)
            assert back(said, seed * 1000) == b"".join(records[at : at + count])
            at += count


def test_a_batch_keeps_within_its_room():
    records = traffic(3, 30)
    for room in (60, 80, 130, 209):
        assert len(packed(records, room=room, sealed=SEALED)[0]) <= room + compact.SEAL_ROOM


def test_four_listed_crossings_with_outcomes_fit_a_frame_of_51_bytes():
    records = []
    chance = Chance(5)
    for at in range(4):
        body = record.Crossing(uid_of(chance.below(499) + 1), at & 1, 1, record.UID)
        body.verdict, body.rule_version = 0, 1
        stamp = UTC_S + 1500 * at
        records.append(record.Record(record.CROSSING, 2 * at + 1, stamp, 36, 2, 3, body.pack()).pack())
        admitted = record.pack_outcome(2 * at + 1, record.ADMITTED, 1)
        records.append(record.Record(record.OUTCOME, 2 * at + 2, stamp + 9, 36, 2, 3, admitted).pack())
    said, count = packed(records, room=51 - 13 - 9, sealed=(8, 0, b"12345678"))
    assert count == 8 and len(said) + 13 <= 51


def test_the_first_sequence_is_the_one_near_what_is_expected():
    records = traffic(1, 2, 70_000)
    said, _ = packed(records, 70_000)
    for expected in (67_000, 69_999, 70_000, 71_000):
        (found,) = parse(said, True)
        assert found.first_seq(expected) == 70_000
    (found,) = parse(packed(traffic(1, 2, 3000), 3000)[0], True)
    try:
        found.first_seq(1)
        assert found.first_seq(1) == 3000
    except MessageError:
        raise AssertionError("within reach")


def test_a_seal_names_the_generation_of_its_key():
    said, count = packed(traffic(4, 3), sealed=SEALED)
    (found,) = parse(said, True)
    assert (found.seal, found.excess, found.count) == (b"12345678", 9, count)
    for generation, seq in ((0, 1), (0, 125), (1, 126), (300, 1), (20_000, 200_000)):
        assert generation_of(excess_of(generation, seq), seq) == generation
    assert excess_of(0, 126) == -1
    assert excess_of(1 << 15, 1) == -1


def test_a_slot_that_is_not_known_is_refused():
    chance = Chance(1)
    body = record.Crossing(uid_of(300), 0, 1, 1)
    raw = record.Record(record.CROSSING, 1, UTC_S, 36, 2, 3, body.pack()).pack()
    said, _ = packed([raw])
    assert back(said, 1) == raw
    for cards in (lambda slot: b"", lambda slot: chance.bytes(3)):
        try:
            back(said, 1, cards=cards)
        except MessageError:
            continue
        raise AssertionError("no such card")


def test_a_roster_that_differs_gives_other_records_and_never_more():
    chance = Chance(2)
    raw = [crossing(chance, seq, UTC_S + seq) for seq in range(1, 9)]
    said, count = packed(raw)
    other = back(said, 1, cards=lambda slot: b"\4" + bytes(5) + bytes([slot & 0xFF]))
    assert len(other) == 32 * count and other != b"".join(raw[:count])


def test_no_bytes_raise_or_grow():
    chance = Chance(11)
    for _ in range(150):
        body = chance.bytes(chance.below(60))
        try:
            found = Compact(body)
            assert len(found.records(1 + chance.below(1 << 20), UTC_S, uid_of)) == 32 * found.count <= 64 * 32
        except MessageError:
            pass


def test_a_coder_gives_back_bits_of_any_likelihood():
    chance = Chance(7)
    for skew in (1, 50, 99):
        bits = [chance.happens(skew) for _ in range(400)]
        encoder = Encoder(PRIORS)
        for at in range(len(bits)):
            encoder.bit(at % 3, bits[at])
            encoder.direct(at % 33, at)
        decoder = Decoder(PRIORS, encoder.finish())
        for at in range(len(bits)):
            assert decoder.bit(at % 3) == bits[at]
            assert decoder.direct(at % 33) == at & (1 << at % 33) - 1


def test_the_table_has_a_prior_for_each_bit():
    assert len(PRIORS) == COUNT == 243
    assert min(PRIORS) >= 2 and max(PRIORS) <= 254
    assert binascii.crc32(PRIORS)
