"""Leaves of the log: salted commitments, so that what they stand for can be erased and every proof stays.

What is hashed into the tree is SHA-256(domain || kind || salt || content); without its salt nobody can guess at it.
"""

import hashlib
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.central.proof.merkle import leaf_hash

DOMAIN = b"checkpost leaf 1"
SALT_SIZE = 16

RECORD = 1  # a board's record, 32 bytes: crossings, outcomes, clocks, faults; each is a leaf of its own
STATE = 2  # a row of the feed: a crossing as it was judged then
SEAL = 3  # a board's seal, and what the centre found of it
ERASURE = 4  # that contents of leaves were erased, by whom and why
GAP = 5  # that a board could not read records of its own any more, and where its chain goes on
CORRECTION = 6  # what a person put right of a crossing, against its record
KINDS = {
    RECORD: "record",
    STATE: "state",
    SEAL: "seal",
    ERASURE: "erasure",
    GAP: "gap",
    CORRECTION: "correction",
}

SEAL_GOOD, SEAL_WRONG, SEAL_NO_KEY = range(3)
SEAL_RESULTS = ("good", "wrong", "no-key")


class Entry(NamedTuple):
    """What a leaf stands for. `place`: (board, epoch, sequence) of a record or seal, (0, 0, number) of the others."""

    kind: int
    place: tuple[int, int, int]
    content: bytes


class Leaf(NamedTuple):
    """An entry with its salt, as the tree holds it; `hash`: as of `hash_of`."""

    kind: int
    place: tuple[int, int, int]
    salt: bytes
    hash: bytes


def salted(entries: Sequence[Entry], random_bytes: Callable[[int], bytes]) -> list[Leaf]:
    """Give each entry a salt of its own."""
    salts = random_bytes(SALT_SIZE * len(entries))
    leaves = []
    for at, (kind, place, content) in enumerate(entries):
        salt = salts[at * SALT_SIZE : (at + 1) * SALT_SIZE]
        leaves.append(Leaf(kind, place, salt, hash_of(kind, salt, content)))
    return leaves


def record_entry(board: int, epoch: int, seq: int, raw: bytes) -> Entry:
    """Return the leaf of a 32-byte record."""
    return Entry(RECORD, (board, epoch, seq), struct.pack("<HHI", board, epoch, seq) + raw)


def state_entry(position: int, body: str) -> Entry:
    """Return the leaf of a feed row: its position and its JSON as the feed keeps it."""
    return Entry(STATE, (0, 0, position), struct.pack("<Q", position) + body.encode())


def seal_entry(place: tuple[int, int, int], generation: int, seal: bytes, head: bytes, result: int) -> Entry:
    """Return the leaf of a seal: over which chain head the centre checked it, and how that went."""
    return Entry(SEAL, place, struct.pack("<HHII", *place, generation) + seal + head + bytes([result]))


def gap_entry(place: tuple[int, int, int], body: str) -> Entry:
    """Return the leaf of a gap. `place`: board, epoch, and the sequence behind which the board's chain goes on; `body`:
    JSON with the first and last unreadable record and the chain head there."""
    return Entry(GAP, place, struct.pack("<HHI", *place) + body.encode())


def erasure_entry(number: int, body: str) -> Entry:
    """Return the leaf that says what was erased; `body`: JSON with the numbers of the leaves, by whom and why."""
    return Entry(ERASURE, (0, 0, number), struct.pack("<Q", number) + body.encode())


def correction_entry(number: int, body: str) -> Entry:
    """Return the leaf of a correction; `body`: JSON with the crossing's place, the fields, by whom and why."""
    return Entry(CORRECTION, (0, 0, number), struct.pack("<Q", number) + body.encode())


def commitment(kind: int, salt: bytes, content: bytes) -> bytes:
    """Return what the tree holds of a leaf, 32 bytes."""
    return hashlib.sha256(DOMAIN + bytes([kind]) + salt + content).digest()


def hash_of(kind: int, salt: bytes, content: bytes) -> bytes:
    """Return the hash of a leaf in the tree."""
    return leaf_hash(commitment(kind, salt, content))
