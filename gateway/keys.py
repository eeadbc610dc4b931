"""The master keys of a gateway's zones, by version: from them it makes the key of one card at a time.

The file is JSON, readable by its owner only:

    {"form": 1, "zones": {"north-hamgyong": {"1": "<32 hex digits>", "2": "<32 hex digits>"}}}

Two versions of a zone are valid at once: cards of the older one work on while they are issued anew, one by one. A third
version ends the oldest. A key is never shown: not by repr, not in an error text.
"""

import json
import os
import stat
from pathlib import Path

from checkpost import cardkeys
from checkpost.aes import KEY_SIZE
from gateway.errors import OperatorError

FORM = 1
VALID_VERSIONS = 2  # the newest, and the one before it while its cards are issued anew
LAST_VERSION = 255  # a card keeps the version in one byte; 0 is a card as delivered
FILE_NAME = "card-keys.json"
CREDENTIAL = "card-keys"  # name for systemd's LoadCredential=


class KeysUnreadable(OperatorError):
    """The key file is missing, open to others or not in its form: the text says which, and what to do."""


class KeyUnknown(Exception):
    """No valid master key for a zone and version: the gateway cannot prove such a card."""


class KeyStore:
    """Zone master keys in memory; made by `load`, changed by `rotate`."""

    def __init__(self, zones: dict[str, dict[int, bytes]] | None = None) -> None:
        """Take master keys of 16 bytes by zone and version; ValueError for others."""
        self._zones: dict[str, dict[int, bytes]] = {}
        for zone, versions in (zones or {}).items():
            for version, key in versions.items():
                if not zone or len(key) != KEY_SIZE or not 1 <= version <= LAST_VERSION:
                    raise ValueError(f"zone {zone!r}, version {version}: a master key has 16 bytes, a version 1 to 255")
            self._zones[zone] = {version: versions[version] for version in sorted(versions)[-VALID_VERSIONS:]}

    def __repr__(self) -> str:
        return f"KeyStore({ {zone: sorted(versions) for zone, versions in self._zones.items()} })"

    def zones(self) -> list[str]:
        """Return the zones that have keys."""
        return sorted(self._zones)

    def versions(self, zone: str) -> list[int]:
        """Return the valid versions of a zone's key, the oldest first; none for a zone without keys."""
        return sorted(self._zones.get(zone, {}))

    def card_key(self, zone: str, uid: bytes, version: int, number: int = cardkeys.LIVE) -> bytes:
        """Return one key of one card, 16 bytes. Raises KeyUnknown; ValueError for a UID or number of no such card."""
        if number not in cardkeys.OF_THE_ZONE:
            raise ValueError(f"key {number} is not the zone's")
        master = self._zones.get(zone, {}).get(version)
        if master is None:
            raise KeyUnknown(f"zone {zone!r} has no valid key of version {version}: it has {self.versions(zone)}")
        return cardkeys.card_key(master, uid, number, version)

    def rotate(self, zone: str, master: bytes) -> int:
        """Add a new master key to a zone and return its version; the oldest of three ends. ValueError after 255."""
        version = max(self.versions(zone), default=0) + 1
        merged = KeyStore({zone: {**self._zones.get(zone, {}), version: master}})
        self._zones[zone] = merged._zones[zone]
        return version


def load(data: Path, credentials: str | None = None) -> KeyStore:
    """Read a service's keys: its systemd credential (in $CREDENTIALS_DIRECTORY) if there is one, else a file of `data`.

    Raises KeysUnreadable.
    """
    if credentials and (Path(credentials) / CREDENTIAL).exists():
        # systemd guards the folder and gives the service its right by ACL, which shows as a group bit.
        return _read(Path(credentials) / CREDENTIAL, 0o007)
    return _read(data / FILE_NAME, 0o077)


def save(store: KeyStore, data: Path) -> None:
    """Write the key file of a data folder whole or not at all, mode 0600."""
    path = data / FILE_NAME
    zones = {zone: {str(one): key.hex() for one, key in versions.items()} for zone, versions in store._zones.items()}
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as target:
        json.dump({"form": FORM, "zones": zones}, target)
        target.flush()
        os.fsync(target.fileno())
    beside.replace(path)
    folder = os.open(data, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path, forbidden: int) -> KeyStore:
    """Read a key file whose mode has none of the forbidden bits."""
    try:
        with path.open("rb") as source:
            mode = stat.S_IMODE(os.fstat(source.fileno()).st_mode)
            if mode & forbidden:
                raise KeysUnreadable(f"{path} can be read by others (mode {mode:o}): chmod 600 it, and rotate its keys")
            raw = source.read()
    except OSError as error:
        raise KeysUnreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        return _parse(raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Without the cause: a parser's message may quote the file.
        raise KeysUnreadable(f"{path} is not a key file of form {FORM}: restore it from the centre") from None


def _parse(raw: bytes) -> KeyStore:
    held = json.loads(raw)
    if held["form"] != FORM:
        raise ValueError("another form")
    return KeyStore(
        {
            zone: {int(version): bytes.fromhex(key) for version, key in versions.items()}
            for zone, versions in held["zones"].items()
        }
    )
