"""AES-128 as cards alone need it: CBC undone. Loaded when a card proves itself."""

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
