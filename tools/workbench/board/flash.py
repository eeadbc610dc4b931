"""Puts a firmware into the slot of a board that does not run, proves it by hash, and only then lets it run.

Whatever breaks in between, the board starts what it ran before; run again, only what is missing goes over the cable.
The journal has a chip of its own, which nothing here writes to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.board import tree as trees
from workbench.board.facts import Facts, check, look
from workbench.board.tree import Tree
from workbench.board.wire import Board, BoardTrouble

BLOCK = 4096  # a file takes whole blocks
FOLDERS = 16 * BLOCK  # bytes of a slot that is new: eight folders of two blocks each
SPARE = 4 * BLOCK  # bytes that stay free: what littlefs moves while it writes


@dataclass
class Done:
    """What a flash did: files sent, taken over from the other slot, left as they were; removed are a plain tree's."""

    facts: Facts
    slot: str
    version: str
    sent: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    bytes_sent: int = 0

    @property
    def changed(self) -> bool:
        """Return False if the board ran just this before."""
        return bool(self.sent or self.copied or self.removed)


def flash(
    board: Board,
    folder: Path,
    tell: Callable[[int, int], None] = lambda done, total: None,
    clear: bool = False,
    build: Callable[[Path, int], trees.Tree] = trees.build,
) -> Done:
    """Bring a board to the firmware in a folder; `tell` hears bytes done and in all. Raises BoardTrouble.

    `clear` removes a plain tree before, where both do not fit: until the end the board then has no firmware.
    """
    facts = look(board)
    check(facts)
    tree = build(folder, facts.mpy)
    board.load("files")
    if clear and facts.plain and not facts.run:
        for path in trees.plain_names(folder):
            board.run(f"_remove({path!r})")
        facts = look(board)
    running = sums(board, facts.run) if facts.run else {}
    if facts.run and facts.marks.get(facts.run) == tree.mark and running == tree.sums and not facts.back:
        done = Done(facts, facts.run, _dotted(tree), kept=sorted(tree.files))
    else:
        done = _fill(board, facts, tree, running, tell)
    _switch(board, folder, done)
    return done


def _fill(board: Board, facts: Facts, tree: Tree, running: dict[str, str], tell: Callable[[int, int], None]) -> Done:
    """Make the slot that does not run hold the tree, marked as whole."""
    slot = facts.other
    done = Done(facts, slot, _dotted(tree))
    present = sums(board, slot)
    wanted = tree.sums
    held = {digest: path for path, digest in running.items()}
    missing = [path for path in sorted(wanted) if present.get(path) != wanted[path]]
    over_cable = sum(len(tree.files[path]) for path in missing if wanted[path] not in held)
    _check_room(facts, tree, missing, bool(present))
    board.run(f"_remove('/{slot}/slot.txt')")
    for path in sorted(set(present) - set(wanted) - {"slot.txt"}):
        board.run(f"_remove('/{slot}/{path}')")
    for path in sorted(wanted):
        target = f"/{slot}/{path}"
        if path not in missing:
            done.kept.append(path)
        elif wanted[path] in held:
            board.run(f"_copy('/{facts.run}/{held[wanted[path]]}', '{target}')")
            done.copied.append(path)
        else:
            board.run(f"_folders('{target}')")
            board.put(target, tree.files[path], lambda count: tell(_count(done, count), over_cable))
            done.sent.append(path)
    prove(board, slot, wanted)
    board.replace(f"/{slot}/slot.txt", tree.mark.encode())
    return done


def _switch(board: Board, folder: Path, done: Done) -> None:
    """Let the slot run: what lies beside the slots first, main.py as the step that counts, then the word."""
    files = trees.beside(folder)
    present = {path: board.read(path) for path in files}
    for path in ("/slots.py", "/main.py", "/boot.py"):
        if present[path] != files[path]:
            board.replace(path, files[path])
            done.sent.append(path)
    if (done.facts.run, done.facts.back) != (done.slot, "") or "/main.py" in done.sent:
        board.replace("/slots.txt", f"{done.slot} - 0\n".encode())
    if done.facts.plain:
        done.removed = trees.plain_names(folder)
        for path in done.removed:
            board.run(f"_remove({path!r})")


def prove(board: Board, slot: str, wanted: dict[str, str]) -> None:
    """Read every file of a slot back by its hash; BoardTrouble names the first that is not as it was sent."""
    found = sums(board, slot)
    for path in sorted(wanted):
        if found.get(path) != wanted[path]:
            raise BoardTrouble(f"{board.port}: {path} is not on the board as it was sent: flash it again")


def sums(board: Board, slot: str) -> dict[str, str]:
    """Return SHA-256 by path of the files in a slot, its mark left out."""
    found = {}
    for line in board.run(f"_sums('/{slot}')").splitlines():
        digest, _, path = line.strip().partition(" ")
        found[path.removeprefix(f"/{slot}/")] = digest
    found.pop("slot.txt", None)
    return found


def _check_room(facts: Facts, tree: Tree, missing: list[str], begun: bool) -> None:
    need = sum(-(-len(tree.files[path]) // BLOCK) * BLOCK for path in missing)
    need += SPARE + (0 if begun else FOLDERS)
    if facts.free >= need or facts.other in facts.marks:  # a slot that was filled before has its room
        return
    advice = "remove what does not belong to it (mpremote fs tree)"
    if facts.plain:
        advice = "give --clear to remove the plain tree first; then the board has no firmware until the flash ends"
    raise BoardTrouble(f"{facts.port}: {facts.free} bytes are free on the board, {need} are needed: {advice}")


def _count(done: Done, count: int) -> int:
    done.bytes_sent += count
    return done.bytes_sent


def _dotted(tree: Tree) -> str:
    return ".".join(map(str, tree.version))
