"""What a proof comes to, for the genuine card and for each look-alike."""

from random import Random

import pytest

from checkpost import cardkeys
from drivers import ntag424_status
from drivers.ntag424_plain import PlainNTAG424
from kiosk.proof import FALSE, GONE, LIVE, UNPROVEN, Proof
from tests.support.card import EVERY_STATUS, UID, ZERO, CardRig, fresh_card
from virtualboard.chips.cards import Card
from virtualboard.chips.lookalikes import MifareClassic, SessionReplay, SunReplay, UidClone, chip_clone

KEY = cardkeys.card_key(bytes(16), UID, cardkeys.LIVE, 1)
NEWER = cardkeys.card_key(bytes(16), UID, cardkeys.LIVE, 2)


def issued(version=1, key=KEY):
    card = fresh_card()
    card.keys.slots[cardkeys.LIVE].value, card.keys.slots[cardkeys.LIVE].version = key, version
    return card


class Desk:
    """A rig with a proof that lives on from card to card."""

    def __init__(self, card=None):
        self.rig = CardRig(card or issued())
        self.proof = Proof(ntag424_status)
        self.random = Random(4).randbytes
        self.steps = 0

    def prove(self, key=KEY, version=1):
        uid, _, sak = self.rig.found[0]
        self.proof.begin(PlainNTAG424(self.rig.exchange, self.random), uid, sak, key, version)
        for self.steps in range(1, 5):
            result = self.proof.step()
            if result is not None:
                return result
        raise AssertionError("a proof of more than four steps")


def test_the_genuine_card_is_live_in_two_steps():
    desk = Desk()
    assert desk.prove() == LIVE
    assert desk.steps == 2
    assert len(desk.rig.log) == 3
    assert desk.prove() == LIVE


def test_the_key_is_forgotten_with_the_result():
    desk = Desk()
    desk.prove()
    assert desk.proof._key is None
    assert desk.proof._card is None


@pytest.mark.parametrize(
    "card",
    [
        Card(UID),
        MifareClassic(UID[:4]),
        UidClone(UID),
        chip_clone(UID, Random(9).randbytes),
        SunReplay(UID, bytes(67)),
        fresh_card(UID[:-1] + b"\x77"),
    ],
    ids=["UID only", "classic", "programmable", "chip with a copied UID", "recorded message", "not issued"],
)
def test_a_look_alike_is_false_or_at_most_unproven(card):
    desk = Desk(card)
    wanted = UNPROVEN if card.uid[-1] == 0x77 else FALSE
    assert desk.prove() == wanted  # a card as delivered names version 0: it is not called false
    desk.rig.present(issued())
    assert desk.prove() == LIVE


def test_a_recorded_session_is_false():
    desk = Desk()
    desk.prove()
    desk.rig.present(SessionReplay(UID, desk.rig.log))
    assert desk.prove() in (FALSE, GONE)
    desk.rig.present(SessionReplay(UID, [*desk.rig.log, (b"", b"\x01\x91\x00")]))
    assert desk.prove() != LIVE


def test_a_card_of_a_newer_version_is_unproven_with_the_older_key():
    desk = Desk(issued(2, NEWER))
    assert desk.prove(KEY, 1) == UNPROVEN
    assert desk.steps == 3
    assert desk.prove(NEWER, 2) == LIVE


def test_a_wrong_key_of_the_card_s_version_is_false():
    assert Desk().prove(NEWER, 1) == FALSE


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_card_that_leaves_is_gone_and_may_come_again(number):
    desk = Desk()
    desk.rig.cut_at = number
    assert desk.prove() == GONE
    desk.rig.present()
    assert desk.prove() == LIVE


def test_a_card_that_lies_still_and_stays_silent_is_false():
    desk = Desk(Card(UID, atqa=0x0344, sak=0x20))
    for _ in range(3):  # a shaking hand is no reproach
        assert desk.prove() == GONE
        desk.rig.present()
    assert desk.prove() == FALSE


def test_silences_of_two_cards_do_not_add_up():
    desk = Desk(Card(UID, sak=0x20))
    assert desk.prove() == GONE
    desk.rig.present(Card(UID[:-1] + b"\x00", sak=0x20))
    assert desk.prove() == GONE
    desk.rig.present(issued())
    assert desk.prove() == LIVE
    desk.rig.cut_at = len(desk.rig.log) + 1
    assert desk.prove() == GONE


@pytest.mark.parametrize(("failures", "total"), [(90, 90), (0, 1000)], ids=["delayed", "locked"])
def test_a_delayed_or_locked_key_is_unproven(failures, total):
    card = issued()
    key = card.keys.slots[cardkeys.LIVE]
    key.failures_in_a_row, key.total_failures = failures, total
    assert Desk(card).prove() == UNPROVEN


def answering(status, number):
    """Return a desk whose card gives an error in the place of its `number`-th answer."""
    desk = Desk()
    desk.rig.change = lambda at, answer: status.to_bytes(2, "big") if at == number else answer
    return desk


@pytest.mark.parametrize("number", [1, 2, 3], ids=["select", "first pass", "second pass"])
def test_no_status_word_passes_for_a_proof(number):
    may_be_genuine = {ntag424_status.MEMORY_ERROR}
    if number > 1:
        may_be_genuine |= {ntag424_status.AUTHENTICATION_DELAY, ntag424_status.PERMISSION_DENIED}
    for status in (*EVERY_STATUS, 0x9190, 0x6C10, 0x91FF, 0x0000):
        if status == ntag424_status.ISO_OK and number == 1:
            continue  # so it was selected
        if status == ntag424_status.AUTHENTICATION_DELAY and number == 2:
            continue  # the driver asks again, as the card wants it: below
        desk = answering(status, number)
        assert desk.prove() == (UNPROVEN if status in may_be_genuine else FALSE), f"{status:04X}"
        desk.rig.change = None
        desk.rig.present()
        assert desk.prove() == LIVE


def test_a_memory_that_fails_when_the_version_is_asked_is_no_reproach():
    desk = answering(ntag424_status.MEMORY_ERROR, 4)
    assert desk.prove(NEWER, 1) == UNPROVEN


def test_a_card_as_delivered_has_no_live_key():
    desk = Desk(fresh_card())
    assert desk.prove(ZERO, 0) == LIVE  # so that no roster may ever hold the maker's key
    assert desk.prove() == UNPROVEN
