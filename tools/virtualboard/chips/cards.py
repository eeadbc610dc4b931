"""Cards in the reader's field (ISO/IEC 14443-3 type A): what an anticollision finds and what an exchange answers."""

from collections.abc import Callable

_ATQA = {4: 0x0004, 7: 0x0044, 10: 0x0084}  # bits 8-7 say the UID size (ISO/IEC 14443-3 6.5.2)
_SAK_UID_ONLY = 0x00
SAK_ISO14443_4 = 0x20


class Card:
    """A card that answers anticollision with its UID and has nothing else to say.

    Models of cards that talk set `sak` with SAK_ISO14443_4 and `ats`, and override `exchange` (one command in,
    the answer and its time out; None is silence) and `removed`.
    """

    sak = _SAK_UID_ONLY
    ats = b""

    def __init__(self, uid: bytes, atqa: int | None = None, sak: int | None = None) -> None:
        if len(uid) not in _ATQA:
            raise ValueError(f"a card UID has 4, 7 or 10 bytes, not {len(uid)}")
        self.uid = bytes(uid)
        self.atqa = _ATQA[len(uid)] if atqa is None else atqa
        if sak is not None:
            self.sak = sak

    def activated(self) -> None:
        """The reader selected this card: a model starts its session state here."""

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Return (answer, seconds it took), or None if the card stays silent."""
        return None

    def removed(self) -> None:
        """The card left the field, or the field went off: whatever lives in its RAM is gone."""


class Type2Card(Card):
    """A card with pages of 4 bytes and the READ command (NFC Forum Type 2): UID, lock bytes, user memory."""

    def __init__(self, uid: bytes, pages: int = 45) -> None:
        super().__init__(uid)
        self.memory = bytearray(pages * 4)
        self.memory[: len(self.uid)] = self.uid

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Answer READ (30h, page) with 16 bytes that wrap at the end."""
        if len(command) != 2 or command[0] != 0x30 or command[1] * 4 >= len(self.memory):
            return None
        twice = bytes(self.memory) * 2
        return twice[command[1] * 4 : command[1] * 4 + 16], 0.002


class Field:
    """The space before the antenna. `changed` is called when a card comes or goes."""

    LIMIT = 8  # more cards than this do not get power from a 27 mm antenna; the model refuses them

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.changed: Callable[[], None] | None = None

    def put(self, card: Card) -> None:
        """Bring a card into the field; an equal UID replaces the card that is there."""
        if len(self.cards) >= self.LIMIT:
            raise ValueError(f"{self.LIMIT} cards are in the field already")
        self.cards = [held for held in self.cards if held.uid != card.uid] + [card]
        self._tell()

    def lift(self, uid: bytes | None = None) -> None:
        """Take one card, or all cards, out of the field."""
        gone = [card for card in self.cards if uid is None or card.uid == uid]
        self.cards = [card for card in self.cards if card not in gone]
        for card in gone:
            card.removed()
        self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
