"""Checkpoints (C2SP tlog-checkpoint): of which log, how many leaves, which root."""

import base64
import binascii
from dataclasses import dataclass

from gateway.central.proof.merkle import HASH_SIZE
from gateway.central.proof.note import Note, NoteError, Verifier, parse

ORIGIN = "checkpost.example/log/"  # before the log's id: names are unique without anybody's domain


@dataclass(frozen=True)
class Checkpoint:
    """A state of a log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read(note: Note) -> Checkpoint:
    """Return the checkpoint in a note, whoever signed it; NoteError when it is none."""
    lines = note.text.split("\n")
    try:
        origin, size, encoded = lines[:3]
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError("the note is no checkpoint") from error
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size or len(root) != HASH_SIZE or not origin:
        raise NoteError("the note is no checkpoint")
    return Checkpoint(origin, int(size), root)


def checked(raw: str, key: Verifier) -> tuple[Checkpoint, Note]:
    """Return the checkpoint that a log signed with its key; NoteError when anything does not fit."""
    note = parse(raw)
    key.check(note)
    found = read(note)
    if found.origin != key.name:
        raise NoteError(f"the checkpoint is of {found.origin}, the key of {key.name}")
    return found, note
