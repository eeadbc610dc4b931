"""The folder of cards: a card is the same at the next board, with its counters."""

from random import Random

import pytest

from checkpost import sun, sun_form
from drivers.ntag424 import NDEF_FILE
from drivers.ntag424_status import CardRefused
from tests.support.card import UID, CardRig, fresh_card
from virtualboard.chips.cards import Card
from virtualboard.chips.deck import Deck, pack, unpack
from workbench.cards import Issue, derive, document

KEYS = derive(UID, 1, bytes(16), bytes(range(16)))


def test_a_card_without_a_file_has_a_uid_only(tmp_path):
    card = Deck(tmp_path / "cards").take(UID)
    assert type(card) is Card
    assert card.uid == UID


def test_a_card_goes_from_board_to_board(tmp_path):
    deck = Deck(tmp_path, Random(3).randbytes)
    deck.keep(fresh_card())
    first = CardRig(deck.take(UID))
    Issue(first.driver, KEYS, document("zone", 1, 1)).run()
    with pytest.raises(CardRefused):
        first.driver.authenticate(1, bytes(16))
    first.rig.field.lift()
    second = CardRig(deck.take(UID))
    second.driver.select()
    message = second.driver.read_ndef(sun_form.MESSAGE_SIZE)
    assert sun.read_message(message, UID, KEYS[3], KEYS[2]) == 2
    second.driver.authenticate(1, KEYS[1])
    assert second.driver.read_counter(NDEF_FILE) == 2
    second.rig.field.lift()
    assert [path.name for path in tmp_path.iterdir()] == ["04A1B2C3D4E580.json"]
    assert deck.take(UID).files.files[2].mirror.counter == 2


def test_memory_comes_back_whole():
    card = fresh_card(signature=bytes(range(56)))
    card.keys.slots[2].failed()
    card.files._set(2, card.files.files[2], bytes.fromhex("4000E0E1F121200000430000430000050000"))
    card.files.files[2].mirror.counter = 5
    again = unpack(UID, pack(card), Random(1).randbytes)
    assert pack(again) == pack(card)
    assert again.files.files[2].mirror.limit == 5
    with pytest.raises(ValueError, match="form 1"):
        unpack(UID, {}, Random(1).randbytes)
