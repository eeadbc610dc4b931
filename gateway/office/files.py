"""Files that are there whole or not at all, and the state of a pull beside them."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

CHUNK = 1 << 20


@dataclass(frozen=True)
class State:
    """How far a file has got: of which log, up to which position, and the file's own hash, which ties both together."""

    log: str = ""
    position: int = 0
    crossings: int = 0
    digest: str = ""


def differing_from(path: Path) -> Path:
    """Return where a pull is kept whose count is not the centre's: it does not take the place of the file."""
    return path.with_name(path.name + ".differs")


def read_state(path: Path) -> State:
    """Return the state in a file; an absent or unreadable one means: from the beginning."""
    try:
        return State(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return State()


def write_state(path: Path, state: State) -> None:
    """Write the state."""
    write_whole(path, [json.dumps(asdict(state)) + "\n"])


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, '' when it is not there."""
    if not path.exists():
        return ""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def write_whole(path: Path, lines: Iterable[str]) -> None:
    """Replace a file by these lines in one step, durably."""
    fresh, _, _ = write_fresh(path, lines)
    put_in_place(fresh, path)


def write_fresh(path: Path, lines: Iterable[str]) -> tuple[Path, int, str]:
    """Write the lines durably beside a file; return where, how many they are, and their SHA-256."""
    fresh = path.with_name(path.name + ".new")
    found, count = hashlib.sha256(), 0
    with fresh.open("wb") as file:
        for line in lines:
            raw = line.encode()
            file.write(raw)
            found.update(raw)
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return fresh, count, found.hexdigest()


def put_in_place(fresh: Path, path: Path) -> None:
    """Give a written file its name in one step, durably."""
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
