"""Wherever a board's records are cut into batches, what they say of time is the same."""

from hypothesis import given
from hypothesis import strategies as st

from checkpost.anchor import Times, unpack_times
from checkpost.record import BOOT, CLOCK_SET, CROSSING, FAULT, HOLDOVER, SYNCED, UNSET, Record, pack_clock_set

NOW = 1_793_000_000
kinds = st.sampled_from([CROSSING, CROSSING, CLOCK_SET, BOOT, FAULT])
clocks = st.tuples(st.just(UNSET), st.integers(0, 100)) | st.tuples(
    st.sampled_from([HOLDOVER, SYNCED]), st.integers(NOW, NOW + 1000)
)
befores = st.integers(0, 100) | st.integers(NOW, NOW + 1000)
rows = st.lists(st.none() | st.tuples(kinds, clocks, befores, st.integers(0, 31)), max_size=20)


def record_of(seq, drawn):
    if drawn is None:
        return None
    kind, (trust, seconds), before_s, uncertainty = drawn
    body = pack_clock_set(before_s, 1) if kind == CLOCK_SET else b""
    return Record(kind, seq, seconds, 36, trust, uncertainty, body)


def heard(told):
    anchor = told.anchor and vars(told.anchor)
    return told.utc_s, told.trust, told.uncertainty, anchor, told.doubt, told.not_after


@given(rows, st.integers(1, 1000), st.sets(st.integers(0, 20)))
def test_cuts_change_nothing(drawn, first_seq, cuts):
    whole, cut = Times(first_seq), Times(first_seq)
    for at, row in enumerate(drawn):
        if at in cuts:
            cut = unpack_times(cut.pack())
        seq = first_seq + at
        assert heard(cut.feed(seq, record_of(seq, row))) == heard(whole.feed(seq, record_of(seq, row)))


@given(rows)
def test_an_anchor_reaches_no_further_back_than_the_newest_boot_or_unread_record(drawn):
    times, newest = Times(), 1
    for seq, row in enumerate(drawn, 1):
        told = times.feed(seq, record_of(seq, row))
        if row is None or row[0] == BOOT:
            newest = seq
        if told.anchor:
            assert newest <= told.anchor.first_seq <= seq
