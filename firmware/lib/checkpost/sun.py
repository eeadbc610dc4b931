"""The message that a card signs anew at every reading (SUN, SDM): sums and form. "DS" is NXP NT4H2421Gx rev. 3.0.

A SUN message can be recorded and played later, so it proves a card only together with the last counter seen, which has
to rise. Form of ours, one NDEF record of type "checkpost:sun" (TNF external), all of it ASCII in the payload:

    E(SUN_META, C7h || UID || counter || random) as 32 hex digits, ";", MAC(SUN_MAC; the 33 before) as 16 hex digits
"""

import binascii
import struct

from checkpost.aes import BLOCK, ecb_encrypt, same
from checkpost.card_aes import cbc_decrypt, cmac
from checkpost.ntag import MAC_SIZE, short_mac

UID_SIZE = 7
_UID_GIVEN = 0x80  # PICCDataTag (DS 9.3.4, Table 21)
_COUNTER_GIVEN = 0x40
_UID_SIZE_BITS = 0x0F
_MAC_LABEL = b"\x3c\xc3"  # SV2 (DS 9.3.9)
_ENCRYPTION_LABEL = b"\xc3\x3c"  # SV1
_ONE_128_BIT_KEY = b"\x00\x01\x00\x80"

_TYPE = b"checkpost:sun"
_HEAD = b"\xd4" + bytes([len(_TYPE), 49]) + _TYPE  # begin, end, short record, external type (NFC Forum NDEF 3.2)
_SEPARATOR = b";"
_DIGITS = b"0123456789ABCDEF"
META_SIZE = 2 * BLOCK  # in hex digits
# Places in the NDEF file, which begins with two bytes of length (NFC Forum Type 4 Tag).
META_OFFSET = 2 + len(_HEAD)
MAC_INPUT_OFFSET = META_OFFSET
MAC_OFFSET = META_OFFSET + META_SIZE + 1
MESSAGE_SIZE = MAC_OFFSET + 2 * MAC_SIZE


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
    message = _HEAD + b"0" * META_SIZE + _SEPARATOR + b"0" * (2 * MAC_SIZE)
    return struct.pack(">H", len(message)) + message


def read_message(file: bytes, uid: bytes, meta_key: bytes, file_key: bytes) -> int | None:
    """Return the read counter of a message that this card signed, or None when it is not from this card."""
    parts = split_message(file)
    return verify(parts[0], parts[1], uid, meta_key, file_key) if parts else None


def split_message(file: bytes) -> tuple[bytes, bytes] | None:
    """Return PICCData (16 bytes) and MAC (8) of an NDEF file in our form, all that a verifier needs, or None."""
    if len(file) < MESSAGE_SIZE or file[2:META_OFFSET] != _HEAD or file[MAC_OFFSET - 1 : MAC_OFFSET] != _SEPARATOR:
        return None
    text = file[META_OFFSET : MAC_OFFSET - 1] + file[MAC_OFFSET:MESSAGE_SIZE]
    for digit in text:
        if digit not in _DIGITS:  # the card writes capitals (DS 9.3.3), and the MAC is over them
            return None
    both = binascii.unhexlify(text)
    return both[:BLOCK], both[BLOCK:]


def verify(picc_data: bytes, mac: bytes, uid: bytes, meta_key: bytes, file_key: bytes) -> int | None:
    """Return the read counter of the two parts of a message that this card signed, or None."""
    meta = read_meta(meta_key, picc_data) if len(picc_data) == BLOCK else None
    if meta is None or meta[0] != uid or meta[1] is None:
        return None
    signed = binascii.hexlify(picc_data).upper() + _SEPARATOR
    return meta[1] if same(sign(file_key, uid, meta[1], signed), mac) else None


def _vector(label: bytes, uid: bytes, counter: int | None) -> bytes:
    """Return a session vector, zeros behind it to a whole block (DS 9.3.9)."""
    text = label + _ONE_128_BIT_KEY + uid
    if counter is not None:
        text += struct.pack("<I", counter)[:3]
    return text + bytes(-len(text) % BLOCK)
