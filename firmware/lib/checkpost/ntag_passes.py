"""The passes in which an NTAG 424 DNA proves that it has a key: both ends' sums. "DS" is NXP NT4H2421Gx rev. 3.0.

Three passes (DS 9.1.5): the card sends E(RndB); the reader answers E(RndA || RndB'); the card closes with
E(TI || RndA' || capabilities), where ' is a turn left by one byte. Who closes rightly has the key.
"""

from checkpost.aes import BLOCK, cbc_encrypt, same
from checkpost.card_aes import cbc_decrypt

# Communication modes, as a file's settings hold them (DS 8.2.3.5)
PLAIN = 0
MAC = 1
FULL = 3

MAC_SIZE = 8
RANDOM_SIZE = 16
TI_SIZE = 4
_CAPABILITIES = 6  # each of PDcap2 and PCDcap2 (DS 9.1.5)


def turn(block: bytes) -> bytes:
    """Return bytes turned left by one."""
    return block[1:] + block[:1]


def answer_challenge(key: bytes, challenge: bytes, rnd_a: bytes) -> bytes:
    """Return E(RndA || RndB'), 32 bytes, for the card's 16-byte challenge E(RndB)."""
    rnd_b = cbc_decrypt(key, bytes(BLOCK), challenge)
    return cbc_encrypt(key, bytes(BLOCK), rnd_a + turn(rnd_b))


def closed(key: bytes, rnd_a: bytes, closing: bytes) -> bytes | None:
    """Return the transaction that AuthenticateEV2First opened, or None if the card does not have the key.

    `closing` (32 bytes) is the card's second answer. No capabilities were sent (LenCap 0), so none may come back
    (DS 9.1.5).
    """
    if len(closing) != 2 * BLOCK:
        return None
    plain = cbc_decrypt(key, bytes(BLOCK), closing)
    proof = plain[TI_SIZE : TI_SIZE + RANDOM_SIZE]
    if not same(proof, turn(rnd_a)) or plain[-_CAPABILITIES:] != bytes(_CAPABILITIES):
        return None
    return plain[:TI_SIZE]
