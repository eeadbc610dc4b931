"""Card keys: the published vector, and that every part of the input counts."""

import binascii

from checkpost import cardkeys
from checkpost.aes import ecb_encrypt, xor
from tests.core import vectors

MASTER = bytes(range(16))
UID = binascii.unhexlify("04a1b2c3d4e5f6")


def _bytes(entry, name):
    return binascii.unhexlify(entry[name])


def _refused(call, *given):
    try:
        call(*given)
    except ValueError:
        return True
    return False


def test_the_published_key():
    entry = vectors.load("key_diversification")
    made = cardkeys.diversify(
        _bytes(entry, "master_key"), _bytes(entry, "uid"), _bytes(entry, "application_id"), _bytes(entry, "system_id")
    )
    assert made == _bytes(entry, "diversified_key")


def _double(block):
    value = int.from_bytes(block, "big") << 1
    return ((value & ((1 << 128) - 1)) ^ (0x87 if value >> 128 else 0)).to_bytes(16, "big")


def _by_hand(master, text):
    """AN10922 2.2 step by step: subkeys, two blocks, the last one masked, CBC."""
    first = _double(ecb_encrypt(master, bytes(16)))
    second = _double(first)
    block = b"\x01" + text
    mask = first if len(block) == 32 else second
    if len(block) < 32:
        block = block + b"\x80" + bytes(31 - len(block))
    head = ecb_encrypt(master, block[:16])
    return ecb_encrypt(master, xor(xor(block[16:], mask), head))


def test_every_length_of_input_takes_two_blocks():
    for size in range(1, 32):
        text = bytes(range(100, 100 + size))
        assert cardkeys.diversify(MASTER, text, b"", b"") == _by_hand(MASTER, text), size


def test_lengths_outside_are_refused():
    assert _refused(cardkeys.diversify, MASTER, b"", b"", b"")
    assert _refused(cardkeys.diversify, MASTER, bytes(20), bytes(6), bytes(6))
    assert _refused(cardkeys.diversify, MASTER[:15], UID, b"CPx", b"checkpost")


def test_a_card_key_is_of_the_documented_input():
    text = UID + b"CP\x01" + b"checkpost\x07"
    assert len(text) == 20
    assert cardkeys.card_key(MASTER, UID, cardkeys.LIVE, 7) == _by_hand(MASTER, text)


def test_no_two_keys_are_alike():
    uids = [UID, UID[:-1] + b"\xf7", b"\x05" + UID[1:]]
    made = [
        cardkeys.card_key(master, uid, number, version)
        for master in (MASTER, bytes(16))
        for uid in uids
        for number in cardkeys.NUMBERS
        for version in (1, 2, 255)
    ]
    assert len(set(made)) == len(made) == 90


def test_wrong_parts_are_refused():
    assert _refused(cardkeys.card_key, MASTER, UID[:4], 1, 1)
    assert _refused(cardkeys.card_key, MASTER, UID + bytes(3), 1, 1)
    assert _refused(cardkeys.card_key, MASTER, UID, 5, 1)
    assert _refused(cardkeys.card_key, MASTER, UID, 1, 0)
    assert _refused(cardkeys.card_key, MASTER, UID, 1, 256)
