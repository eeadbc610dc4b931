"""Ciphers and keys against published vectors, in both interpreters."""

import binascii

from checkpost import aes, card_aes, cmac, x25519
from tests.core import vectors


def raw(text):
    return binascii.unhexlify(text)


def test_ccm_vectors():
    for vector in vectors.load("aes_ccm")["vectors"]:
        key, nonce, header = raw(vector["key"]), raw(vector["nonce"]), raw(vector["aad"])
        plain, sealed = raw(vector["plaintext"]), raw(vector["ciphertext_and_tag"])
        assert aes.ccm_seal(key, nonce, header, plain) == sealed
        assert aes.ccm_open(key, nonce, header, sealed) == plain


def test_ccm_refuses_any_changed_bit():
    key, nonce, header = bytes(range(16)), bytes(13), b"header"
    sealed = aes.ccm_seal(key, nonce, header, b"thirty-three bytes of plain text.")
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        assert aes.ccm_open(key, nonce, header, bytes(changed)) is None
    assert aes.ccm_open(key, nonce, b"Header", sealed) is None
    assert aes.ccm_open(key, bytes(12) + b"\1", header, sealed) is None
    assert aes.ccm_open(bytes(16), nonce, header, sealed) is None
    for size in range(len(sealed)):
        assert aes.ccm_open(key, nonce, header, sealed[:size]) is None


def test_ccm_of_every_size():
    for size in range(70):
        plain = bytes(range(size))
        sealed = aes.ccm_seal(bytes(16), bytes(13), b"\0", plain)
        assert len(sealed) == size + aes.TAG_SIZE
        assert aes.ccm_open(bytes(16), bytes(13), b"\0", sealed) == plain


def test_cmac_vectors():
    for name in ("aes_cmac", "aes_cmac_nist"):
        loaded = vectors.load(name)
        for vector in loaded["vectors"]:
            assert cmac.cmac(raw(loaded["key"]), raw(vector["message"])) == raw(vector["mac"])


def test_hmac_vectors():
    for vector in vectors.load("hmac_sha256")["vectors"]:
        assert aes.hmac_sha256(raw(vector["key"]), raw(vector["message"])) == raw(vector["mac"])


def test_cbc_goes_both_ways():
    key, iv, plain = bytes(range(16)), bytes(range(16, 32)), bytes(range(64))
    assert card_aes.cbc_decrypt(key, iv, aes.cbc_encrypt(key, iv, plain)) == plain


def test_same_tells_equal_from_different():
    assert aes.same(b"abc", b"abc")
    assert not aes.same(b"abc", b"abd")
    assert not aes.same(b"abc", b"ab")


def test_x25519_vectors():
    for vector in vectors.load("x25519")["vectors"]:
        assert x25519.multiply(raw(vector["scalar"]), raw(vector["point"])) == raw(vector["product"])


def test_the_ladder_in_slices_is_the_ladder():
    loaded = vectors.load("x25519")
    for vector in loaded["vectors"]:
        ladder = x25519.Ladder(raw(vector["scalar"]), raw(vector["point"]))
        slices = 1
        while not ladder.step(7):
            slices += 1
        assert slices == (x25519.ROUNDS + 6) // 7
        assert ladder.result() == raw(vector["product"])


def test_the_ladder_again_and_again():
    loaded = vectors.load("x25519")["iterated"]
    scalar = point = raw(loaded["start"])
    for count in range(20):
        ladder = x25519.Ladder(scalar, point)
        ladder.step(x25519.ROUNDS)
        scalar, point = ladder.result(), scalar
        if not count:
            assert scalar == raw(loaded["after_1"])


def test_a_point_of_small_order_gives_zeros():
    assert x25519.multiply(b"\x05" * 32, bytes(32)) == bytes(32)
    ladder = x25519.Ladder(b"\x05" * 32, bytes(32))
    ladder.step(x25519.ROUNDS)
    assert ladder.result() == bytes(32)
