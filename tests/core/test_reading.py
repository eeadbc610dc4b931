"""What a raw record means: passages, outcomes, and what is kept because nobody understands it."""

from checkpost import reading, record, source


def raw(kind, body=b"", seq=7, trust=record.SYNCED):
    return record.Record(kind, seq, 1_700_000_000, 36, trust, 2, body).pack()


def odd(packed, seq=7):
    said = reading.read(packed, seq)
    assert isinstance(said, reading.Other)
    return said.odd


def test_a_crossing_is_read_with_its_source():
    crossing = record.Crossing(b"\x04abcdef", record.EXIT, 3, record.SUN)
    for kind in (source.TAP, source.HAND, source.PAPER):
        said = reading.read(raw(record.CROSSING, source.marked(crossing.pack(), kind)), 7)
        assert isinstance(said, reading.Passage)
        assert (said.crossing.uid, said.crossing.party, said.crossing.direction) == (b"\x04abcdef", 3, record.EXIT)
        assert said.source == kind and said.in_sequence == (kind == source.TAP)


def test_only_a_tap_stands_where_its_sequence_puts_it():
    crossing = record.Crossing().pack()
    tap = reading.read(raw(record.CROSSING, crossing), 7)
    paper = reading.read(raw(record.CROSSING, source.marked(crossing, source.PAPER)), 7)
    assert [tap.order_s(100, 50), tap.order_s(100, 150), tap.order_s(100, None)] == [100, 150, 100]
    assert [paper.order_s(100, 50), paper.order_s(100, 150), paper.order_s(100, None)] == [50, 150, 100]


def test_an_outcome_names_an_earlier_crossing():
    said = reading.read(raw(record.OUTCOME, record.pack_outcome(6, record.REFERRED, 2)), 7)
    assert isinstance(said, reading.Outcome)
    assert (said.seq, said.crossing_seq, said.outcome, said.party) == (7, 6, record.REFERRED, 2)
    assert odd(raw(record.OUTCOME, record.pack_outcome(7, record.REFERRED, 2))) == "an outcome out of range"


def test_what_is_not_understood_is_other():
    assert odd(bytes(32)) == "torn"
    assert odd(raw(record.BOOT), seq=8) == "out of its place"
    assert odd(raw(17)) == reading.NEWER_KIND
    assert odd(raw(record.BOOT)) == ""
    body = bytearray(record.Crossing().pack())
    body[14] |= 0x30
    assert odd(raw(record.CROSSING, bytes(body))) == "a crossing out of range"
    body = bytearray(record.Crossing().pack())
    body[0] |= 0xC0
    assert odd(raw(record.CROSSING, bytes(body))) == "a crossing of a newer source"


def test_a_source_that_is_none_is_not_marked():
    try:
        source.marked(record.Crossing().pack(), 3)
    except ValueError:
        return
    raise AssertionError
