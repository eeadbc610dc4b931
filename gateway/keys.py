"""The master keys of a gateway's zones, by version: from them it makes the key of one card at a time.

Cards of other zones that may come to this gateway's points are guests: of each there is its own key, and no more.
The centre gives both; the file is JSON, readable by its owner only:

    {"form": 1, "zones": {"north-hamgyong": {"1": "<32 hex digits>", "2": "<32 hex digits>"}},
     "guests": {"04A1B2C3D4E580": {"version": 1, "key": "<32 hex digits>"}}}

Two versions of a zone are valid at once: cards of the older one work on while they are issued anew, one by one. A third
version ends the oldest. A key is never shown: not by repr, not in an error text.
"""

import hashlib
import json
from pathlib import Path

from checkpost import cardkeys
from checkpost.aes import KEY_SIZE
from gateway.contract.secrets import OTHERS, OTHERS_OF_A_CREDENTIAL, read_secret, write_secret
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

    def __init__(
        self,
        zones: dict[str, dict[int, bytes]] | None = None,
        guests: dict[str, tuple[int, bytes]] | None = None,
    ) -> None:
        """Take master keys of 16 bytes by zone and version, and (version, LIVE key) of guests by UID in upper-case hex.

        ValueError for others.
        """
        self._guests = dict(guests or {})
        for uid, (version, key) in self._guests.items():
            if len(key) != KEY_SIZE or not 1 <= version <= LAST_VERSION:
                raise ValueError(f"guest {uid}: a key has 16 bytes, a version 1 to 255")
        self._zones: dict[str, dict[int, bytes]] = {}
        for zone, versions in (zones or {}).items():
            for version, key in versions.items():
                if not zone or len(key) != KEY_SIZE or not 1 <= version <= LAST_VERSION:
                    raise ValueError(f"zone {zone!r}, version {version}: a master key has 16 bytes, a version 1 to 255")
            self._zones[zone] = {version: versions[version] for version in sorted(versions)[-VALID_VERSIONS:]}
        self._digest = ""  # made when it is asked for, and again after `rotate`

    def __repr__(self) -> str:
        return f"KeyStore({ {zone: sorted(versions) for zone, versions in self._zones.items()} })"

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, KeyStore) and self._content() == other._content())

    def __hash__(self) -> int:
        return hash(self.digest())

    def digest(self) -> str:
        """Return 8 hex digits that change with the keys: what was made from others is to be made anew."""
        if not self._digest:
            self._digest = hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()[:8]
        return self._digest

    def guests(self) -> int:
        """Return how many cards of other zones can be proven."""
        return len(self._guests)

    def live_key(self, zone: str, uid: bytes, version: int) -> bytes | None:
        """Return the key that proves a card, from its zone's master key or as a guest's; None without one."""
        master = self._zones.get(zone, {}).get(version)
        if master is not None and len(uid) == cardkeys.UID_SIZE:
            return cardkeys.card_key(master, uid, cardkeys.LIVE, version)
        given, key = self._guests.get(uid.hex().upper(), (0, b""))
        return key if given == version else None

    def sun_keys(self, zone: str, uid: bytes, version: int) -> tuple[bytes, bytes] | None:
        """Return the keys SUN_META and SUN_MAC of a card of a zone of ours, None for another."""
        master = self._zones.get(zone, {}).get(version)
        if master is None or len(uid) != cardkeys.UID_SIZE:
            return None
        meta, mac = (cardkeys.card_key(master, uid, at, version) for at in (cardkeys.SUN_META, cardkeys.SUN_MAC))
        return meta, mac

    def _content(self) -> dict[str, object]:
        """Return what the key file holds."""
        zones = {zone: {str(one): key.hex() for one, key in held.items()} for zone, held in self._zones.items()}
        guests = {uid: {"version": version, "key": key.hex()} for uid, (version, key) in self._guests.items()}
        return {"form": FORM, "zones": zones, "guests": guests}

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
        self._digest = ""
        return version


def open_keys(data: Path, credentials: str | None) -> KeyStore:
    """Return a service's keys, none before the centre gave any. Raises KeysUnreadable."""
    return load(data, credentials) if has_credential(credentials) or (data / FILE_NAME).exists() else KeyStore()


def has_credential(credentials: str | None) -> bool:
    """Return True if systemd gives the service its keys: then none are written to the data folder."""
    return bool(credentials) and (Path(credentials or "") / CREDENTIAL).exists()


def load(data: Path, credentials: str | None = None) -> KeyStore:
    """Read a service's keys: its systemd credential (in $CREDENTIALS_DIRECTORY) if there is one, else a file of `data`.

    Raises KeysUnreadable.
    """
    if credentials and has_credential(credentials):
        return _read(Path(credentials) / CREDENTIAL, OTHERS_OF_A_CREDENTIAL)
    return _read(data / FILE_NAME, OTHERS)


def save(store: KeyStore, data: Path) -> None:
    """Write the key file of a data folder whole or not at all, mode 0600."""
    write_secret(data / FILE_NAME, json.dumps(store._content()).encode())


def _read(path: Path, others: int) -> KeyStore:
    """Read a key file whose mode has none of the bits of `others`."""
    try:
        raw = read_secret(path, others)
    except OSError as error:
        raise KeysUnreadable(f"{path} cannot be read: {error.strerror}") from error
    if raw is None:
        raise KeysUnreadable(f"{path} can be read by others: chmod 600 it, and rotate its keys")
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
        },
        {uid: (one["version"], bytes.fromhex(one["key"])) for uid, one in held.get("guests", {}).items()},
    )
