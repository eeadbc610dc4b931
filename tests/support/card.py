"""A card on a reader on a bench, with the card's driver; what passes between them can be watched, altered and cut."""

from random import Random

from drivers.ntag424 import NTAG424
from tests.support.reader import Rig
from virtualboard.chips.ntag424 import Ntag424

UID = bytes.fromhex("04A1B2C3D4E580")
ZERO = bytes(16)
# Every word that the data sheet has a card answer with (NT4H2421Gx rev. 3.0: Tables 23 and 24, and the commands' own).
EVERY_STATUS = (
    0x9100, 0x910B, 0x910C, 0x911C, 0x911E, 0x9140, 0x917E, 0x919D, 0x919E, 0x91AD, 0x91AE, 0x91AF, 0x91BE, 0x91CA,
    0x91EE, 0x91F0, 0x9000, 0x6581, 0x6700, 0x6982, 0x6985, 0x6A80, 0x6A82, 0x6A86, 0x6A87, 0x6C00, 0x6D00, 0x6E00,
)  # fmt: skip


def fresh_card(uid=UID, seed=1, signature=bytes(56)):
    """Return a card as delivered, whose random bytes are known."""
    return Ntag424(uid, Random(seed).randbytes, signature)


class CardRig:
    """A reader, its field with one card, and the driver; `change(n, answer)` alters the n-th answer, counted from 1.

    `cut_at` takes the card out of the field at that APDU: before it hears it, or (`heard`) after it did what it says.
    """

    def __init__(self, card=None, seed=2):
        self.rig = Rig()
        self.rig.reader.begin()
        self.card = fresh_card() if card is None else card
        self.change = None
        self.cut_at, self.heard = 0, False
        self.log = []
        self.driver = NTAG424(self.exchange, Random(seed).randbytes)
        self.present()

    def present(self, card=None):
        """Lay the card (or another one) on the reader and let the reader find it; start counting anew."""
        self.rig.field.lift()
        self.card = card or self.card
        self.rig.field.put(self.card)
        self.found = self.rig.poll()[0] or self.rig.poll()[0]
        while not self.found:
            self.found = self.rig.poll()[0]
        self.log = []
        self.cut_at = 0

    def exchange(self, apdu):
        """Send through the PN532's driver and model."""
        number = len(self.log) + 1
        if number == self.cut_at and not self.heard:
            self.rig.field.lift()
        answer = self.rig.reader.exchange(1, apdu)
        if number == self.cut_at and self.heard:
            self.rig.field.lift()
            answer = None
        if self.change is not None and answer is not None:
            answer = self.change(number, answer)
        self.log.append((apdu, answer))
        return answer
