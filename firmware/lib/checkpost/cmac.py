"""AES-CMAC (RFC 4493), with which cards sign and keys are made of keys."""

from checkpost.aes import BLOCK, cbc_encrypt, ecb_encrypt, xor


def _double(block: bytes) -> bytes:
    """Return a block times x in GF(2^128), RFC 4493 section 2.3."""
    value = int.from_bytes(block, "big") << 1
    if value >> 128:
        value = (value & ((1 << 128) - 1)) ^ 0x87
    return value.to_bytes(BLOCK, "big")


def cmac(key: bytes, message: bytes) -> bytes:
    """Return the 16-byte AES-CMAC of a message."""
    subkey = _double(ecb_encrypt(key, bytes(BLOCK)))
    tail = len(message) % BLOCK
    if tail or not message:
        subkey = _double(subkey)
        message = message + b"\x80" + bytes(BLOCK - 1 - tail)
    last = xor(message[-BLOCK:], subkey)
    return cbc_encrypt(key, bytes(BLOCK), message[:-BLOCK] + last)[-BLOCK:]
