"""The hash chain over a board's records: any change, gap or reorder shows at the next link.

c(0) = SHA-256(domain || board || epoch), c(n) = SHA-256(c(n-1) || record n). SPEC.md, "Chain".
"""

import hashlib
import struct

DOMAIN = b"checkpost chain 1"
HEAD_SIZE = 32
SHORT_SIZE = 4  # of the head, in a batch: a slip shows; the seal is what stops an adversary


def start(board: int, epoch: int) -> bytes:
    """Return c(0), 32 bytes, of a board's epoch."""
    return hashlib.sha256(DOMAIN + struct.pack("<HH", board, epoch)).digest()


def link(head: bytes, record: bytes) -> bytes:
    """Return the next head, 32 bytes, after one 32-byte record."""
    digest = hashlib.sha256(head)
    digest.update(record)
    return digest.digest()


def extend(head: bytes, records: bytes) -> bytes:
    """Return the head after a run of 32-byte records laid end to end."""
    view = memoryview(records)
    for at in range(0, len(records), 32):
        head = link(head, view[at : at + 32])  # type: ignore[arg-type]
    return head
