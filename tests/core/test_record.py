"""The 32-byte record: what goes in comes out, and what was torn or turned is not taken for a record."""

from checkpost import record
from checkpost.reasons import ENTRIES_EXHAUSTED, EXPIRED, REFER, STALE_ROSTER


def _crossing():
    crossing = record.Crossing(bytes.fromhex("04E24024CD37A9"), record.EXIT, 3, record.LIVE, 0x123456)
    crossing.online = True
    crossing.verdict = REFER
    crossing.reasons = EXPIRED | ENTRIES_EXHAUSTED
    crossing.causes = STALE_ROSTER
    crossing.roster_age = 17
    crossing.rule_version = 1
    return crossing


def _raw():
    return record.Record(record.CROSSING, 7, 1_793_000_000, 36, record.SYNCED, 3, _crossing().pack()).pack()


def test_crc_of_the_published_check_value():
    assert record.crc16(b"123456789") == 0x29B1


def test_a_crossing_comes_back_whole():
    raw = _raw()
    head = record.unpack(raw)
    assert len(raw) == record.SIZE
    assert (head.kind, head.version, head.seq, head.seconds) == (record.CROSSING, 1, 7, 1_793_000_000)
    assert (head.offset, head.trust, head.uncertainty) == (36, record.SYNCED, 3)
    crossing = record.unpack_crossing(head.body)
    wanted = _crossing()
    for name in ("uid", "direction", "party", "assurance", "counter", "online", "verdict", "reasons", "causes"):
        assert getattr(crossing, name) == getattr(wanted, name), name
    assert (crossing.roster_age, crossing.rule_version) == (17, 1)


def test_negative_offsets_and_every_uid_size():
    for size in record.UID_SIZES:
        body = record.Crossing(bytes(range(1, size + 1))).pack()
        head = record.unpack(record.Record(record.CROSSING, 1, 0, -38, record.UNSET, 0, body).pack())
        assert head.offset == -38
        assert record.unpack_crossing(head.body).uid == bytes(range(1, size + 1))


def test_every_turned_bit_is_seen():
    raw = _raw()
    for bit in range(256):
        turned = bytearray(raw)
        turned[bit // 8] ^= 1 << bit % 8
        assert not record.valid(turned)


def test_torn_and_erased_are_not_records():
    raw = _raw()
    for kept in range(32):
        assert not record.valid(raw[:kept])
        assert not record.valid(raw[:kept] + b"\xff" * (32 - kept))
    assert not record.valid(b"\xff" * 32)
    assert not record.valid(bytes(32))


def test_a_field_that_does_not_fit_is_refused():
    for wrong in ((0, 1, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (1, 1, -1, 0, 0, 0), (1, 1, 0, 65, 0, 0), (1, 1, 0, 0, 3, 0)):
        try:
            record.Record(*wrong).pack()
        except ValueError:
            continue
        raise AssertionError(wrong)


def test_outcome_and_clock_set():
    assert record.unpack_outcome(record.pack_outcome(70000, record.TURNED_BACK, 4)) == (70000, record.TURNED_BACK, 4)
    assert record.unpack_clock_set(record.pack_clock_set(1_793_000_000, 2)) == (1_793_000_000, 2)


def test_an_unknown_kind_is_kept_whole():
    raw = record.Record(29, 9, 5, 0, 0, 0, bytes(range(19))).pack()
    again = record.unpack(raw)
    assert again.kind == 29
    assert again.pack() == raw


def test_log2_codes_never_understate():
    for value in (0, 1, 2, 3, 255, 256, 65535):
        assert value < 1 << record.log2_code(value, 31)
    assert record.log2_code(1 << 40, 31) == 31
