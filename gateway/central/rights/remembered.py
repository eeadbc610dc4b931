"""What was erased, kept beside the store and beside backups: a restored backup must bring nobody back.

It names revisions and places of records, and nothing that says who.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "erasures.ndjson"

Place = tuple[int, int, int]


@dataclass(frozen=True)
class Entry:
    """One erasure: places of records, and the revisions under which rows were given out, by kind."""

    number: int
    utc_s: int
    places: list[Place]
    revisions: dict[str, list[int]]


class Remembered:
    """Files to which each erasure is added before it counts; `log`: the log's name."""

    def __init__(self, files: Iterable[Path]):
        self._files = list(files)

    def add(self, log: str, entry: Entry) -> None:
        """Add an erasure, durably, to each of the files."""
        line = json.dumps({"log": log} | asdict(entry), separators=(",", ":")) + "\n"
        for file in self._files:
            handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)


def beside(witness: Path) -> Path:
    """Return where erasures are kept beside a witness."""
    return witness.with_name(witness.name + ".erasures")


def lines_of(files: Iterable[Path]) -> list[str]:
    """Return the lines of those files that are there, each once, in their order."""
    found: dict[str, None] = {}
    for file in files:
        if file.exists():
            found.update(dict.fromkeys(line for line in file.read_text().splitlines() if line))
    return list(found)


def entries(lines: Iterable[str]) -> list[tuple[str, Entry]]:
    """Return (log, erasure) of each line; ValueError for one that is none."""
    found = []
    for line in lines:
        body = json.loads(line)
        places = [(at[0], at[1], at[2]) for at in body["places"]]
        found.append((str(body["log"]), Entry(body["number"], body["utc_s"], places, body["revisions"])))
    return found
