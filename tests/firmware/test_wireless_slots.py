"""A board on the air names a card by its slot, as its roster has it."""

from checkpost.roster_pack import pack_removed, with_slot
from kiosk.wireless import SlotOf

UID = bytes.fromhex("04a1b2c3d4e5f6")


class Roster:
    def __init__(self, found):
        self.found = found

    def lookup(self, uid):
        return self.found if uid == UID else None


class Faults:
    def __init__(self):
        self.part = ""

    def attempt(self, part, otherwise, work, *arguments):
        self.part = part
        return work(*arguments)


def test_a_listed_card_has_its_slot_and_a_stranger_none():
    faults = Faults()
    slot_of = SlotOf(Roster(with_slot(pack_removed(UID), 0x1234)), faults)
    assert slot_of(UID) == 0x1234
    assert slot_of(bytes(7)) == 0
    assert faults.part == "roster", "a chip that fails is the roster's fault, and the card is told by UID"
