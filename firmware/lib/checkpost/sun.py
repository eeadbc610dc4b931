"""The message that a card signs anew at every reading (SUN, SDM): sums and form. "DS" is NXP NT4H2421Gx rev. 3.0.

A SUN message can be recorded and played later, so it proves a card only together with the last counter seen, which has
to rise. The form is in `sun_form`.
"""

import binascii
import struct

from checkpost.aes import BLOCK, ecb_encrypt, same
from checkpost.card_aes import cbc_decrypt
from checkpost.cmac import cmac
from checkpost.ntag import short_mac
from checkpost.ntag_passes import MAC_SIZE
from checkpost.sun_form import HEAD, META_SIZE, SEPARATOR, split_message

UID_SIZE = 7
_UID_GIVEN = 0x80  # PICCDataTag (DS 9.3.4, Table 21)
_COUNTER_GIVEN = 0x40
_UID_SIZE_BITS = 0x0F
_MAC_LABEL = b"\x3c\xc3"  # SV2 (DS 9.3.9)
_ENCRYPTION_LABEL = b"\xc3\x3c"  # SV1
_ONE_128_BIT_KEY = b"\x00\x01\x00\x80"


def read_meta(meta_key: bytes, block: bytes) -> tuple[bytes, int | None] | None:
    """Return UID (empty if not given) and read counter from 16 bytes of encrypted PICCData, or None if it is none."""
    plain = cbc_decrypt(meta_key, bytes(BLOCK), block)
    tag = plain[0]
    uid = b""
    at = 1
    if tag & _UID_GIVEN:
        if tag & _UID_SIZE_BITS != UID_SIZE:
            return None
        uid = plain[1 : 1 + UID_SIZE]
        at += UID_SIZE
    if not tag & _COUNTER_GIVEN:
        return (uid, None) if uid else None
    return uid, plain[at] | plain[at + 1] << 8 | plain[at + 2] << 16


def mac_key(file_key: bytes, uid: bytes, counter: int | None) -> bytes:
    """Return the session key for the MAC: of what is mirrored, an empty UID or no counter else (DS 9.3.9)."""
    return cmac(file_key, _vector(_MAC_LABEL, uid, counter))


def encryption_key(file_key: bytes, uid: bytes, counter: int) -> bytes:
    """Return the session key for encrypted file data, which asks that both are mirrored (DS 9.3.9)."""
    return cmac(file_key, _vector(_ENCRYPTION_LABEL, uid, counter))


def sign(file_key: bytes, uid: bytes, counter: int | None, text: bytes) -> bytes:
    """Return the 8-byte SDMMAC over what the file shows between the two MAC offsets (DS 9.3.8)."""
    return short_mac(mac_key(file_key, uid, counter), text)


def read_file_data(file_key: bytes, uid: bytes, counter: int, blocks: bytes) -> bytes:
    """Return the plain text of SDMENCFileData, whole blocks (DS 9.3.6)."""
    key = encryption_key(file_key, uid, counter)
    return cbc_decrypt(key, ecb_encrypt(key, struct.pack("<I", counter) + bytes(12)), blocks)


def blank_message() -> bytes:
    """Return the NDEF file as it is written at issue, with zeros where the card puts its own."""
    message = HEAD + b"0" * META_SIZE + SEPARATOR + b"0" * (2 * MAC_SIZE)
    return struct.pack(">H", len(message)) + message


def read_message(file: bytes, uid: bytes, meta_key: bytes, file_key: bytes) -> int | None:
    """Return the read counter of a message that this card signed, or None when it is not from this card."""
    parts = split_message(file)
    return verify(parts[0], parts[1], uid, meta_key, file_key) if parts else None


def verify(picc_data: bytes, mac: bytes, uid: bytes, meta_key: bytes, file_key: bytes) -> int | None:
    """Return the read counter of the two parts of a message that this card signed, or None."""
    meta = read_meta(meta_key, picc_data) if len(picc_data) == BLOCK else None
    if meta is None or meta[0] != uid or meta[1] is None:
        return None
    signed = binascii.hexlify(picc_data).upper() + SEPARATOR
    return meta[1] if same(sign(file_key, uid, meta[1], signed), mac) else None


def _vector(label: bytes, uid: bytes, counter: int | None) -> bytes:
    """Return a session vector, zeros behind it to a whole block (DS 9.3.9)."""
    text = label + _ONE_128_BIT_KEY + uid
    if counter is not None:
        text += struct.pack("<I", counter)[:3]
    return text + bytes(-len(text) % BLOCK)
