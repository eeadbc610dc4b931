"""AES-128 in the modes that frames and cards use, and HMAC-SHA-256; the block cipher is the platform's own.

CCM: RFC 3610 with an 8-byte tag and a 2-byte length. HMAC: RFC 2104. What cards alone need is in `card_aes` and `cmac`.
"""

import hashlib
import struct

from checkpost.const import const

try:
    import cryptolib  # type: ignore[import-not-found]  # MicroPython
except ImportError:
    cryptolib = None
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM  # a gateway's frames: a tenth of the time

BLOCK = 16
KEY_SIZE = 16
NONCE_SIZE = 13
TAG_SIZE = 8
_ECB = const(1)
_CBC = const(2)
_B0_FLAGS = const(0x59)  # RFC 3610 section 2.2: header present, M = 8, L = 2
_A0_FLAGS = const(0x01)  # section 2.3: L = 2


def ecb_encrypt(key: bytes, blocks: bytes) -> bytes:
    """Return whole 16-byte blocks, each encrypted by itself."""
    if cryptolib:
        return cryptolib.aes(key, _ECB).encrypt(blocks)  # type: ignore[no-any-return]
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(blocks)


def cbc_encrypt(key: bytes, iv: bytes, blocks: bytes) -> bytes:
    """Return whole 16-byte blocks encrypted in a chain that starts from `iv`."""
    if cryptolib:
        return cryptolib.aes(key, _CBC, iv).encrypt(blocks)  # type: ignore[no-any-return]
    return Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(blocks)


def xor(left: bytes, right: bytes) -> bytes:
    """Return the XOR of two byte strings of one length."""
    mixed = int.from_bytes(left, "little") ^ int.from_bytes(right, "little")
    return mixed.to_bytes(len(left), "little")


def same(left: bytes, right: bytes) -> bool:
    """Return True if two byte strings are equal, in a time that does not tell where they differ."""
    if len(left) != len(right):
        return False
    difference = 0
    for at in range(len(left)):
        difference |= left[at] ^ right[at]
    return not difference


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def _ccm_mac(key: bytes, nonce: bytes, header: bytes, plain: bytes) -> bytes:
    """Return the 16-byte CBC-MAC of RFC 3610 section 2.2; `header` is not empty."""
    first = bytes([_B0_FLAGS]) + nonce + struct.pack(">H", len(plain)) + struct.pack(">H", len(header)) + header
    text = first + _padding(len(first)) + plain + _padding(len(plain))
    return cbc_encrypt(key, bytes(BLOCK), text)[-BLOCK:]


def _ccm_stream(key: bytes, nonce: bytes, size: int) -> bytes:
    """Return the key stream of RFC 3610 section 2.3 for the tag (one block) and `size` bytes of text."""
    stem = bytes([_A0_FLAGS]) + nonce
    blocks = bytearray()
    for counter in range(1 + (size + BLOCK - 1) // BLOCK):
        blocks.extend(stem)
        blocks.append(counter >> 8)
        blocks.append(counter & 0xFF)
    return ecb_encrypt(key, bytes(blocks))


def ccm_seal(key: bytes, nonce: bytes, header: bytes, plain: bytes) -> bytes:
    """Return ciphertext and 8-byte tag. Sizes: key 16, nonce 13, header 1 to 65279, plain below 65536 bytes."""
    if not cryptolib:
        return AESCCM(key, TAG_SIZE).encrypt(nonce, plain, header)
    stream = _ccm_stream(key, nonce, len(plain))
    tag = xor(_ccm_mac(key, nonce, header, plain)[:TAG_SIZE], stream[:TAG_SIZE])
    return xor(plain, stream[BLOCK : BLOCK + len(plain)]) + tag


def ccm_open(key: bytes, nonce: bytes, header: bytes, sealed: bytes) -> bytes | None:
    """Return the plain text of what `ccm_seal` made, or None when key, nonce, header or bytes are not the same."""
    size = len(sealed) - TAG_SIZE
    if size < 0:
        return None
    if not cryptolib:
        try:
            return AESCCM(key, TAG_SIZE).decrypt(nonce, sealed, header)
        except InvalidTag:
            return None
    stream = _ccm_stream(key, nonce, size)
    plain = xor(sealed[:size], stream[BLOCK : BLOCK + size])
    tag = xor(_ccm_mac(key, nonce, header, plain)[:TAG_SIZE], stream[:TAG_SIZE])
    return plain if same(tag, sealed[size:]) else None


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA-256 of a message (RFC 2104); MicroPython has no hmac module."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    padded = key + bytes(64 - len(key))
    inner = hashlib.sha256(xor(padded, b"\x36" * 64))
    inner.update(message)
    outer = hashlib.sha256(xor(padded, b"\x5c" * 64))
    outer.update(inner.digest())
    return outer.digest()
