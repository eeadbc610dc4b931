"""Card keys: each card's own, made from a master key by NXP AN10922 (AES-128). SPEC.md, "Card keys".

What goes into the key of a card, 20 bytes behind the constant 01h; a change of this table is a new key version:

| bytes | AN10922 calls it | what |
| --- | --- | --- |
| 7 | UID | identifier of the card |
| 2 | application id | "CP" |
| 1 | application id | number of the key on the card, 0 to 4 |
| 9 | system id | "checkpost" |
| 1 | system id | version of the key, 1 to 255; the card tells it (GetKeyVersion) |

Keys MASTER and SPARE come from the issuer's master key, which only the centre has; LIVE, SUN_MAC and SUN_META come from
the master key of the card's zone. No key is on two cards: who opens one card has that card.
"""

from checkpost.aes import BLOCK, KEY_SIZE, cbc_encrypt, xor
from checkpost.card_aes import cbc_decrypt
from checkpost.cmac import cmac

# Numbers of the keys on a card
MASTER = 0  # changes keys and settings: never leaves the centre and the issuing desk
LIVE = 1  # proves the card; the one key that a board is given
SUN_MAC = 2  # signs the message that anybody may read
SUN_META = 3  # hides the read counter in that message
SPARE = 4  # not used, and not left at the maker's zeros

OF_THE_ZONE = (LIVE, SUN_MAC, SUN_META)
NUMBERS = (MASTER, LIVE, SUN_MAC, SUN_META, SPARE)
UID_SIZE = 7  # of every NTAG 424 DNA

_CONSTANT = b"\x01"  # AN10922 section 2.2: the diversified key is an AES-128 key
_MAX_INPUT = 31  # two blocks with the constant
_APPLICATION = b"CP"
_SYSTEM = b"checkpost"


def diversify(master: bytes, uid: bytes, application_id: bytes, system_id: bytes) -> bytes:
    """Return the 16-byte key of AN10922 section 2.2; ValueError unless the three inputs are 1 to 31 bytes together."""
    text = _CONSTANT + uid + application_id + system_id
    if len(master) != KEY_SIZE or not 1 < len(text) <= 1 + _MAX_INPUT:
        raise ValueError("a 16-byte master key and 1 to 31 bytes of input")
    if len(text) > BLOCK:
        return cmac(master, text)
    # AN10922 always takes two blocks where a CMAC of so short a text takes one.
    padded = text + b"\x80" + bytes(2 * BLOCK - 1 - len(text))
    last = xor(padded[BLOCK:], _second_subkey(master))
    return cbc_encrypt(master, bytes(BLOCK), padded[:BLOCK] + last)[BLOCK:]


def card_key(master: bytes, uid: bytes, number: int, version: int) -> bytes:
    """Return the 16-byte key `number` of a card; ValueError unless the UID has 7 bytes and the version is 1 to 255."""
    if len(uid) != UID_SIZE or number not in NUMBERS or not 1 <= version <= 255:
        raise ValueError("a card key is of a 7-byte UID, a number 0 to 4 and a version 1 to 255")
    return diversify(master, uid, _APPLICATION + bytes([number]), _SYSTEM + bytes([version]))


def _second_subkey(key: bytes) -> bytes:
    """Return K2 of RFC 4493: the CMAC of nothing is the encryption of 80 00.. XOR K2."""
    return xor(cbc_decrypt(key, bytes(BLOCK), cmac(key, b"")), b"\x80" + bytes(BLOCK - 1))
