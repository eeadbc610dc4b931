"""What the centre shows of its log to who does not take its word: checkpoints, leaves, proofs, cosignatures."""

from pydantic_core import from_json

from checkpost.reading import Outcome, read
from gateway.central.crossing import CrossingState
from gateway.central.problems import Problem, not_valid
from gateway.central.proof import checkpoint, leaf, merkle, note
from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.merkle import HASH_SIZE
from gateway.central.proof.note import Note, NoteError, Signer, Verifier
from gateway.central.proof.tiles import WIDTH, Tiles
from gateway.central.store import Store, Transaction
from gateway.central.store.tree import LeafRow
from gateway.contract.log import Consistency, Inclusion, Leaf, Leaves, Proven, SealFound


class Proofs:
    """Reads through one store; signs with the log's key."""

    def __init__(self, store: Store, signer: Signer):
        self._store = store
        self._signer = signer

    @property
    def vkey(self) -> str:
        """The key with which the log's checkpoints are checked (C2SP vkey)."""
        return str(self._signer.verifier)

    def checkpoint(self, cosigned: bool = False) -> str:
        """Return the newest checkpoint as a signed note; `cosigned`: the newest that a second party signed."""
        with self._store.read() as transaction:
            size = transaction.tree.cosigned_size() if cosigned else transaction.tree.size()
            if size is None:
                raise Problem(404, "not-cosigned", "No second party signed a checkpoint yet.")
            return self.signed(transaction, size)

    def signed(self, transaction: Transaction, size: int) -> str:
        """Return the checkpoint of a size with every signature that there is."""
        text = self.state(transaction, size).text()
        lines = "".join(transaction.tree.cosignatures(size))
        return str(Note(text, (self._signer.sign(text),))) + lines

    def state(self, transaction: Transaction, size: int) -> Checkpoint:
        """Return the log's state when it had `size` leaves."""
        root = merkle.root(Tiles(transaction.tree.tile).node, size)
        return Checkpoint(self._signer.verifier.name, size, root)

    def inclusion(self, number: int, size: int | None) -> Inclusion:
        """Return the proof that a leaf is in the log of a size; None: as it stands."""
        with self._store.read() as transaction:
            size = self._size(transaction, size, "size")
            if number >= size:
                raise Problem(404, "unknown-leaf", f"The log of {size} leaves has no leaf {number}.")
            return _inclusion(transaction, number, size)

    def consistency(self, first: int, second: int | None) -> Consistency:
        """Return the proof that the log of one size begins with that of a smaller one."""
        with self._store.read() as transaction:
            second = self._size(transaction, second, "second")
            if first > second:
                raise Problem(404, "unknown-size", f"The log of {second} leaves has no beginning of {first}.")
            node = Tiles(transaction.tree.tile).node
            path = merkle.consistency(node, first, second) if first else []
        return Consistency(first=first, second=second, path=[step.hex() for step in path])

    def leaves(self, after: int, limit: int) -> Leaves:
        """Return at most `limit` leaves from a number on."""
        with self._store.read() as transaction:
            size = transaction.tree.size()
            found = _leaves(transaction, after, min(size, after + limit) - 1)
        end = found[-1].leaf + 1 if found else after
        return Leaves(leaves=found, size=size, more=end < size)

    def story(self, board: int, epoch: int, seq: int) -> Proven:
        """Return a crossing's record, its outcomes and its current state, each proven; Problem when there is none."""
        with self._store.read() as transaction:
            found = transaction.crossings.of_board(board, epoch, [seq])
            if not found and transaction.erasing.erased(board, epoch, seq, seq):
                raise Problem(404, "erased", f"What crossing {seq} of board {board}, epoch {epoch}, was, is erased.")
            if not found:
                raise Problem(404, "unknown-crossing", f"Board {board} recorded no crossing {seq} in epoch {epoch}.")
            places = [(leaf.RECORD, at) for at in told(transaction, found[0])]
            places.append((leaf.STATE, (0, 0, found[0].position)))
            numbers = [number for at in places if (number := transaction.tree.find(*at)) is not None]
            size = transaction.tree.size()
            return Proven(
                leaves=[line for number in numbers for line in _leaves(transaction, number, number)],
                proofs=[_inclusion(transaction, number, size) for number in numbers],
                checkpoint=self.signed(transaction, size),
            )

    def put_cosigner(self, name: str, vkey: str) -> None:
        """Let a second party cosign; Problem when its key is none of that name."""
        try:
            key = Verifier.parse(vkey)
        except NoteError as error:
            raise not_valid("#/vkey", str(error)) from error
        if key.name != name or key.kind != note.COSIGNATURE:
            raise not_valid("#/vkey", f"this is no cosigning key of {name}")
        with self._store.write() as transaction:
            transaction.tree.put_cosigner(name, str(key))

    def take_cosignature(self, raw: str) -> None:
        """Keep the cosignatures on one of the log's checkpoints; Problem when none of them is a known party's."""
        try:
            found, signed = checkpoint.checked(raw, self._signer.verifier)
        except NoteError as error:
            raise not_valid("#", f"this is no checkpoint of this log: {error}") from error
        with self._store.write() as transaction:
            if found.size > transaction.tree.size() or found != self.state(transaction, found.size):
                raise Problem(409, "other-log", "This checkpoint is of another state than this log ever had.")
            known = transaction.tree.cosigners()
            good = [_good(Verifier.parse(vkey), signed) for vkey in known.values()]
            for signature in filter(None, good):
                transaction.tree.put_cosignature(found.size, signature.name, signature.line())
        if not any(good):
            raise Problem(403, "unknown-cosigner", "None of the signatures is of a cosigner that the centre knows.")

    def _size(self, transaction: Transaction, asked: int | None, name: str) -> int:
        size = transaction.tree.size()
        if asked is not None and asked > size:
            raise Problem(404, "unknown-size", f"{name}: the log has {size} leaves, not {asked}.")
        return size if asked is None else asked


def _good(key: Verifier, signed: Note) -> note.Signature | None:
    try:
        return key.check(signed)
    except NoteError:
        return None  # not this party's, or not its signature: the caller says so when nobody's fits


def told(transaction: Transaction, crossing: CrossingState) -> list[tuple[int, int, int]]:
    """Return the places of a crossing's record and of every outcome that the guard recorded for it."""
    found = [crossing.seq]
    raws = transaction.log.records(crossing.board, crossing.epoch, crossing.seq + 1, crossing.outcome_seq)
    for seq, raw in enumerate(raws, start=crossing.seq + 1):
        said = read(raw, seq)
        if isinstance(said, Outcome) and said.crossing_seq == crossing.seq:
            found.append(seq)
    return [(crossing.board, crossing.epoch, seq) for seq in found]


def _inclusion(transaction: Transaction, number: int, size: int) -> Inclusion:
    tiles = Tiles(transaction.tree.tile)
    path = [step.hex() for step in merkle.inclusion(tiles.node, number, size)]
    root = merkle.root(tiles.node, size).hex()
    return Inclusion(leaf=number, size=size, hash=tiles.node(0, number).hex(), path=path, root=root)


def _leaves(transaction: Transaction, first: int, last: int) -> list[Leaf]:
    rows = {row.number: row for row in transaction.tree.leaves(first, last)}
    tiles = Tiles(transaction.tree.tile)
    found = []
    for number in range(first, last + 1):
        tile, at = tiles.tile(0, number // WIDTH), number % WIDTH * HASH_SIZE
        in_tree = tile[at : at + HASH_SIZE]
        lost = Leaf(leaf=number, kind="record", hash=in_tree.hex())  # its row was taken away by hand: it has no place
        found.append(shown(rows[number], in_tree) if number in rows else lost)
    return found


def shown(row: LeafRow, found: bytes) -> Leaf:
    """Return a leaf as the interface has it."""
    board, epoch, seq = row.place
    line = Leaf(leaf=row.number, kind=leaf.KINDS[row.kind], hash=found.hex(), salt=row.salt and row.salt.hex())  # type: ignore[arg-type]
    if row.kind in (leaf.RECORD, leaf.SEAL, leaf.GAP):
        line.board, line.epoch, line.seq = board, epoch, seq
    if row.kind == leaf.RECORD:
        line.raw = row.raw.hex() if row.raw else None  # empty: erased
    elif row.kind == leaf.SEAL and row.seal:
        generation, seal, head, result = row.seal
        line.found = SealFound(
            generation=generation,
            seal=seal.hex(),
            head=head.hex(),
            result=leaf.SEAL_RESULTS[result],  # type: ignore[arg-type]
        )
    elif row.kind == leaf.STATE:
        line.position, line.body = seq, row.body
    elif row.kind == leaf.GAP:
        line.body = row.body
    elif row.kind in (leaf.ERASURE, leaf.CORRECTION):
        line.number, line.body = seq, row.body
    return line


def whose(found: Proven) -> str:
    """Return whose crossing a story is: the permit, else the card, "" where it has neither."""
    for line in found.leaves:
        if line.kind == "state" and line.body:
            state = from_json(line.body)
            return str(state["permit"] or state["card_uid"])
    return ""
