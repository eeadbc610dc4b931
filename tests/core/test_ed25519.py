"""Ed25519 against RFC 8032's own examples, and SHA-512 against FIPS 180-4's, in both interpreters."""

from checkpost.ed25519 import verify
from checkpost.sha512 import portable, sha512
from tests.core.vectors import load

ABC = (
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)
EMPTY = (
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
)
_L = (1 << 252) + 27742317777372353535851937790883648493


def vectors():
    for vector in load("ed25519")["vectors"]:
        yield tuple(bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature"))


def test_sha512_of_the_standards_examples():
    assert portable(b"abc").hex() == sha512(b"abc").hex() == ABC
    assert portable(b"").hex() == EMPTY


def test_sha512_over_the_edges_of_its_blocks():
    for size in (110, 111, 112, 127, 128, 129, 255, 256):
        data = bytes(range(256))[:size]
        assert portable(data) == sha512(data)


def test_the_rfcs_signatures_verify():
    assert [verify(*vector) for vector in vectors()] == [True, True]


def test_a_changed_message_key_or_signature_does_not_verify():
    for key, message, signature in vectors():
        assert not verify(key, message + b"x", signature)
        for place in (0, 31, 32, 63):
            changed = bytearray(signature)
            changed[place] ^= 1
            assert not verify(key, message, bytes(changed))
        assert not verify(bytes((key[0] ^ 1,)) + key[1:], message, signature)


def test_what_is_no_point_or_no_number_does_not_verify():
    key, message, signature = next(vectors())
    again = int.from_bytes(signature[32:], "little") + _L  # the same number once more round: a second signature
    assert not verify(key, message, signature[:32] + again.to_bytes(32, "little"))
    assert not verify(b"\xff" * 32, message, signature)
    assert not verify(b"\x02" + bytes(31), message, signature)  # no point has this y
    assert not verify(key, message, signature[:63])
