"""The centre's master keys for cards, from which all keys of all cards are made: in a file of their own, mode 0600.

The issuer's makes the keys that change a card, and never leaves the centre. A zone's makes what proves its cards, and
goes to the gateways of the zone. Each has versions that count from 1; the newest two of a zone are valid at once, the
earlier ones are kept so that a card of theirs can be issued anew. JSON, keys in hex:

    {"form": 1, "issuer": {"1": ".."}, "zones": {"north-hamgyong": {"1": "..", "2": ".."}}}

Losing the file means issuing every card anew: it is part of the centre's backup, apart from the store's.
"""

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from checkpost.aes import KEY_SIZE
from gateway.contract.secrets import write_secret

FORM = 1
FILE_NAME = "card-masters.json"
VALID_VERSIONS = 2
LAST_VERSION = 255  # a card keeps the version in one byte

Versions = dict[int, bytes]


@dataclass
class Held:
    """What the file holds."""

    issuer: Versions = field(default_factory=dict)
    zones: dict[str, Versions] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as the file's text."""
        zones = {zone: _hex(versions) for zone, versions in self.zones.items()}
        return json.dumps({"form": FORM, "issuer": _hex(self.issuer), "zones": zones}, sort_keys=True)


class MastersUnreadable(Exception):
    """The file is open to others or not in its form; the text says which, and what to do."""


class Masters:
    """Master keys in a data folder; several processes may share it. `random(n)` gives n bytes of the system's."""

    def __init__(self, data: Path, random: Callable[[int], bytes]):
        self._path = data / FILE_NAME
        self._random = random

    def issuer(self, version: int) -> bytes:
        """Return the issuer's master key of a version, made if it is new."""
        with self._held() as held:
            return self._version(held.issuer, version)

    def zone(self, zone: str) -> Versions:
        """Return every master key of a zone by version, the first made if the zone is new."""
        with self._held() as held:
            versions = held.zones.setdefault(zone, {})
            if not versions:
                self._version(versions, 1)
            return dict(sorted(versions.items()))

    def rotate(self, zone: str) -> int:
        """Make a zone's next master key and return its version; ValueError after the last."""
        with self._held() as held:
            versions = held.zones.setdefault(zone, {})
            version = max(versions, default=0) + 1
            if version > LAST_VERSION:
                raise ValueError(f"zone {zone} has used all {LAST_VERSION} versions")
            self._version(versions, version)
            return version

    def _version(self, versions: Versions, version: int) -> bytes:
        if version not in versions:
            versions[version] = self._random(KEY_SIZE)
        return versions[version]

    @contextmanager
    def _held(self) -> Iterator[Held]:
        """Read the file, and write it whole if what was read changed, with no other process between."""
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            held = self._read()
            before = held.text()
            yield held
            if held.text() != before:
                write_secret(self._path, held.text().encode())
        finally:
            os.close(lock)

    def _read(self) -> Held:
        try:
            mode = stat.S_IMODE(self._path.stat().st_mode)
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return Held()
        if mode & 0o077:
            raise MastersUnreadable(
                f"{self._path} can be read by others (mode {mode:o}): chmod 600 it, rotate all zones"
            )
        try:
            given = json.loads(raw)
            if given["form"] != FORM:
                raise ValueError("another form")
            zones = {zone: _versions(versions) for zone, versions in given["zones"].items()}
            return Held(_versions(given["issuer"]), zones)
        except (ValueError, TypeError, KeyError, AttributeError):
            # Without the cause: a parser's message may quote the file.
            raise MastersUnreadable(f"{self._path} is not a file of master keys: restore it from its backup") from None


def _versions(given: dict[str, str]) -> Versions:
    found = {int(version): bytes.fromhex(key) for version, key in given.items()}
    if any(len(key) != KEY_SIZE for key in found.values()):
        raise ValueError("a master key of another length")
    return found


def _hex(versions: Versions) -> dict[str, str]:
    return {str(version): key.hex() for version, key in versions.items()}
