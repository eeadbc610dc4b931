"""Merkle trees and their proofs as in RFC 9162, section 2.1 (the hashing of RFC 6962). All hashes are 32 bytes."""

import hashlib
from collections.abc import Callable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]  # (level, index): hash over the leaves index * 2**level up to the next index


class ProofError(Exception):
    """A proof or a tree does not fit; the message says where."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side (2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over nodes of one level, left to right; any number of them."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)] + odd
    return row[0]


def root(node: Node, size: int) -> bytes:
    """Return the root of the first `size` leaves of a tree whose complete subtrees `node` gives."""
    return _span(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: Node, leaf: int, size: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree of `size` leaves (2.1.3.1), lowest sibling first."""
    if not 0 <= leaf < size:
        raise ProofError(f"leaf {leaf} is not in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if leaf < middle:
            path.append(_span(node, middle, high))
            high = middle
        else:
            path.append(_span(node, low, middle))
            low = middle
    return path[::-1]


def consistency(node: Node, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of `first` leaves is the beginning of that of `second` (2.1.4.1)."""
    if not 0 < first <= second:
        raise ProofError(f"there is no proof from {first} to {second} leaves")
    path: list[bytes] = []
    low, high, whole = 0, second, True
    while first != high:
        middle = low + _split(high - low)
        if first <= middle:
            path.append(_span(node, middle, high))
            high = middle
        else:
            path.append(_span(node, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(_span(node, low, high))
    return path[::-1]


def check_inclusion(found: bytes, leaf: int, size: int, path: Sequence[bytes], root_hash: bytes) -> None:
    """Return if the path leads from a leaf's hash to the root (2.1.3.2); ProofError if not."""
    if not 0 <= leaf < size:
        raise ProofError(f"leaf {leaf} is not in a tree of {size}")
    at, last, here = leaf, size - 1, found
    for sibling in path:
        if last == 0:
            raise ProofError(f"the proof of leaf {leaf} is too long")
        if at & 1 or at == last:
            here = node_hash(sibling, here)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            here = node_hash(here, sibling)
        at, last = at >> 1, last >> 1
    if last or here != root_hash:
        raise ProofError(f"leaf {leaf} does not lead to the root of {size} leaves")


def check_consistency(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> None:
    """Return if the path shows that the new tree begins with the old one (2.1.4.2); ProofError if not."""
    wrong = ProofError(f"the tree of {second} leaves does not begin with that of {first}")
    if first == second:
        if path or old != new:
            raise wrong
        return
    if not 0 < first < second or not path:
        raise wrong
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise wrong
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    if last or (before, after) != (old, new):
        raise wrong


def _split(count: int) -> int:
    """Return the largest power of two that is smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _span(node: Node, low: int, high: int) -> bytes:
    """Return the hash over the leaves from `low` to before `high`; `low` is a multiple of what the split gives."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_span(node, low, middle), _span(node, middle, high))
