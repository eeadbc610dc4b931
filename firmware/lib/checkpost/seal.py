"""Seals: what a board signs so that neither a gateway nor a stolen board can rewrite the past. SPEC.md, "Seal".

A seal is HMAC-SHA-256 (RFC 2104) over board, epoch, sequence and chain head, cut to 8 bytes. Its key belongs to one
board's epoch and goes forward by SHA-256 with every journal sector: generation n+1 says nothing about generation n.
"""

import hashlib
import struct

from checkpost.aes import hmac_sha256
from checkpost.const import const
from checkpost.record import crc16

KEY_SIZE = 32
SIZE = 8
_SEAL_DOMAIN = b"checkpost seal 1"
_KEY_DOMAIN = b"checkpost seal key 1"


def seal(key: bytes, board: int, epoch: int, seq: int, head: bytes) -> bytes:
    """Return the 8-byte seal of a chain that ends with `head` after record `seq`."""
    return hmac_sha256(key, _SEAL_DOMAIN + struct.pack("<HHI", board, epoch, seq) + head)[:SIZE]


def next_key(key: bytes) -> bytes:
    """Return the 32-byte key of the next generation; there is no way back."""
    return hashlib.sha256(_KEY_DOMAIN + key).digest()


def key_at(key: bytes, generations: int) -> bytes:
    """Return the key `generations` after `key`: what the centre, which keeps the first one, checks a seal with."""
    for _ in range(generations):
        key = next_key(key)
    return key


_SLOT = "<BBHHII8s8x"  # 30 bytes, then CRC-16: a journal slot
_SLOT_MARK = const(0x53)
_SLOT_VERSION = const(1)


def pack_slot(board: int, epoch: int, seq: int, generation: int, signature: bytes) -> bytes:
    """Return the 32 bytes that close a sector: the seal over the chain up to `seq`, its key's generation."""
    packed = struct.pack(_SLOT, _SLOT_MARK, _SLOT_VERSION, board, epoch, seq, generation, signature)
    return packed + struct.pack("<H", crc16(packed))


def unpack_slot(raw: bytes) -> tuple[int, int, int, int, bytes] | None:
    """Return (board, epoch, sequence, generation, seal), None if the slot is blank, torn or of another version."""
    if len(raw) != 32 or crc16(raw[:30]) != raw[30] | raw[31] << 8:
        return None
    mark, version, board, epoch, seq, generation, signature = struct.unpack(_SLOT, raw[:30])
    return (board, epoch, seq, generation, signature) if (mark, version) == (_SLOT_MARK, _SLOT_VERSION) else None
