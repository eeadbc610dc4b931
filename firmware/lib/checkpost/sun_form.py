"""The form of the message that a card signs anew at every reading: what a board has to know of it (sums: `sun`).

One NDEF record of type "checkpost:sun" (TNF external), all of it ASCII in the payload:

    E(SUN_META, C7h || UID || counter || random) as 32 hex digits, ";", MAC(SUN_MAC; the 33 before) as 16 hex digits
"""

import binascii

from checkpost.aes import BLOCK
from checkpost.ntag_passes import MAC_SIZE

_TYPE = b"checkpost:sun"
HEAD = b"\xd4" + bytes([len(_TYPE), 49]) + _TYPE  # begin, end, short record, external type (NFC Forum NDEF 3.2)
SEPARATOR = b";"
_DIGITS = b"0123456789ABCDEF"
META_SIZE = 2 * BLOCK  # in hex digits
# Places in the NDEF file, which begins with two bytes of length (NFC Forum Type 4 Tag).
META_OFFSET = 2 + len(HEAD)
MAC_INPUT_OFFSET = META_OFFSET
MAC_OFFSET = META_OFFSET + META_SIZE + 1
MESSAGE_SIZE = MAC_OFFSET + 2 * MAC_SIZE


def split_message(file: bytes) -> tuple[bytes, bytes] | None:
    """Return PICCData (16 bytes) and MAC (8) of an NDEF file in our form, all that a verifier needs, or None."""
    if len(file) < MESSAGE_SIZE or file[2:META_OFFSET] != HEAD or file[MAC_OFFSET - 1 : MAC_OFFSET] != SEPARATOR:
        return None
    text = file[META_OFFSET : MAC_OFFSET - 1] + file[MAC_OFFSET:MESSAGE_SIZE]
    for digit in text:
        if digit not in _DIGITS:  # the card writes capitals (DS 9.3.3), and the MAC is over them
            return None
    both = binascii.unhexlify(text)
    return both[:BLOCK], both[BLOCK:]
