"""A pulled log: one folder with the crossings, the leaves that prove them, and every checkpoint that was seen."""

import json
from collections.abc import Iterator
from pathlib import Path

from gateway.central.proof import checkpoint
from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.note import Note, NoteError, Verifier
from gateway.contract.log import Leaf
from gateway.office.client import OfficeError
from gateway.office.files import write_whole

LEAVES = "log.ndjson"
CHECKPOINTS = "checkpoints.ndjson"
KEY = "log.key"
CROSSINGS = "crossings.ndjson"
ERASING = "log.erasing"  # there while leaves that an erasure names still have their contents here


class LogFolder:
    """Files of a pulled log. The key is kept from the first pull on: a log with another key is another log."""

    def __init__(self, path: Path):
        self.path = path

    def key(self) -> Verifier:
        """Return the log's key; OfficeError when there is none."""
        try:
            return Verifier.parse((self.path / KEY).read_text())
        except (OSError, NoteError) as error:
            raise OfficeError(f"{self.path} has no key of a log ({error}); pull into it first.") from error

    def keep_key(self, text: str) -> Verifier:
        """Keep the key of the first pull, and return it; OfficeError when the centre shows another one."""
        path = self.path / KEY
        try:
            key = Verifier.parse(text)
        except NoteError as error:
            raise OfficeError(f"The centre gave no key of a log: {error}.") from error
        if not path.exists():
            path.write_text(f"{key}\n")
        elif str(self.key()) != str(key):
            raise OfficeError(
                f"The centre's log has another key than the one kept in {path}: it is another log, or somebody else's. "
                "Ask the centre why, and pull into an empty folder."
            )
        return key

    def checkpoints(self, key: Verifier) -> list[tuple[Checkpoint, Note]]:
        """Return the checkpoints in the order in which they were pulled; NoteError when one is not the log's."""
        path = self.path / CHECKPOINTS
        if not path.exists():
            return []
        return [checkpoint.checked(json.loads(line), key) for line in path.read_text().splitlines()]

    def has_checkpoint(self, note: str) -> bool:
        """Return True if this very note is kept."""
        path = self.path / CHECKPOINTS
        return path.exists() and json.dumps(note) in path.read_text().splitlines()

    def add_checkpoint(self, note: str) -> None:
        """Keep a checkpoint."""
        with (self.path / CHECKPOINTS).open("a") as file:
            file.write(json.dumps(note) + "\n")

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves; OfficeError when a line is none."""
        path = self.path / LEAVES
        if not path.exists():
            return
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield Leaf.model_validate_json(line)
                except ValueError as error:
                    raise OfficeError(
                        f"{path}, line {number}, is no leaf of a log; pull into an empty folder."
                    ) from error

    def mark_erasures(self) -> None:
        """Note that erasures are about to come in: whatever breaks off from here on, they will be carried out."""
        (self.path / ERASING).touch()

    def carry_out_erasures(self) -> None:
        """Take away the salts and contents of leaves that erasures name; their hashes and places stay."""
        if not (self.path / ERASING).exists():
            return
        named: set[int] = set()
        for leaf in self.leaves():
            if leaf.kind == "erasure":
                named |= set(json.loads(leaf.body or "{}").get("leaves", []))
        lines = (_blank(leaf) if leaf.leaf in named else leaf for leaf in self.leaves())
        write_whole(self.path / LEAVES, (leaf.model_dump_json(exclude_none=True) + "\n" for leaf in lines))
        (self.path / ERASING).unlink()

    def count(self) -> int:
        """Return how many whole lines of leaves there are, and cut a torn one off."""
        path = self.path / LEAVES
        if not path.exists():
            return 0
        whole = lines = 0
        with path.open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole, lines = whole + len(line), lines + 1
            file.truncate(whole)
        return lines


def _blank(leaf: Leaf) -> Leaf:
    return leaf.model_copy(update={"salt": None, "raw": None, "body": None})
