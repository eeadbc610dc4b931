"""Issuing a permit card: a plan of steps that looks at the card first, so that it can be run again at any time.

Each step asks the card whether it is done and does it if not, by one command, which the card carries out whole or not
at all. A card that leaves in the middle is laid down again and the plan run from its beginning: the key versions, which
the card tells to everybody, say which key each slot has. Key 0 comes last, since everything else is done under it.
A key that a thousand wrong tries locked (DS Table 50) is given once more, which frees it; key 0 is locked for good.

A card after its issue: every key is its own (checkpost.cardkeys) and has the issue's version; the NDEF file carries the
SUN message, free to read, written with key 0 only; the data file is read with LIVE, encrypted; nothing is written but
with key 0; LIVE may read how often the message was read.
"""

from collections.abc import Callable
from typing import Protocol

from checkpost import cardkeys, sun, sun_form
from checkpost.aes import KEY_SIZE
from checkpost.ntag_files import FREE, as_read, mirror, settings
from checkpost.ntag_passes import FULL, MAC
from workbench.driver import card_errors

NDEF_FILE, DATA_FILE = 2, 3
NDEF_SIZE, DATA_SIZE = 256, 128
DELIVERED_VERSION, DELIVERED_KEY = 0, bytes(KEY_SIZE)
_CHIP_TYPE = (
    bytes.fromhex("0404"),
    bytes.fromhex("30001105"),
)  # vendor and type; version, size, protocol (DS Table 54)
_DOCUMENT_HEAD = b"CPC1"  # Checkpost card, form 1
_ZONE_SIZE = 24

NDEF_SETTINGS = settings(
    MAC, FREE, cardkeys.MASTER, cardkeys.MASTER, cardkeys.MASTER,
    mirror(
        cardkeys.SUN_META, cardkeys.SUN_MAC, cardkeys.LIVE,
        sun_form.META_OFFSET, sun_form.MAC_INPUT_OFFSET, sun_form.MAC_OFFSET,
    ),
)  # fmt: skip
DATA_SETTINGS = settings(FULL, cardkeys.LIVE, cardkeys.MASTER, cardkeys.MASTER, cardkeys.MASTER)


class NotThisCard(Exception):
    """The card cannot be issued as it is: the text says why and what to do."""


class KeyLocked(Exception):
    """A key of the card is locked, after too many tries with wrong keys."""

    def __init__(self, number: int) -> None:
        super().__init__(f"key {number} is locked")
        self.number = number


class CardDriver(Protocol):
    """What the plan asks of a card: drivers.ntag424.NTAG424."""

    def select(self) -> None: ...
    def authenticate(self, number: int, key: bytes) -> None: ...
    def authenticate_next(self, number: int, key: bytes) -> None: ...
    def version(self) -> bytes: ...
    def uid(self) -> bytes: ...
    def key_version(self, number: int) -> int: ...
    def signature(self) -> bytes: ...
    def file_settings(self, number: int) -> bytes: ...
    def change_file_settings(self, number: int, settings: bytes) -> None: ...
    def read_counter(self, number: int) -> int: ...
    def read(self, number: int, offset: int, size: int, mode: int) -> bytes: ...
    def write(self, number: int, offset: int, data: bytes, mode: int) -> None: ...
    def read_ndef(self, size: int) -> bytes: ...
    def change_key(self, number: int, new_key: bytes, version: int, old_key: bytes) -> None: ...


class CardKeys:
    """The five keys of one card at one version, as the centre gives them to a desk; it shows none of them."""

    def __init__(self, uid: bytes, version: int, keys: dict[int, bytes]) -> None:
        if set(keys) != set(cardkeys.NUMBERS) or not 1 <= version <= 255:
            raise ValueError("a card has keys 0 to 4 of a version 1 to 255")
        self.uid, self.version, self._keys = uid, version, keys

    def __getitem__(self, number: int) -> bytes:
        """Return one key."""
        return self._keys[number]

    def __repr__(self) -> str:
        return f"CardKeys({self.uid.hex().upper()}, version {self.version})"


def derive(uid: bytes, version: int, issuer_master: bytes, zone_master: bytes) -> CardKeys:
    """Return a card's keys from both masters: the centre's work, and a test's."""
    masters = {number: zone_master if number in cardkeys.OF_THE_ZONE else issuer_master for number in cardkeys.NUMBERS}
    keys = {number: cardkeys.card_key(master, uid, number, version) for number, master in masters.items()}
    return CardKeys(uid, version, keys)


def document(zone: str, issued_day: int, version: int) -> bytes:
    """Return what the data file holds, 32 bytes: form, key version, day of issue (since 1970), zone. No person."""
    name = zone.encode()
    if len(name) > _ZONE_SIZE or not 0 <= issued_day < 1 << 16:
        raise ValueError("a zone code has at most 24 bytes, a day two")
    return _DOCUMENT_HEAD + bytes([version, 0]) + issued_day.to_bytes(2, "little") + name.ljust(_ZONE_SIZE, b"\x00")


def identify(card: CardDriver, uid: bytes, is_original: Callable[[bytes, bytes], bool] | None) -> None:
    """Look at a chip before a key is tried on it; NotThisCard unless it is an NTAG 424 DNA, its maker's, with this UID.

    Raises the driver's errors. `is_original(uid, signature)`: None takes any maker's.
    """
    card.select()
    version = card.version()
    hardware = version[:7]
    if hardware[:2] != _CHIP_TYPE[0] or hardware[3:] != _CHIP_TYPE[1]:
        raise NotThisCard(f"the chip is no NTAG 424 DNA (it says {hardware.hex()}): take another card")
    if version[14:21] != uid:
        raise NotThisCard("the keys are for another card: ask for the keys of the card on the reader")
    if is_original and not is_original(uid, card.signature()):
        raise NotThisCard("the maker's signature does not fit the chip: put the card aside and report it")


class Receipt:
    """What the desk prints: the card, its key version, the steps that were needed, how often its message was read."""

    def __init__(self, uid: bytes, version: int, steps: list[str], counter: int) -> None:
        self.uid, self.version, self.steps, self.counter = uid, version, steps, counter

    def lines(self) -> list[str]:
        """Return the receipt as text."""
        done = ", ".join(self.steps) if self.steps else "nothing, it was complete"
        return [f"card {self.uid.hex().upper()}", f"key version {self.version}", f"done now: {done}",
                f"message read {self.counter} times"]  # fmt: skip


class Issue:
    """The plan for one card; `run` may be called again after the card left, and after it succeeded."""

    def __init__(
        self,
        card: CardDriver,
        keys: CardKeys,
        text: bytes,
        earlier: tuple[CardKeys, ...] = (),
        is_original: Callable[[bytes, bytes], bool] | None = None,
    ) -> None:
        """Take the card's driver, its new keys, its document, keys of earlier issues, and a check of its signature."""
        self._card, self._keys, self._text = card, keys, text
        self._sets = {issued.version: issued for issued in (*earlier, keys)}
        self._is_original = is_original
        self.done: list[str] = []

    def run(self) -> Receipt:
        """Bring the card to the end of its issue and prove it. Raises NotThisCard and the driver's errors."""
        self.done = []
        self._bring()
        for _ in cardkeys.NUMBERS[1:]:
            try:
                return self._prove()
            except KeyLocked as locked:
                self._free(locked.number)
        return self._prove()

    def _bring(self) -> None:
        """Do what is not done yet."""
        identify(self._card, self._keys.uid, self._is_original)
        versions = {cardkeys.MASTER: self._version(cardkeys.MASTER)}
        master = self._key(cardkeys.MASTER, versions[cardkeys.MASTER])
        self._authenticate(self._card.authenticate, cardkeys.MASTER, master)
        if self._card.uid() != self._keys.uid:
            raise NotThisCard("the keys are for another card: ask for the keys of the card on the reader")
        for number in cardkeys.NUMBERS[1:]:
            versions[number] = self._version(number)
        self._settle(NDEF_FILE, NDEF_SIZE, NDEF_SETTINGS)
        self._settle(DATA_FILE, DATA_SIZE, DATA_SETTINGS)
        self._fill(NDEF_FILE, sun.blank_message(), MAC)
        self._fill(DATA_FILE, self._text, FULL)
        for number in (*cardkeys.NUMBERS[1:], cardkeys.MASTER):
            self._give_key(number, versions[number])

    def _version(self, number: int) -> int:
        """Return the version of a key that the desk has: under a session the card vouches for it."""
        version = self._card.key_version(number)
        if version != DELIVERED_VERSION and version not in self._sets:
            raise NotThisCard(f"key {number} has version {version}, which was not given: ask for that version too")
        return version

    def _key(self, number: int, version: int) -> bytes:
        return DELIVERED_KEY if version == DELIVERED_VERSION else self._sets[version][number]

    def _settle(self, file: int, size: int, wanted: bytes) -> None:
        """Give a file its rights, mode and mirrors."""
        if self._card.file_settings(file) != as_read(wanted, size):
            self._card.change_file_settings(file, wanted)
            self.done.append(f"file {file} settings")

    def _fill(self, file: int, content: bytes, mode: int) -> None:
        """Write a file's content."""
        if self._card.read(file, 0, len(content), mode) != content:
            self._card.write(file, 0, content, mode)
            self.done.append(f"file {file} content")

    def _give_key(self, number: int, version: int) -> None:
        """Bring a key to the issue's version."""
        if version != self._keys.version:
            self._card.change_key(number, self._keys[number], self._keys.version, self._key(number, version))
            self.done.append(f"key {number}")

    def _free(self, number: int) -> None:
        """Give a locked key its own value again: a key that is given begins without failures."""
        self._card.select()
        self._authenticate(self._card.authenticate, cardkeys.MASTER, self._keys[cardkeys.MASTER])
        self._card.change_key(number, self._keys[number], self._keys.version, self._keys[number])
        self.done.append(f"key {number} unlocked")

    @staticmethod
    def _authenticate(authenticate: Callable[[int, bytes], None], number: int, key: bytes) -> None:
        """Have the card prove a key. Raises KeyLocked, NotThisCard and the driver's errors."""
        errors = card_errors()
        try:
            authenticate(number, key)
        except errors.CardRefused as refused:
            if refused.status != errors.PERMISSION_DENIED:
                raise
            if number == cardkeys.MASTER:
                raise NotThisCard("key 0 is locked after too many wrong tries, for good: replace the card") from refused
            raise KeyLocked(number) from refused

    def _prove(self) -> Receipt:
        """Read everything back as a new reader would, with each of the new keys."""
        keys = self._keys
        self._card.select()
        message = self._card.read_ndef(sun_form.MESSAGE_SIZE)
        counter = sun.read_message(message, keys.uid, keys[cardkeys.SUN_META], keys[cardkeys.SUN_MAC])
        if counter is None:
            raise NotThisCard("the card's message does not verify: issue it again, and put it aside if that stays so")
        self._authenticate(self._card.authenticate, cardkeys.LIVE, keys[cardkeys.LIVE])
        counted = self._card.read_counter(NDEF_FILE)
        written = self._card.read(DATA_FILE, 0, len(self._text), FULL)
        if self._card.uid() != keys.uid or written != self._text or counted != counter:
            raise NotThisCard("the card reads back otherwise than it was written: issue it again")
        for number in (cardkeys.SUN_MAC, cardkeys.SUN_META, cardkeys.SPARE, cardkeys.MASTER):
            self._authenticate(self._card.authenticate_next, number, keys[number])
        return Receipt(keys.uid, keys.version, self.done, counter)
