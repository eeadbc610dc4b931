"""The chain: any change, gap or exchange of records gives another head."""

import hashlib

from checkpost import chain


def _records(count):
    return b"".join(hashlib.sha256(bytes([n])).digest() for n in range(count))


def test_the_head_is_the_hash_that_the_specification_says():
    start = hashlib.sha256(b"checkpost chain 1" + b"\x02\x01" + b"\x03\x00").digest()
    assert chain.start(0x0102, 3) == start
    assert chain.link(start, bytes(32)) == hashlib.sha256(start + bytes(32)).digest()


def test_extending_is_linking_one_by_one():
    head = chain.start(1, 1)
    records = _records(5)
    for at in range(0, len(records), 32):
        head = chain.link(head, records[at : at + 32])
    assert chain.extend(chain.start(1, 1), records) == head


def test_a_change_a_gap_and_an_exchange_show():
    records = _records(4)
    right = chain.extend(chain.start(1, 1), records)
    wrong = (
        records[:-1] + b"\x00",
        records[:32] + records[64:],
        records[32:64] + records[:32] + records[64:],
        records[:-32],
    )
    for other in wrong:
        assert chain.extend(chain.start(1, 1), other) != right
    assert chain.extend(chain.start(1, 2), records) != right
    assert chain.extend(chain.start(2, 1), records) != right
