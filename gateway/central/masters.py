"""The centre's master keys for cards, from which all keys of all cards are made: in a file of their own, mode 0600.

The issuer's makes the keys that change a card, and never leaves the centre. A zone's makes what proves its cards, and
goes to the gateways of the zone. Each has versions that count from 1; the newest two of a zone are valid at once, the
earlier ones are kept so that a card of theirs can be issued anew. JSON, keys in hex:

    {"form": 1, "issuer": {"1": ".."}, "zones": {"north-hamgyong": {"1": "..", "2": ".."}}}

Losing the file means issuing every card anew: it is part of the centre's backup, apart from the store's. The store
keeps a fingerprint of each key that was made, so that no key is made a second time, of another value: cards of the
first would be called forgeries. What was lost comes back with the file, or a zone is rotated to a version of its own.
"""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from checkpost.aes import KEY_SIZE
from gateway.central.store import Store
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

    def none_of(self, known: Mapping[str, str]) -> bool:
        """Return True if keys were made and none is here: the file was lost, and is not begun anew by the way."""
        return bool(known) and not self.issuer and not any(self.zones.values())


class MastersUnreadable(Exception):
    """The file is open to others, not in its form or not the one that belongs here; the text says what to do."""


class Known(Protocol):
    """Fingerprints of the keys that were ever made, by name: one for each store."""

    def all(self) -> dict[str, str]:
        """Return them."""

    def put(self, fingerprints: Mapping[str, str]) -> None:
        """Keep those of new keys; one that is there stays."""


class Fingerprints:
    """Those that a store keeps."""

    def __init__(self, store: Store):
        self._store = store

    def all(self) -> dict[str, str]:
        """Return them."""
        with self._store.read() as transaction:
            return transaction.masters.all()

    def put(self, fingerprints: Mapping[str, str]) -> None:
        """Keep those of new keys."""
        with self._store.write() as transaction:
            transaction.masters.put(fingerprints)


class Masters:
    """Master keys in a data folder; several processes may share it. `random(n)` gives n bytes of the system's.

    Every method raises MastersUnreadable.
    """

    def __init__(self, data: Path, random: Callable[[int], bytes], known: Known):
        self._path = data / FILE_NAME
        self._random = random
        self._known = known

    def issuer(self, version: int) -> bytes:
        """Return the issuer's master key of a version, made if it is new."""
        with self._held() as (held, known):
            if version not in held.issuer and (_name("", version) in known or held.none_of(known)):
                raise self._lost(f"the issuer's version {version}")
            return self._version(held.issuer, version)

    def zone(self, zone: str) -> Versions:
        """Return every master key of a zone by version, the first made if the zone is new."""
        with self._held() as (held, known):
            versions = held.zones.setdefault(zone, {})
            newest = _newest(zone, known)
            if (newest and newest not in versions) or (not versions and held.none_of(known)):
                raise self._lost(f"version {newest or 1} of zone {zone}")
            if not versions:
                self._version(versions, 1)
            return dict(sorted(versions.items()))

    def rotate(self, zone: str) -> int:
        """Make a zone's next master key and return its version; ValueError after the last."""
        with self._held() as (held, known):
            versions = held.zones.setdefault(zone, {})
            version = max(_newest(zone, known), *versions, 0) + 1
            if version > LAST_VERSION:
                raise ValueError(f"zone {zone} has used all {LAST_VERSION} versions")
            self._version(versions, version)
            return version

    def _version(self, versions: Versions, version: int) -> bytes:
        if version not in versions:
            versions[version] = self._random(KEY_SIZE)
        return versions[version]

    def _lost(self, which: str) -> MastersUnreadable:
        return MastersUnreadable(
            f"{self._path} does not have {which} any more: bring the file back from its backup. "
            "If there is none, rotate every zone; its cards are replaced then."
        )

    def _compare(self, held: Held, known: Mapping[str, str]) -> None:
        wrong = [name for name, value in _fingerprints(held).items() if known.get(name, value) != value]
        if wrong:
            raise MastersUnreadable(
                f"{self._path} has other keys than were made for this store ({', '.join(sorted(wrong))}): "
                "bring the right file back from its backup."
            )

    @contextmanager
    def _held(self) -> Iterator[tuple[Held, dict[str, str]]]:
        """Read the file, and write it whole if what was read changed, with no other process between.

        Yields also the fingerprints of all keys that were ever made.
        """
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            held, known = self._read(), self._known.all()
            before = held.text()
            self._compare(held, known)
            yield held, known
            if held.text() != before:
                write_secret(self._path, held.text().encode())
            made = {name: value for name, value in _fingerprints(held).items() if name not in known}
            if made:
                self._known.put(made)
                self._compare(held, self._known.all())  # another machine with a folder of its own may have been quicker
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


def _name(zone: str, version: int) -> str:
    """Return the name of a key's fingerprint; the issuer's has no zone."""
    return f"{zone}/{version}"


def _newest(zone: str, known: Mapping[str, str]) -> int:
    """Return the newest version of a zone that was ever made, 0 for none."""
    found = (name.rpartition("/") for name in known)
    return max((int(version) for of, _, version in found if of == zone), default=0)


def _fingerprints(held: Held) -> dict[str, str]:
    """Return what tells each key from another; of 128 random bits nothing is found by it."""
    keys = {_name("", version): key for version, key in held.issuer.items()}
    keys |= {_name(zone, version): key for zone, versions in held.zones.items() for version, key in versions.items()}
    return {name: hashlib.sha256(b"checkpost card master" + key).hexdigest()[:32] for name, key in keys.items()}


def _versions(given: dict[str, str]) -> Versions:
    found = {int(version): bytes.fromhex(key) for version, key in given.items()}
    if any(len(key) != KEY_SIZE for key in found.values()):
        raise ValueError("a master key of another length")
    return found


def _hex(versions: Versions) -> dict[str, str]:
    return {str(version): key.hex() for version, key in versions.items()}
