"""EV2 secure messaging of NTAG 424 DNA: both ends' sums, without a reader. "DS" is NXP NT4H2421Gx rev. 3.0.

What opens a session is in `ntag_passes`.
"""

import binascii
import struct

from checkpost.aes import BLOCK, KEY_SIZE, cbc_encrypt, ecb_encrypt, same, xor
from checkpost.card_aes import cbc_decrypt
from checkpost.cmac import cmac
from checkpost.ntag_passes import FULL, MAC, MAC_SIZE, PLAIN, closed, turn

_ENCRYPTION = b"\xa5\x5a"
_MACING = b"\x5a\xa5"
_ONE_128_BIT_KEY = b"\x00\x01\x00\x80"  # counter and length of NIST SP 800-108 (DS 9.1.7)
_LAST_COUNT = 0xFFFF  # a command that finds the counter here is refused (DS 9.1.2)


class SessionOver(Exception):
    """The command counter of a session is used up: authenticate anew."""


class Session:
    """What both ends know after an authentication: transaction, two keys and the command counter.

    The reader calls `protect` for a command and then `accept` for its answer, whatever the mode.
    """

    def __init__(self, transaction: bytes, encryption_key: bytes, mac_key: bytes, counter: int = 0) -> None:
        self.transaction = transaction
        self.counter = counter
        self._encryption_key = encryption_key
        self._mac_key = mac_key

    def protect(self, command: int, header: bytes, data: bytes, mode: int) -> bytes:
        """Return the data field of a command: header, data in the asked mode, MAC. Raises SessionOver."""
        if self.counter >= _LAST_COUNT:
            raise SessionOver("65,535 commands in one session")
        if mode == FULL and data:
            data = cbc_encrypt(self._encryption_key, self._iv(_ENCRYPTION), pad(data))
        field = header + data
        if mode != PLAIN:
            field += short_mac(self._mac_key, self._stamp(command) + field)
        self.counter += 1
        return field

    def accept(self, code: int, body: bytes, mode: int) -> bytes | None:
        """Return the data of an answer with status `code`, or None when MAC, length or padding are not the card's."""
        if mode == PLAIN:
            return body
        data = body[:-MAC_SIZE]
        proof = short_mac(self._mac_key, self._stamp(code) + data)
        if len(body) < MAC_SIZE or not same(proof, body[-MAC_SIZE:]):
            return None
        if mode == MAC or not data:
            return data
        if len(data) % BLOCK:
            return None
        return unpad(cbc_decrypt(self._encryption_key, self._iv(_MACING), data))

    def forget(self) -> None:
        """Let go of the keys; the session is of no use afterwards."""
        self._encryption_key = b""
        self._mac_key = b""

    def _stamp(self, code: int) -> bytes:
        """Return what a MAC begins with: code, counter, transaction (DS 9.1.9)."""
        return bytes([code]) + struct.pack("<H", self.counter) + self.transaction

    def _iv(self, label: bytes) -> bytes:
        """Return the first vector of an encryption (DS 9.1.4)."""
        seed = label + self.transaction + struct.pack("<H", self.counter) + bytes(8)
        return ecb_encrypt(self._encryption_key, seed)


def short_mac(key: bytes, message: bytes) -> bytes:
    """Return the 8 even-numbered bytes of a CMAC, counted from 1 (DS 9.1.3)."""
    mac = cmac(key, message)
    return bytes([mac[at] for at in range(1, BLOCK, 2)])


def pad(data: bytes) -> bytes:
    """Return data behind which 80h and zeros fill a block, always at least one byte (DS 9.1.4)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def unpad(padded: bytes) -> bytes | None:
    """Return what `pad` was given, or None if the padding is not its."""
    if not padded:
        return None
    end = len(padded) - 1
    while end > len(padded) - BLOCK and padded[end] == 0:
        end -= 1
    return padded[:end] if padded[end] == 0x80 else None


def open_first(key: bytes, challenge: bytes, rnd_a: bytes, closing: bytes) -> Session | None:
    """Return the session that AuthenticateEV2First opened, or None if the card does not have the key.

    `challenge` (16 bytes) and `closing` (32 bytes) are the card's two answers.
    """
    transaction = closed(key, rnd_a, closing)
    if transaction is None:
        return None
    encryption_key, mac_key = derive_keys(key, rnd_a, cbc_decrypt(key, bytes(BLOCK), challenge))
    return Session(transaction, encryption_key, mac_key)


def open_next(key: bytes, challenge: bytes, rnd_a: bytes, closing: bytes, before: Session) -> Session | None:
    """Return the session that AuthenticateEV2NonFirst opened in the transaction of `before`, or None (DS 9.1.6)."""
    if len(closing) != BLOCK or not same(cbc_decrypt(key, bytes(BLOCK), closing), turn(rnd_a)):
        return None
    encryption_key, mac_key = derive_keys(key, rnd_a, cbc_decrypt(key, bytes(BLOCK), challenge))
    return Session(before.transaction, encryption_key, mac_key, before.counter)


def derive_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """Return the session keys for encryption and for MACs, from SV1 and SV2 (DS 9.1.7)."""
    mixed = rnd_a[:2] + xor(rnd_a[2:8], rnd_b[:6]) + rnd_b[6:] + rnd_a[8:]
    context = _ONE_128_BIT_KEY + mixed
    return cmac(key, _ENCRYPTION + context), cmac(key, _MACING + context)


def new_key_data(number: int, new_key: bytes, version: int, old_key: bytes) -> bytes:
    """Return the data of ChangeKey: 17 bytes for key 0, 21 for the others, which need the old key (DS 10.6.1)."""
    if len(new_key) != KEY_SIZE or len(old_key) != KEY_SIZE:
        raise ValueError("a card key has 16 bytes")
    if number == 0:
        return new_key + bytes([version])
    check = binascii.crc32(new_key) ^ 0xFFFFFFFF  # IEEE 802.3 without the last inversion (AN12196, ChangeKey)
    return xor(new_key, old_key) + bytes([version]) + struct.pack("<I", check)
