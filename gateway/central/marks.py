"""Marks on what the centre knows: whoever writes into its table without the centre's key leaves none that fits.

The key lies in the data folder, not in the database. What stood before there were marks is taken as it was found.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes
from typing import NamedTuple

from gateway.central.signing import SigningError
from gateway.central.store import Store, Transaction
from gateway.contract.secrets import lay_secret, read_secret

FILE_NAME = "marks.key"  # in the centre's data folder
DOMAIN = b"checkpost known 1"
KEY_SIZE = 32
ALTERED = "it is not as the centre wrote it"
SET_BACK = "it was set back to an earlier form"
MISSING = "what the centre wrote under this revision is missing"


class Known(NamedTuple):
    """A row of knowledge and what is wrong with it, "" for nothing; of a missing one only the revision is known."""

    kind: str
    key: str
    revision: int
    wrong: str

    def name(self) -> str:
        """Return how a person calls it."""
        if not self.kind:
            return f"revision {self.revision}"
        return f"{self.kind.replace('_', ' ')} {self.key}".strip()


class Marks:
    """`since`: the newest revision when the first marks were made; which rows there were before, nobody can tell."""

    def __init__(self, key: bytes, since: int):
        self._key = key
        self._since = since

    def of(self, kind: str, key: str, revision: int, body: str) -> bytes:
        """Return the mark of a row, 32 bytes."""
        said = "\0".join((kind, key, str(revision), body)).encode()
        return hmac.digest(self._key, DOMAIN + b"\0" + said, "sha256")

    def look(self, transaction: Transaction) -> Iterator[Known]:
        """Yield every row, oldest revision first, and then each revision that is in no row any more."""
        past = set(transaction.knowledge.past_revisions())
        seen = bytearray()  # by revision
        gone: set[int] = set()  # erased, or said already
        for kind, key, revision, body, mark in transaction.knowledge.marked():
            if mark is None or not hmac.compare_digest(mark, self.of(kind, key, revision, body)):
                gone.add(revision)
                yield Known(kind, key, revision, ALTERED)
                continue
            seen.extend(bytes(max(0, revision + 1 - len(seen))))
            seen[revision] = 1
            if kind == "erasure":
                gone.update(json.loads(body)["revisions"])
            yield Known(kind, key, revision, SET_BACK if revision in past else "")
        for revision in range(self._since + 1, len(seen)):
            if not seen[revision] and revision not in past and revision not in gone:
                yield Known("", "", revision, MISSING)


def open_marks(data: Path, store: Store) -> Marks:
    """Return the marks of a data folder; where there are none, mark what the store knows as it stands; SigningError."""
    with _alone(data):  # processes that start at once take turns
        held = held_marks(data)
        if held is not None:
            return held
        key = token_bytes(KEY_SIZE)
        with store.write() as transaction:
            made = Marks(key, transaction.knowledge.revision())
            transaction.knowledge.mark_all(made.of)
        # After the rows: whoever loses power in between marks them anew.
        lay_secret(data / FILE_NAME, json.dumps({"key": key.hex(), "since": made._since}).encode() + b"\n")
        return made


def held_marks(data: Path) -> Marks | None:
    """Return the marks of a data folder, None where it has none; SigningError."""
    path = data / FILE_NAME
    try:
        held = read_secret(path)
        if held is None:
            raise SigningError(f"{path} can be read by others: chmod 600 it.")
        said = json.loads(held)
        return Marks(bytes.fromhex(said["key"]), int(said["since"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SigningError(f"The key at {path} cannot be read; bring it back from a backup.") from error


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    handle = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
