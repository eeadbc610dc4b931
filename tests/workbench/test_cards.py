"""Issuing cards: a delivered card, one that left in the middle, one of an older version, and cards that are refused."""

from pathlib import Path
from random import Random

import pytest

from checkpost import cardkeys, sun, sun_form
from drivers.ntag424 import DATA_FILE
from drivers.ntag424_status import CardForged, CardGone, CardRefused
from tests.support.card import UID, ZERO, CardRig, fresh_card
from virtualboard.chips.lookalikes import UidClone, chip_clone
from workbench.cards import DATA_SETTINGS, NDEF_SETTINGS, CardKeys, Issue, NotThisCard, derive, document
from workbench.originality import is_original

ISSUER, ZONE = bytes(range(16)), bytes(range(16, 32))
DAY = 20_000
ALL_STEPS = [
    "file 2 settings", "file 3 settings", "file 2 content", "file 3 content",
    "key 1", "key 2", "key 3", "key 4", "key 0",
]  # fmt: skip


def keys_of(version=1, uid=UID):
    return derive(uid, version, ISSUER, ZONE)


def plan(rig, version=1, earlier=(), **more):
    return Issue(rig.driver, keys_of(version), document("north-hamgyong", DAY, version), earlier, **more)


def check_issued(rig, version=1):
    """Ask a card everything that an issue promised."""
    keys = keys_of(version)
    rig.present()
    driver = rig.driver
    driver.select()
    assert [driver.key_version(number) for number in cardkeys.NUMBERS] == [version] * 5
    message = driver.read_ndef(sun_form.MESSAGE_SIZE)
    assert sun.read_message(message, UID, keys[cardkeys.SUN_META], keys[cardkeys.SUN_MAC])
    for number in cardkeys.NUMBERS:
        driver.authenticate(number, keys[number])
    driver.authenticate(cardkeys.LIVE, keys[cardkeys.LIVE])
    assert driver.read(DATA_FILE, 0, 32, 3) == document("north-hamgyong", DAY, version)


def test_a_delivered_card():
    rig = CardRig()
    receipt = plan(rig).run()
    assert receipt.steps == ALL_STEPS
    assert receipt.lines() == [
        "card 04A1B2C3D4E580", "key version 1", "done now: " + ", ".join(ALL_STEPS), "message read 1 times",
    ]  # fmt: skip
    check_issued(rig)


def test_a_second_issue_finds_nothing_to_do():
    rig = CardRig()
    plan(rig).run()
    rig.present()
    receipt = plan(rig).run()
    assert receipt.steps == []
    assert "nothing, it was complete" in receipt.lines()[2]


def test_no_failed_try_is_spent_on_any_key():
    rig = CardRig()
    plan(rig).run()
    plan(rig).run()
    assert [slot.total_failures for slot in rig.card.keys.slots] == [0] * 5


def test_nothing_can_be_written_without_key_0():
    rig = CardRig()
    plan(rig).run()
    keys = keys_of()
    for number in (None, 1, 2, 3, 4):
        for file in (1, 2, 3):
            for try_it in (
                lambda file=file: rig.driver.write(file, 0, b"x", 1),
                lambda file=file: rig.driver.write(file, 0, b"x", 3),
                lambda file=file: rig.driver.change_file_settings(file, b"\x00\xee\xee"),
            ):
                rig.present()
                rig.driver.select()
                if number is not None:
                    rig.driver.authenticate(number, keys[number])
                with pytest.raises(CardRefused):
                    try_it()
    check_issued(rig)


def how_many_apdus():
    rig = CardRig()
    plan(rig).run()
    return len(rig.log)


APDUS = how_many_apdus()


@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, APDUS + 1))
def test_a_card_that_leaves_at_any_moment_is_finished_the_next_time(number, heard):
    rig = CardRig()
    rig.cut_at, rig.heard = number, heard
    with pytest.raises(CardGone):
        plan(rig).run()
    rig.present()
    plan(rig).run()
    check_issued(rig)


def test_a_card_that_leaves_at_every_step_in_turn_is_finished_in_the_end():
    rig = CardRig()
    for number in range(3, APDUS + 1):
        rig.present()
        rig.cut_at, rig.heard = number, bool(number % 2)
        try:
            plan(rig).run()
            break
        except CardGone:
            continue
    rig.present()
    plan(rig).run()
    check_issued(rig)


def test_a_card_is_brought_to_a_new_version():
    rig = CardRig()
    plan(rig).run()
    rig.present()
    receipt = plan(rig, version=2, earlier=(keys_of(1),)).run()
    assert receipt.steps == ["file 3 content", "key 1", "key 2", "key 3", "key 4", "key 0"]
    check_issued(rig, version=2)


def test_a_card_torn_between_two_versions_at_any_moment_is_finished():
    for heard in (False, True):
        number = 0
        while True:
            number += 1
            rig = CardRig()
            plan(rig).run()
            rig.present()
            rig.cut_at, rig.heard = number, heard
            try:
                plan(rig, version=2, earlier=(keys_of(1),)).run()
                break
            except CardGone:
                rig.present()
                plan(rig, version=2, earlier=(keys_of(1),)).run()
                check_issued(rig, version=2)
        assert number > APDUS - 10  # some things are done already


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_key_that_wrong_tries_locked_is_freed(number):
    rig = CardRig()
    plan(rig).run()
    rig.present()
    rig.card.keys.slots[number].total_failures = 1000
    receipt = plan(rig).run()
    assert receipt.steps == [f"key {number} unlocked"]
    check_issued(rig)


def test_all_keys_but_the_first_may_be_locked_and_the_card_torn_away_at_any_moment():
    number = 0
    while True:
        number += 1
        rig = CardRig()
        plan(rig).run()
        for slot in rig.card.keys.slots[1:]:
            slot.total_failures, slot.failures_in_a_row = 1000, 255
        rig.present()
        rig.cut_at, rig.heard = number, bool(number % 2)
        try:
            plan(rig).run()
            break
        except CardGone:
            rig.present()
            plan(rig).run()
            check_issued(rig)
    assert number > APDUS


def test_a_locked_key_0_is_the_end_of_a_card():
    rig = CardRig()
    plan(rig).run()
    rig.present()
    rig.card.keys.slots[0].total_failures = 1000
    with pytest.raises(NotThisCard, match="replace the card"):
        plan(rig).run()


def test_a_card_that_delays_tries_is_issued_after_the_wait():
    rig = CardRig()
    rig.card.keys.slots[0].failures_in_a_row = 255
    assert plan(rig).run().steps == ALL_STEPS
    check_issued(rig)


def test_a_version_that_was_not_given_is_asked_for():
    rig = CardRig()
    plan(rig).run()
    rig.present()
    with pytest.raises(NotThisCard, match="version 1, which was not given"):
        plan(rig, version=2).run()


def test_keys_of_another_card_are_refused_before_any_is_tried():
    rig = CardRig(fresh_card(uid=UID[:-1] + b"\x99"))
    with pytest.raises(NotThisCard, match="another card"):
        plan(rig).run()
    assert all(slot.value == ZERO for slot in rig.card.keys.slots)


def test_a_forged_signature_is_refused_before_any_key_is_tried():
    rig = CardRig()
    with pytest.raises(NotThisCard, match="signature"):
        plan(rig, is_original=is_original).run()
    assert all(slot.value == ZERO for slot in rig.card.keys.slots)


def test_a_clone_is_refused():
    rig = CardRig(UidClone(UID))
    with pytest.raises(CardRefused):
        plan(rig).run()
    rig.present(chip_clone(UID, Random(3).randbytes))
    with pytest.raises(CardRefused, match="authentication error"):
        plan(rig).run()


def test_another_chip_is_refused():
    rig = CardRig()
    rig.change = lambda number, answer: b"\x04\x08" + answer[2:] if number == 2 else answer
    with pytest.raises(NotThisCard, match="no NTAG 424 DNA"):
        plan(rig).run()


def test_a_tampered_answer_ends_the_issue_and_the_next_one_finishes_it():
    for number in range(1, APDUS + 1):
        rig = CardRig()
        rig.change = lambda n, answer, number=number: bytes([answer[0] ^ 1]) + answer[1:] if n == number else answer
        try:
            plan(rig).run()
        except (CardForged, CardRefused, NotThisCard):
            rig.change = None
            rig.present()
            plan(rig).run()
        rig.change = None
        check_issued(rig)


def test_keys_are_not_shown():
    keys = keys_of()
    assert repr(keys) == "CardKeys(04A1B2C3D4E580, version 1)"
    with pytest.raises(ValueError, match="keys 0 to 4"):
        CardKeys(UID, 1, {0: ZERO})
    with pytest.raises(ValueError, match="1 to 255"):
        CardKeys(UID, 0, dict.fromkeys(range(5), ZERO))


def test_the_settings_are_those_of_the_specification():
    text = (Path(__file__).resolve().parents[2] / "firmware" / "lib" / "checkpost" / "SPEC.md").read_text()
    for file, given in ((2, NDEF_SETTINGS), (3, DATA_SETTINGS)):
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {file}, ")]
        assert f"`{given.hex()}`" in row
    assert (
        f"PICCData at {sun_form.META_OFFSET}, MAC at {sun_form.MAC_OFFSET} over {sun_form.MAC_INPUT_OFFSET} to" in text
    )
    assert f"length {sun_form.MESSAGE_SIZE - 2}," in text


def test_the_document_names_no_person():
    made = document("north-hamgyong", DAY, 3)
    assert len(made) == 32
    assert made == b"CPC1\x03\x00" + DAY.to_bytes(2, "little") + b"north-hamgyong" + bytes(10)
    with pytest.raises(ValueError, match="24 bytes"):
        document("z" * 25, DAY, 1)
