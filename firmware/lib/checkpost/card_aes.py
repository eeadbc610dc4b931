"""AES-128 as cards alone need it: CBC undone, and CMAC (RFC 4493). Loaded when a card proves itself."""

from checkpost.aes import BLOCK, cbc_encrypt, ecb_encrypt, xor
from checkpost.const import const

try:
    import cryptolib  # type: ignore[import-not-found]  # MicroPython
except ImportError:
    cryptolib = None
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_CBC = const(2)


def cbc_decrypt(key: bytes, iv: bytes, blocks: bytes) -> bytes:
    """Return the plain blocks of what `cbc_encrypt` made."""
    if cryptolib:
        return cryptolib.aes(key, _CBC, iv).decrypt(blocks)  # type: ignore[no-any-return]
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(blocks)


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
