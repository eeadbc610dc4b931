"""Rows of the proven log: the Merkle tree's tiles, what each leaf stands for, and who cosigned which size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import urandom

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, union_all, update

from gateway.central.proof import leaf, tiles
from gateway.central.proof.leaf import Entry, Leaf
from gateway.central.proof.merkle import HASH_SIZE
from gateway.central.store.add import Add, Row
from gateway.central.store.ask import Ask
from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.rights_tables import CORRECTIONS
from gateway.central.store.tables import COSIGNATURES, COSIGNERS, ERASURES, FEED, GAPS, LEAVES, RECORDS, SEALS, TILES

# Built once: each batch asks these.
_TILE = Ask(select(TILES.c.hashes).where(TILES.c.level == bindparam("level"), TILES.c.number == bindparam("number")))
EDGE_LEVELS = 4  # whose last tiles are read at once: all there are below four thousand million leaves
_EDGE = Ask(
    union_all(
        *(
            select(
                select(TILES.c.level, TILES.c.number, TILES.c.hashes)
                .where(TILES.c.level == level)
                .order_by(TILES.c.number.desc())
                .limit(1)
                .subquery()
            )
            for level in range(EDGE_LEVELS)
        )
    )
)
_PUT_TILE = Put(TILES, newest=["hashes"])
_PUT_COSIGNER = Put(COSIGNERS, newest=["vkey"])
_ADD_LEAVES = Add(LEAVES)
_AT_PLACE = (LEAVES.c.board, LEAVES.c.epoch, LEAVES.c.seq)
_LEAVES = (
    select(
        LEAVES.c.number,
        LEAVES.c.kind,
        *_AT_PLACE,
        LEAVES.c.salt,
        RECORDS.c.raw,
        func.coalesce(FEED.c.body, ERASURES.c.body, GAPS.c.body, CORRECTIONS.c.body),
        SEALS.c.generation,
        SEALS.c.seal,
        SEALS.c.head,
        SEALS.c.result,
    )
    .select_from(LEAVES)
    .outerjoin(
        RECORDS,
        and_(
            LEAVES.c.kind == leaf.RECORD,
            *(at == RECORDS.c[at.name] for at in _AT_PLACE),
        ),
    )
    .outerjoin(FEED, and_(LEAVES.c.kind == leaf.STATE, FEED.c.position == LEAVES.c.seq))
    .outerjoin(ERASURES, and_(LEAVES.c.kind == leaf.ERASURE, ERASURES.c.number == LEAVES.c.seq))
    .outerjoin(CORRECTIONS, and_(LEAVES.c.kind == leaf.CORRECTION, CORRECTIONS.c.number == LEAVES.c.seq))
    .outerjoin(SEALS, and_(LEAVES.c.kind == leaf.SEAL, *(at == SEALS.c[at.name] for at in _AT_PLACE)))
    .outerjoin(GAPS, and_(LEAVES.c.kind == leaf.GAP, *(at == GAPS.c[at.name] for at in _AT_PLACE)))
    .where(LEAVES.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(LEAVES.c.number)
)
_FIND = select(LEAVES.c.number).where(
    LEAVES.c.kind == bindparam("kind"), *(at == bindparam(at.name) for at in _AT_PLACE)
)


@dataclass(frozen=True)
class LeafRow:
    """A leaf and what is there of its content; None where nothing is: erased, or taken away by hand."""

    number: int
    kind: int
    place: tuple[int, int, int]
    salt: bytes | None
    raw: bytes | None
    body: str | None
    seal: tuple[int, bytes, bytes, int] | None  # generation, seal, chain head, result


class TreeRows:
    """Leaves are only ever added, each with a salt of its own; they are written when some are read, or at the end."""

    def __init__(self, connection: Connection):
        self._connection = connection
        # What this transaction read or wrote: no other writes as long as it does, and a reader has one snapshot.
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._size: int | None = None
        self._waiting: list[Leaf] = []

    def size(self) -> int:
        """Return how many leaves the tree has."""
        if self._size is None:
            self._size = self._read_edge()
        return self._size + len(self._waiting)

    def _read_edge(self) -> int:
        """Read the last tile of each level, where leaves are added; return how many leaves they end at."""
        size = 0
        for level, number, hashes in _EDGE.run(self._connection):
            self._tiles[level, number] = hashes
            if level == 0:
                size = int(number) * tiles.WIDTH + len(hashes) // HASH_SIZE
        return size

    def tile(self, level: int, number: int) -> bytes:
        """Return a tile, b"" where there is none."""
        self.flush()
        return self._tile(level, number)

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._tiles:
            found: bytes | None = _TILE.value(self._connection, level=level, number=number)
            self._tiles[level, number] = found or b""
        return self._tiles[level, number]

    def append(self, entries: Sequence[Entry]) -> None:
        """Add leaves in this order."""
        self.add(leaf.salted(entries, urandom))

    def add(self, leaves: Sequence[Leaf]) -> None:
        """As `append`, of leaves that have their salts already."""
        self._waiting += leaves

    def flush(self) -> None:
        """Write what was added: all of it at once, since each statement costs as much as many rows."""
        leaves, self._waiting = self._waiting, []
        if not leaves:
            return
        size = self.size()
        rows: list[Row] = [(at, one.kind, *one.place, one.salt) for at, one in enumerate(leaves, start=size)]
        _ADD_LEAVES.run(self._connection, rows)
        changed = tiles.append(self._tile, size, [one.hash for one in leaves])
        put = [{"level": level, "number": number, "hashes": found} for (level, number), found in changed.items()]
        _PUT_TILE.run(self._connection, put)
        self._tiles |= changed
        self._size = size + len(leaves)

    def leaves(self, first: int, last: int) -> list[LeafRow]:
        """Return the leaves from `first` to `last`."""
        self.flush()
        found = self._connection.execute(_LEAVES, {"first": first, "last": last})
        return [
            LeafRow(row[0], row[1], (row[2], row[3], row[4]), row[5], row[6], row[7], _seal(tuple(row[8:])))
            for row in found
        ]

    def find(self, kind: int, place: tuple[int, int, int]) -> int | None:
        """Return the number of the leaf of a place, None when there is none."""
        self.flush()
        names = {"kind": kind, "board": place[0], "epoch": place[1], "seq": place[2]}
        return self._connection.execute(_FIND, names).scalar()

    def forget_salts(self, numbers: Iterable[int]) -> None:
        """Erase the salts of leaves: what they stood for can be guessed by nobody any more."""
        self.flush()
        for some in chunks(sorted(numbers)):
            self._connection.execute(update(LEAVES).where(LEAVES.c.number.in_(some)).values(salt=None))

    def erasures(self) -> int:
        """Return how many erasures there were."""
        return self._connection.execute(select(func.count()).select_from(ERASURES)).scalar_one()

    def add_erasure(self, number: int, body: str) -> None:
        """Add what an erasure says."""
        self._connection.execute(insert(ERASURES), [{"number": number, "body": body}])

    def put_cosigner(self, name: str, vkey: str) -> None:
        """Let a second party sign; its name's earlier key ends."""
        _PUT_COSIGNER.run(self._connection, [{"name": name, "vkey": vkey}])

    def cosigners(self) -> dict[str, str]:
        """Return the verifier keys of the second parties by name."""
        return {str(name): str(vkey) for name, vkey in self._connection.execute(select(COSIGNERS))}

    def put_cosignature(self, size: int, name: str, line: str) -> None:
        """Add a signature to the checkpoint of a size; the newest of a name counts."""
        gone = delete(COSIGNATURES).where(COSIGNATURES.c.size == size, COSIGNATURES.c.name == name)
        self._connection.execute(gone)
        self._connection.execute(insert(COSIGNATURES), [{"size": size, "name": name, "line": line}])

    def forget_cosignatures(self) -> None:
        """Forget what second parties signed: it was signed of a log of another name."""
        self._connection.execute(delete(COSIGNATURES))

    def cosignatures(self, size: int) -> list[str]:
        """Return the signature lines of second parties on the checkpoint of a size."""
        query = select(COSIGNATURES.c.line).where(COSIGNATURES.c.size == size).order_by(COSIGNATURES.c.name)
        return [str(line) for (line,) in self._connection.execute(query)]

    def cosigned_size(self) -> int | None:
        """Return the size of the newest checkpoint that a second party signed."""
        return self._connection.execute(select(func.max(COSIGNATURES.c.size))).scalar()


def _seal(row: tuple[int | None, bytes, bytes, int]) -> tuple[int, bytes, bytes, int] | None:
    return None if row[0] is None else (row[0], row[1], row[2], row[3])
