"""The card's driver against the card model, through the PN532's driver and model."""

from random import Random

import pytest

from checkpost.ntag_files import FREE, NEVER, FileSettings, as_read, settings
from checkpost.ntag_passes import FULL, MAC, PLAIN
from drivers.ntag424 import DATA_FILE, NDEF_FILE
from drivers.ntag424_plain import PlainNTAG424
from drivers.ntag424_status import (
    AUTHENTICATION_DELAY,
    AUTHENTICATION_ERROR,
    PERMISSION_DENIED,
    CardError,
    CardForged,
    CardGone,
    CardRefused,
    name_of,
)
from tests.support.card import EVERY_STATUS, UID, ZERO, CardRig, fresh_card
from virtualboard.bench import Card, Type2Card

KEY = bytes(range(16))
OTHER = bytes(range(16, 32))
TEXT = bytes(range(100))


@pytest.fixture
def rig():
    rig = CardRig()
    rig.driver.select()
    return rig


def keyed(number, key, version=1):
    """Return a rig whose card has one key changed."""
    rig = CardRig()
    rig.card.keys.slots[number].value = key
    rig.card.keys.slots[number].version = version
    rig.driver.select()
    return rig


def test_the_reader_reports_a_card_of_iso_14443_4(rig):
    assert rig.found == [(UID, 0x0344, 0x20)]


@pytest.mark.parametrize("number", range(5))
def test_each_key_of_a_delivered_card_authenticates(rig, number):
    rig.driver.authenticate(number, ZERO)
    assert rig.driver.uid() == UID


def test_an_authentication_is_two_apdus(rig):
    rig.log.clear()
    rig.driver.authenticate(1, ZERO)
    assert [apdu[1] for apdu, _ in rig.log] == [0x71, 0xAF]


def test_a_changed_key_authenticates_and_the_old_one_does_not():
    rig = keyed(1, KEY)
    rig.driver.authenticate(1, KEY)
    with pytest.raises(CardRefused, match="authentication error") as refused:
        rig.driver.authenticate(1, ZERO)
    assert refused.value.status == AUTHENTICATION_ERROR


def test_authentication_needs_the_application():
    rig = CardRig()
    with pytest.raises(CardRefused, match="no such key"):
        rig.driver.authenticate(0, ZERO)


def test_a_key_that_does_not_exist(rig):
    with pytest.raises(CardRefused, match="no such key"):
        rig.driver.authenticate(5, ZERO)


def test_the_next_authentication_stays_in_the_transaction(rig):
    rig.driver.authenticate(0, ZERO)
    rig.driver.uid()
    before = (rig.card.keys._state.ti, rig.card.keys._state.counter)
    rig.driver.authenticate_next(3, ZERO)
    assert (rig.card.keys._state.ti, rig.card.keys._state.counter) == before
    assert rig.card.keys.authenticated_with == 3
    assert rig.driver.uid() == UID


def test_the_next_authentication_needs_a_first(rig):
    with pytest.raises(ValueError, match="first"):
        rig.driver.authenticate_next(0, ZERO)


def test_a_next_authentication_with_a_wrong_key_ends_the_session(rig):
    rig.driver.authenticate(0, ZERO)
    with pytest.raises(CardRefused):
        rig.driver.authenticate_next(3, KEY)
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.uid()


def test_the_version(rig):
    plain = rig.driver.version()
    assert plain[0] == 0x04
    assert plain[1] == 0x04
    assert plain[14:21] == UID
    rig.driver.authenticate(0, ZERO)
    assert rig.driver.version() == plain
    assert rig.driver.uid() == UID


def test_the_uid_needs_a_session(rig):
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.uid()


def test_key_versions_with_and_without_a_session():
    rig = keyed(2, KEY, version=7)
    assert [rig.driver.key_version(number) for number in range(5)] == [0, 0, 7, 0, 0]
    rig.driver.authenticate(2, KEY)
    assert rig.driver.key_version(2) == 7
    with pytest.raises(CardRefused, match="no such key"):
        rig.driver.key_version(5)


def test_settings_as_delivered(rig):
    assert [rig.driver.file_settings(number) for number in (1, 2, 3)] == [
        bytes.fromhex("000000E0200000"), bytes.fromhex("0000E0EE000100"), bytes.fromhex("00033023800000"),
    ]  # fmt: skip
    rig.driver.authenticate(4, ZERO)
    given = FileSettings(rig.driver.file_settings(3))
    assert (given.mode, given.read, given.write, given.both, given.change) == (FULL, 2, 3, 3, 0)
    assert (given.size, given.mirrors) == (128, False)
    with pytest.raises(CardRefused, match="no such file"):
        rig.driver.file_settings(4)


def test_settings_that_are_none():
    for given in (b"", bytes(6), b"\x01" + bytes(6)):
        with pytest.raises(ValueError, match="standard file"):
            FileSettings(given)


@pytest.mark.parametrize("mode", [PLAIN, MAC, FULL], ids=["plain", "MAC", "full"])
def test_data_in_each_mode(rig, mode):
    rig.driver.authenticate(0, ZERO)
    rig.driver.change_file_settings(3, settings(mode, 1, 2, 2, 0))
    rig.driver.authenticate_next(2, ZERO)
    rig.driver.write(DATA_FILE, 5, TEXT, mode)
    assert rig.card.files.files[3].data[5:105] == TEXT
    rig.driver.authenticate_next(1, ZERO)
    assert rig.driver.read(DATA_FILE, 5, 100, mode) == TEXT
    assert rig.driver.read(DATA_FILE, 0, 128, mode) == bytes(5) + TEXT + bytes(23)
    on_the_air = b"".join(answer for _, answer in rig.log)
    assert (TEXT[:40] in on_the_air) == (mode != FULL)


def test_a_whole_file_of_256_bytes(rig):
    data = bytes(range(256))
    rig.driver.write(NDEF_FILE, 0, data, PLAIN)
    assert rig.driver.read(NDEF_FILE, 0, 256, PLAIN) == data
    assert rig.driver.read_ndef(256) == data
    assert rig.driver.read_ndef(10) == data[:10]


def test_each_piece_of_a_write_is_one_frame(rig):
    rig.driver.authenticate(3, ZERO)
    rig.log.clear()
    rig.driver.write(DATA_FILE, 0, bytes(128), FULL)
    assert [len(apdu) for apdu, _ in rig.log] == [117, 69]  # INF of a frame: 124


@pytest.mark.parametrize("mode", [PLAIN, MAC, FULL], ids=["plain", "MAC", "full"])
def test_every_length_at_any_place(rig, mode):
    chance = Random(mode)
    rig.driver.authenticate(0, ZERO)
    rig.driver.change_file_settings(3, settings(mode, 1, 2, 0, 0))
    for size in range(1, 129):
        offset, data = chance.randrange(129 - size), chance.randbytes(size)
        rig.driver.write(DATA_FILE, offset, data, mode)
        assert rig.driver.read(DATA_FILE, offset, size, mode) == data == rig.card.files.files[3].data[offset:][:size]


def test_a_file_that_a_key_may_not_read(rig):
    rig.driver.authenticate(0, ZERO)
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.read(DATA_FILE, 0, 4, FULL)


def test_a_file_closed_for_ever(rig):
    rig.driver.authenticate(0, ZERO)
    rig.driver.change_file_settings(3, settings(FULL, NEVER, NEVER, NEVER, NEVER))
    with pytest.raises(CardRefused, match="permission denied"):
        rig.driver.read(DATA_FILE, 0, 4, FULL)
    rig.driver.authenticate(0, ZERO)
    with pytest.raises(CardRefused, match="permission denied"):
        rig.driver.change_file_settings(3, settings(FULL, 0, 0, 0, 0))


def test_beyond_the_end_of_a_file(rig):
    with pytest.raises(CardRefused, match="beyond the end"):
        rig.driver.read(NDEF_FILE, 250, 10, PLAIN)
    with pytest.raises(CardRefused, match="beyond the end"):
        rig.driver.write(NDEF_FILE, 250, bytes(10), PLAIN)


def test_settings_read_back_as_they_were_given(rig):
    rig.driver.authenticate(0, ZERO)
    wanted = settings(MAC, FREE, 4, NEVER, 0)
    rig.driver.change_file_settings(2, wanted)
    assert rig.driver.file_settings(2) == as_read(wanted, 256)


def test_changing_keys(rig):
    rig.driver.authenticate(0, ZERO)
    rig.driver.change_key(3, KEY, 5, ZERO)
    rig.driver.change_key(3, OTHER, 6, KEY)
    rig.driver.change_key(0, KEY, 9, ZERO)
    assert [(slot.value, slot.version) for slot in (rig.card.keys.slots[3], rig.card.keys.slots[0])] == [
        (OTHER, 6), (KEY, 9),
    ]  # fmt: skip
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.uid()
    rig.driver.authenticate(0, KEY)
    rig.driver.authenticate_next(3, OTHER)


def test_a_key_change_with_a_wrong_old_key_changes_nothing(rig):
    rig.driver.authenticate(0, ZERO)
    with pytest.raises(CardRefused, match="integrity"):
        rig.driver.change_key(3, KEY, 5, OTHER)
    assert rig.card.keys.slots[3].value == ZERO


def test_a_key_change_needs_key_0(rig):
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.change_key(3, KEY, 5, ZERO)
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.change_key(0, KEY, 5, ZERO)
    rig.driver.authenticate(1, ZERO)
    with pytest.raises(CardRefused, match="authentication error"):
        rig.driver.change_key(0, KEY, 5, ZERO)


def test_the_signature_is_read_without_a_session():
    rig = CardRig(fresh_card(signature=bytes(range(56))))
    assert rig.driver.signature() == bytes(range(56))
    rig.driver.select()
    assert rig.driver.signature() == bytes(range(56))
    rig.driver.authenticate(0, ZERO)
    with pytest.raises(ValueError, match="without a session"):
        rig.driver.signature()


def test_failed_tries_are_answered_slowly_and_end_the_key():
    rig = keyed(1, KEY)
    checkpoint = PlainNTAG424(rig.exchange, Random(3).randbytes)
    seen = []
    for _ in range(60):
        with pytest.raises(CardRefused) as refused:
            checkpoint.authenticate(1, ZERO)
        seen.append(refused.value.status)
    # A checkpoint waits out eight delays; with the ninth they are more than it waits for at once.
    assert seen[:58] == [AUTHENTICATION_ERROR] * 58
    assert seen[58:] == [AUTHENTICATION_DELAY, AUTHENTICATION_ERROR]
    with pytest.raises(CardRefused, match="delayed"):
        checkpoint.authenticate(1, KEY)
    checkpoint.authenticate(1, KEY)
    assert rig.card.keys.slots[1].total_failures == 59 - 10
    rig.driver.authenticate(1, KEY)
    rig.card.keys.slots[1].total_failures = 1000
    with pytest.raises(CardRefused, match="permission denied") as refused:
        rig.driver.authenticate(1, KEY)
    assert refused.value.status == PERMISSION_DENIED
    rig.driver.authenticate(0, ZERO)
    rig.driver.change_key(1, OTHER, 1, KEY)
    rig.driver.authenticate(1, OTHER)


def test_a_desk_waits_out_the_longest_delay():
    rig = keyed(1, KEY)
    rig.card.keys.slots[1].failures_in_a_row = 255
    rig.driver.authenticate(1, KEY)
    assert rig.driver.uid() == UID
    assert rig.card.keys.slots[1].failures_in_a_row == 0


def test_a_card_that_only_copies_the_uid_gives_no_answer():
    rig = CardRig(Card(UID, atqa=0x0344, sak=0x20))
    with pytest.raises(CardGone, match="no answer"):
        rig.driver.select()


def test_a_card_of_another_kind_gives_no_answer():
    rig = CardRig(Type2Card(UID))
    with pytest.raises(CardGone):
        rig.driver.select()


def test_every_status_of_the_data_sheet_has_a_name_of_its_own_meaning():
    names = {status: name_of(status) for status in EVERY_STATUS}
    assert not [f"{status:04X}" for status, name in names.items() if "not in the data sheet" in name]
    assert len(set(names.values())) >= len(names) - 6  # some words of both classes say the same


WAYS = {
    "select": (1, lambda driver: driver.select()),
    "version": (3, lambda driver: driver.version()),
    "key version": (1, lambda driver: driver.key_version(1)),
    "settings": (1, lambda driver: driver.file_settings(2)),
    "signature": (1, lambda driver: driver.signature()),
    "message": (1, lambda driver: driver.read_ndef(10)),
    "first": (2, lambda driver: driver.authenticate(0, ZERO)),
    "next": (2, lambda driver: driver.authenticate_next(1, ZERO)),
    "uid": (1, lambda driver: driver.uid()),
    "read": (1, lambda driver: driver.read(NDEF_FILE, 0, 4, PLAIN)),
    "write": (1, lambda driver: driver.write(DATA_FILE, 0, b"x", FULL)),
    "settings changed": (1, lambda driver: driver.change_file_settings(3, settings(FULL, 0, 0, 0, 0))),
    "key changed": (1, lambda driver: driver.change_key(1, KEY, 1, ZERO)),
    "key 0 changed": (1, lambda driver: driver.change_key(0, KEY, 1, ZERO)),
}
WITHOUT_SESSION = ("select", "signature", "message", "first")


@pytest.mark.parametrize("name", WAYS)
def test_every_status_at_every_command_ends_it_by_a_name_and_forgets_the_session(name):
    apdus, command = WAYS[name]
    for number in range(1, apdus + 1):
        for status in (*EVERY_STATUS, 0x6C10, 0x1234):
            if status == AUTHENTICATION_DELAY and (name, number) in (("first", 1), ("next", 1)):
                continue  # asked again, as the card wants it: below
            rig = CardRig()
            rig.driver.select()
            if name not in WITHOUT_SESSION:
                rig.driver.authenticate(0, ZERO)
            rig.log.clear()
            rig.change = lambda at, _, number=number, status=status: status.to_bytes(2, "big") if at == number else _
            try:
                command(rig.driver)
            except CardRefused as refused:
                assert refused.status == status and str(refused) == "card: " + name_of(status)
            except CardForged:
                assert status in (0x9000, 0x9100, 0x9190, 0x91AF)  # the wanted word, and nothing behind it
            else:
                assert (name, status) in (("select", 0x9000), ("key 0 changed", 0x9100))
            assert rig.driver._session is None


@pytest.mark.parametrize(
    ("status", "name"),
    [(0x91EE, "memory error"), (0x6C10, "expected length wrong"), (0x1234, "status 1234, not in the data sheet")],
)
def test_every_status_has_a_name(status, name):
    assert name_of(status) == name


def test_errors_name_the_card_and_hold_no_key():
    rig = keyed(1, KEY)
    with pytest.raises(CardError) as caught:
        rig.driver.authenticate(1, OTHER)
    assert KEY.hex() not in repr(caught.value) + str(caught.value)
    assert str(caught.value) == "card: authentication error"


@pytest.mark.parametrize("answer", [b"", b"\x91"], ids=["nothing", "one byte"])
def test_an_answer_without_a_status_is_forged(rig, answer):
    rig.change = lambda number, _: answer
    with pytest.raises(CardForged, match="without a status"):
        rig.driver.authenticate(0, ZERO)
