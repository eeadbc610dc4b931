"""The tree in tiles of 256 hashes, as C2SP tlog-tiles cuts it: an append rewrites one tile a level, a proof reads few.

Tile (level, number) holds the hashes of the complete subtrees of 256**level leaves, 256 of them from number * 256 on.
"""

from collections.abc import Callable, Sequence

from gateway.central.proof.merkle import HASH_SIZE, ProofError, fold

BITS = 8  # levels of the tree in one tile
WIDTH = 1 << BITS

ReadTile = Callable[[int, int], bytes]  # (level, number): its hashes end to end, b"" where there is none


class Tiles:
    """Reads nodes of the tree; tiles that were read are kept as long as this object, so make one a transaction."""

    def __init__(self, read: ReadTile):
        self._read = read
        self._kept: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, number: int) -> bytes:
        """Return a tile as it stands."""
        key = level, number
        if key not in self._kept:
            self._kept[key] = self._read(level, number)
        return self._kept[key]

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree: of 2**level leaves, the index-th from the left."""
        height = level % BITS
        first = index << height
        found = self.tile(level // BITS, first // WIDTH)
        at = first % WIDTH * HASH_SIZE
        wanted = found[at : at + (HASH_SIZE << height)]
        if len(wanted) != HASH_SIZE << height:
            raise ProofError(f"the tree has no subtree {index} at level {level}")
        return fold(split(wanted))


def split(hashes: bytes) -> list[bytes]:
    """Return the hashes of a tile one by one."""
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]


def append(read: ReadTile, size: int, hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Return the tiles that change when leaf hashes follow the first `size` ones; cost: these, and a tile a level."""
    changed: dict[tuple[int, int], bytes] = {}
    level, start, fresh = 0, size, list(hashes)
    while fresh:
        above: list[bytes] = []
        number, used = divmod(start, WIDTH)
        tile = read(level, number)[: used * HASH_SIZE] if used else b""
        if len(tile) != used * HASH_SIZE:
            raise ProofError(f"tile {number} of level {level} holds {len(tile) // HASH_SIZE} hashes, not {used}")
        at = 0
        while at < len(fresh):
            some = fresh[at : at + WIDTH - len(tile) // HASH_SIZE]
            tile += b"".join(some)
            changed[level, number] = tile
            at += len(some)
            if len(tile) == WIDTH * HASH_SIZE:
                above.append(fold(split(tile)))
                number, tile = number + 1, b""
        level, start, fresh = level + 1, start // WIDTH, above
    return changed
