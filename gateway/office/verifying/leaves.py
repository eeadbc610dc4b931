"""Each leaf against its content, and the tree over them against every checkpoint that was pulled."""

import json

from gateway.central.proof import leaf as leaves
from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.leaf import Entry
from gateway.central.proof.merkle import EMPTY_ROOT, HASH_SIZE, node_hash
from gateway.contract.log import Leaf
from gateway.office.verifying.findings import Finding, record_name


class Tree:
    """The root of a growing tree, in the memory of its height."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (height, hash), falling heights

    def add(self, found: bytes) -> None:
        """Add a leaf's hash."""
        height = 0
        while self._peaks and self._peaks[-1][0] == height:
            found = node_hash(self._peaks.pop()[1], found)
            height += 1
        self._peaks.append((height, found))
        self.size += 1

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1][1]
        for _, peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


class LeafCheck:
    """Fed with every leaf in its order; notes which erased leaves an erasure must name."""

    def __init__(self, checkpoints: list[Checkpoint]):
        self._tree = Tree()
        self._waiting = sorted(checkpoints, key=lambda one: one.size)
        self._proven = 0  # leaves up to the last checkpoint that fits
        self.erased: dict[int, str] = {}  # leaves without a salt, and what they are called
        self._named: set[int] = set()

    def feed(self, at: int, line: Leaf) -> list[Finding]:
        """Check one line; return what does not fit."""
        found = [*self._checkpoints()]
        if line.leaf != at:
            found.append(Finding(at, "the log", f"leaf {line.leaf} stands here: lines were lost, added or moved"))
        raw = bytes.fromhex(line.hash)
        self._tree.add(raw if len(raw) == HASH_SIZE else bytes(HASH_SIZE))
        if line.salt is None:
            self.erased[line.leaf] = name_of(line)
            return found
        entry = entry_of(line)
        if entry is None:
            found.append(Finding(at, name_of(line), "its content is gone, and no erasure took it"))
        elif leaves.hash_of(entry.kind, bytes.fromhex(line.salt), entry.content) != raw:
            found.append(Finding(at, name_of(line), "it is not what was logged: its content was altered since"))
        elif line.kind == "erasure":
            self._named |= set(json.loads(line.body or "{}").get("leaves", []))
        return found

    def excuse(self, numbers: set[int]) -> None:
        """Take leaves for named: by an erasure that lies behind what is fed."""
        self._named |= numbers

    def is_named(self, number: int) -> bool:
        """Return True if an erasure named a leaf."""
        return number in self._named

    def end(self) -> list[Finding]:
        """Return what does not fit at the log's end."""
        found = [*self._checkpoints()]
        for left in self._waiting:
            found.append(
                Finding(
                    self._tree.size,
                    "the log",
                    f"it ends after {self._tree.size} leaves, a checkpoint says {left.size}: its end is missing",
                )
            )
        gone = [number for number in self.erased if number not in self._named]
        return found + [
            Finding(number, self.erased[number], "its content is gone, and no erasure names it") for number in gone
        ]

    def unsigned(self) -> int:
        """Return how many leaves lie behind the newest checkpoint."""
        return self._tree.size - self._proven

    def _checkpoints(self) -> list[Finding]:
        found = []
        while self._waiting and self._waiting[0].size == self._tree.size:
            seen = self._waiting.pop(0)
            if seen.root != self._tree.root():
                span = f"leaves {self._proven} to {seen.size - 1}"
                what = f"the tree over them is not the one whose root was signed at {seen.size} leaves"
                found.append(Finding(seen.size - 1, span, what))  # behind whatever is found of one of them
            self._proven = seen.size
        return found


def entry_of(line: Leaf) -> Entry | None:
    """Return what a line says that its leaf stands for, None where something is missing."""
    place = line.board or 0, line.epoch or 0, line.seq or 0
    if line.kind == "record" and line.raw is not None:
        return leaves.record_entry(*place, bytes.fromhex(line.raw))
    if line.kind == "seal" and line.found is not None:
        result = leaves.SEAL_RESULTS.index(line.found.result)
        seal, head = bytes.fromhex(line.found.seal), bytes.fromhex(line.found.head)
        return leaves.seal_entry(place, line.found.generation, seal, head, result)
    if line.kind == "gap" and line.body is not None:
        return leaves.gap_entry(place, line.body)
    if line.kind == "state" and line.position is not None and line.body is not None:
        return leaves.state_entry(line.position, line.body)
    if line.kind == "erasure" and line.number is not None and line.body is not None:
        return leaves.erasure_entry(line.number, line.body)
    if line.kind == "correction" and line.number is not None and line.body is not None:
        return leaves.correction_entry(line.number, line.body)
    return None


def name_of(line: Leaf) -> str:
    """Return what a leaf is called."""
    if line.kind == "state":
        return f"position {line.position} of the feed"
    if line.kind in ("erasure", "correction"):
        return f"{line.kind} {line.number}"
    if line.board is None:
        return "a record that nothing is left of"
    name = record_name(line.board, line.epoch, line.seq)
    return {"seal": f"the seal at {name}", "gap": f"the gap at {name}"}.get(line.kind, name)
