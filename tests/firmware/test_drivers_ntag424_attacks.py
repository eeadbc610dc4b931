"""Answers that are not the card's, and cards that leave: nothing false is taken, and the card works on."""

import pytest

from checkpost import cardkeys, sun, sun_form
from checkpost.ntag_files import FREE, mirror, settings
from checkpost.ntag_passes import FULL, MAC
from drivers.ntag424 import DATA_FILE, NDEF_FILE
from drivers.ntag424_status import CardError, CardForged, CardGone, CardRefused
from tests.support.card import UID, ZERO, CardRig, fresh_card
from virtualboard.chips.lookalikes import MifareClassic, SessionReplay, SunReplay, UidClone, chip_clone

ZONE_MASTER = bytes(range(16))
LIVE = cardkeys.card_key(ZONE_MASTER, UID, cardkeys.LIVE, 1)
SUN_MAC = cardkeys.card_key(ZONE_MASTER, UID, cardkeys.SUN_MAC, 1)
SUN_META = cardkeys.card_key(ZONE_MASTER, UID, cardkeys.SUN_META, 1)


def issued_card(seed=1):
    """Return a card as an issuing desk leaves it, set from inside."""
    card = fresh_card(seed=seed)
    for number, key in ((cardkeys.LIVE, LIVE), (cardkeys.SUN_MAC, SUN_MAC), (cardkeys.SUN_META, SUN_META)):
        card.keys.slots[number].value, card.keys.slots[number].version = key, 1
    files = card.files.files
    files[2].data[: sun_form.MESSAGE_SIZE] = sun.blank_message()
    layout = mirror(3, 2, cardkeys.LIVE, sun_form.META_OFFSET, sun_form.MAC_INPUT_OFFSET, sun_form.MAC_OFFSET)
    card.files._set(2, files[2], settings(MAC, FREE, 0, 0, 0, layout))
    card.files._set(3, files[3], settings(FULL, cardkeys.LIVE, cardkeys.LIVE, 0, 0))
    return card


def flow(driver):
    """Use most commands; return what was learnt."""
    driver.select()
    learnt = [driver.key_version(cardkeys.LIVE)]
    driver.authenticate(cardkeys.LIVE, LIVE)
    learnt += [driver.uid(), driver.key_version(2), driver.file_settings(3), driver.read_counter(NDEF_FILE)]
    driver.write(DATA_FILE, 0, b"a permit's data", FULL)
    learnt.append(driver.read(DATA_FILE, 0, 15, FULL))
    driver.authenticate_next(0, ZERO)
    driver.change_file_settings(3, settings(MAC, cardkeys.LIVE, cardkeys.LIVE, 0, 0))
    learnt.append(driver.read(DATA_FILE, 0, 15, MAC))
    driver.change_file_settings(3, settings(FULL, cardkeys.LIVE, cardkeys.LIVE, 0, 0))
    driver.change_key(4, ZONE_MASTER, 1, ZERO)
    driver.change_key(4, ZERO, 0, ZONE_MASTER)
    driver.change_key(0, ZERO, 0, ZERO)
    driver.authenticate(0, ZERO)
    return learnt


@pytest.fixture(scope="module")
def truth():
    """What the flow learns and how long each answer is."""
    rig = CardRig(issued_card())
    learnt = flow(rig.driver)
    return learnt, [len(answer) for _, answer in rig.log]


APDUS = 20


def test_the_flow_is_as_long_as_these_tests_think(truth):
    assert len(truth[1]) == APDUS
    assert truth[0][1] == UID
    assert truth[0][-2:] == [b"a permit's data"] * 2


@pytest.mark.parametrize("number", range(1, APDUS + 1))
def test_a_wrong_byte_anywhere_in_an_answer_is_noticed(truth, number):
    # Without a session nothing vouches for data: the key version, asked plainly, is believed and costs a failed try.
    believed = {(2, 0)}
    for at in range(truth[1][number - 1]):
        rig = CardRig(issued_card())

        def change(n, answer, at=at):
            return answer[:at] + bytes([answer[at] ^ 0x01]) + answer[at + 1 :] if n == number else answer

        rig.change = change
        try:
            learnt = flow(rig.driver)
        except CardError:
            continue
        assert (number, at) in believed, f"answer {number}, byte {at}"
        assert learnt[1:] == truth[0][1:]


@pytest.mark.parametrize("number", range(1, APDUS + 1))
def test_an_answer_cut_short_or_longer_is_noticed(truth, number):
    for change in (lambda a: a[:-1], lambda a: a[1:], lambda a: b"\x00" + a, lambda a: a[-2:]):
        rig = CardRig(issued_card())
        rig.change = lambda n, answer, change=change: change(answer) if n == number else answer
        if change(b"\x91\x00") == b"\x91\x00" and truth[1][number - 1] == 2:
            continue
        with pytest.raises(CardError):
            flow(rig.driver)


@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, APDUS + 1))
def test_a_card_that_leaves_at_any_moment_works_on(truth, number, heard):
    rig = CardRig(issued_card())
    rig.cut_at, rig.heard = number, heard
    with pytest.raises(CardGone, match="no answer"):
        flow(rig.driver)
    assert rig.driver._session is None
    rig.present()
    rig.driver.select()
    # A change of key 4 may have been the last thing that it heard.
    slot = rig.card.keys.slots[4]
    rig.driver.authenticate(0, ZERO)
    if slot.value != ZERO:
        rig.driver.change_key(4, ZERO, 0, slot.value)
    rig.driver.change_file_settings(3, settings(FULL, cardkeys.LIVE, cardkeys.LIVE, 0, 0))
    assert flow(rig.driver) == truth[0]


def test_a_recorded_session_is_refused():
    rig = CardRig(issued_card())
    rig.driver.select()
    rig.driver.authenticate(cardkeys.LIVE, LIVE)
    rig.driver.uid()
    rig.present(SessionReplay(UID, rig.log))
    rig.driver.select()
    with pytest.raises(CardForged, match="does not have key 1"):
        rig.driver.authenticate(cardkeys.LIVE, LIVE)


def test_an_answer_played_again_within_a_session_is_refused():
    rig = CardRig(issued_card())
    rig.driver.select()
    rig.driver.authenticate(cardkeys.LIVE, LIVE)
    rig.driver.uid()
    earlier = rig.log[-1][1]
    rig.change = lambda _, answer: earlier
    with pytest.raises(CardForged, match="not from this session"):
        rig.driver.uid()


def test_a_command_held_back_is_noticed():
    rig = CardRig(issued_card())
    rig.driver.select()
    rig.driver.authenticate(cardkeys.LIVE, LIVE)
    rig.change = lambda _, answer: b"\x91\x00"
    with pytest.raises(CardForged):
        rig.driver.write(DATA_FILE, 0, b"x", FULL)


def test_a_chip_with_a_copied_uid_does_not_have_the_key():
    from random import Random

    rig = CardRig(chip_clone(UID, Random(5).randbytes))
    assert rig.found == [(UID, 0x0344, 0x20)]
    rig.driver.select()
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.authenticate(cardkeys.LIVE, LIVE)


def test_a_programmable_card_with_a_copied_uid_knows_no_application():
    rig = CardRig(UidClone(UID))
    assert rig.found == [(UID, 0x0344, 0x20)]
    with pytest.raises(CardRefused, match="no such file or application"):
        rig.driver.select()


def test_a_classic_card_gives_no_answer():
    rig = CardRig(MifareClassic(UID[:4]))
    assert rig.found == [(UID[:4], 0x0004, 0x08)]
    with pytest.raises(CardGone):
        rig.driver.select()


def read_sun(rig):
    """Read the message as a board does; return its counter or None."""
    rig.driver.select()
    return sun.read_message(rig.driver.read_ndef(sun_form.MESSAGE_SIZE), UID, SUN_META, SUN_MAC)


def test_the_message_verifies_and_its_counter_rises():
    rig = CardRig(issued_card())
    assert [read_sun(rig) for _ in range(4)] == [1, 2, 3, 4]
    rig.present()
    assert read_sun(rig) == 5
    rig.driver.authenticate(cardkeys.LIVE, LIVE)
    assert rig.driver.read_counter(NDEF_FILE) == 5


def test_no_two_messages_are_alike():
    rig = CardRig(issued_card())
    seen = set()
    for _ in range(5):
        rig.driver.select()
        message = rig.driver.read_ndef(sun_form.MESSAGE_SIZE)
        seen |= {message[sun_form.META_OFFSET : sun_form.META_OFFSET + 32], message[sun_form.MAC_OFFSET :]}
    assert len(seen) == 10


def test_a_message_in_two_pieces_is_one_message():
    rig = CardRig(issued_card())
    rig.driver.select()
    whole = rig.driver.read_ndef(200)
    assert sun.read_message(whole, UID, SUN_META, SUN_MAC) == 1
    first = rig.driver.read_ndef(sun_form.MESSAGE_SIZE)
    assert first == whole[: sun_form.MESSAGE_SIZE]  # a row of reads is one reading (DS 9.3.1)


def test_a_recorded_message_verifies_but_its_counter_stands_still():
    rig = CardRig(issued_card())
    rig.driver.select()
    recorded = rig.driver.read_ndef(sun_form.MESSAGE_SIZE)
    assert read_sun(rig) == 2
    rig.present(SunReplay(UID, recorded))
    assert [read_sun(rig) for _ in range(2)] == [1, 1]


def test_a_message_on_another_card_does_not_verify():
    rig = CardRig(issued_card())
    rig.driver.select()
    recorded = rig.driver.read_ndef(sun_form.MESSAGE_SIZE)
    other = UID[:-1] + b"\x81"
    keys = [cardkeys.card_key(ZONE_MASTER, other, number, 1) for number in (cardkeys.SUN_META, cardkeys.SUN_MAC)]
    assert sun.read_message(recorded, other, *keys) is None


def test_a_session_reads_the_file_as_it_was_written():
    rig = CardRig(issued_card())
    rig.driver.select()
    rig.driver.authenticate(0, ZERO)
    assert rig.driver.read(NDEF_FILE, 0, sun_form.MESSAGE_SIZE, MAC) == sun.blank_message()
    assert read_sun(rig) == 1


def test_the_counter_is_not_for_everybody():
    rig = CardRig(issued_card())
    rig.driver.select()
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.read_counter(NDEF_FILE)
    with pytest.raises(CardRefused, match="permission denied"):
        rig.driver.read_counter(DATA_FILE)


def test_a_limit_ends_the_message():
    rig = CardRig(issued_card())
    rig.driver.select()
    rig.driver.authenticate(0, ZERO)
    layout = mirror(3, 2, 1, sun_form.META_OFFSET, sun_form.MAC_INPUT_OFFSET, sun_form.MAC_OFFSET, limit=2)
    rig.driver.change_file_settings(2, settings(MAC, FREE, 0, 0, 0, layout))
    assert [read_sun(rig), read_sun(rig)] == [1, 2]
    with pytest.raises(CardRefused, match="security status"):
        read_sun(rig)
