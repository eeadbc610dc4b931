"""Who was given which card's keys, when and why: a line each, on disk before the keys leave."""

import fcntl
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

FILE_NAME = "card-keys.log"


class KeyAudit:
    """An append-only file in a data folder, JSON lines, mode 0600. `utc_s` gives the machine's own time."""

    def __init__(self, data: Path, utc_s: Callable[[], float]):
        self._path = data / FILE_NAME
        self._utc_s = utc_s

    def note(self, role: str, name: str, what: str, card_uid: str, reason: str) -> None:
        """Write one line down, durably: who (role and name) did what to which card, and why."""
        line = {"utc_s": int(self._utc_s()), "role": role, "name": name, "what": what, "card": card_uid, "why": reason}
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, json.dumps(line).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)

    def forget(self, words: Sequence[str], mark: str) -> None:
        """Put a mark in the place of what identifies somebody who was erased; the lines stay, whole or not at all."""
        if not self._path.exists():
            return
        handle = os.open(self._path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            text = self._path.read_text()
            for word in words:
                text = text.replace(json.dumps(word)[1:-1], mark)
            self._rewrite(text)
        finally:
            os.close(handle)

    def _rewrite(self, text: str) -> None:
        """Overwrite the file in its place: the next one who waits for the lock adds to this same file."""
        with self._path.open("r+b") as file:
            file.write(text.encode())
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> list[dict[str, object]]:
        """Return every line, oldest first."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text().splitlines()]
