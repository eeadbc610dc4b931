"""The card reader's driver against the chip model, and against broken chips and wires."""

import pytest

from drivers.pn532_wire import Wire
from tests.support.reader import Rig
from tests.support.wires import ConstantSpi, Level
from virtualboard.bench import Card, Type2Card

UID = bytes.fromhex("04A1B2C3D4E5F6")
OTHER = bytes.fromhex("DEADBEEF")


class TalkingCard(Card):
    """An ISO 14443-4 card that echoes."""

    sak = 0x20
    ats = bytes.fromhex("067777710280")

    def exchange(self, command):
        """Return the command after 90 00."""
        return b"\x90\x00" + command, 0.001


@pytest.fixture
def rig():
    rig = Rig()
    rig.reader.begin()
    return rig


def test_begin_tells_the_chip_and_version():
    assert Rig().reader.begin() == (0x32, 1, 6)


def test_begin_takes_less_than_its_bound(rig):
    before = rig.bench.ticks_ms()
    rig.reader.begin()
    assert rig.bench.ticks_ms() - before < 600


def test_an_empty_field_is_an_empty_list_within_a_tenth_of_a_second(rig):
    found, waited = rig.poll()
    assert found == []
    assert waited < 100


def test_one_card(rig):
    rig.field.put(Card(UID))
    found, _ = rig.poll()
    assert found == [(UID, 0x0044, 0x00)]


@pytest.mark.parametrize("uid", [OTHER, UID, bytes(range(10, 20))], ids=["4 bytes", "7 bytes", "10 bytes"])
def test_each_length_of_identifier(rig, uid):
    rig.field.put(Card(uid))
    assert rig.poll()[0][0][0] == uid


def test_two_cards_at_once(rig):
    rig.field.put(TalkingCard(UID))
    rig.field.put(Card(OTHER))
    found, _ = rig.poll()
    assert [(uid, sak) for uid, _, sak in found] == [(UID, 0x20), (OTHER, 0x00)]


def test_a_card_that_comes_during_a_poll_is_found_at_once(rig):
    rig.reader.poll_targets(rig.bench.ticks_ms())
    rig.bench.step_ms(5)
    rig.field.put(Card(UID))
    found, waited = rig.poll()
    assert found
    assert waited < 40


def test_a_card_that_stays_is_seen_again_and_its_leaving_too(rig):
    rig.field.put(Card(UID))
    for _ in range(3):
        assert rig.poll()[0] == [(UID, 0x0044, 0x00)]
    rig.field.lift()
    assert rig.poll()[0] == []


def test_waiting_says_nothing_on_the_bus(rig):
    for _ in range(4):
        rig.reader.poll_targets(rig.bench.ticks_ms())
        rig.bench.step_ms(2)
    before = rig.spi.transfers
    for _ in range(500):
        assert rig.reader.poll_targets(rig.bench.ticks_ms()) is None
    assert rig.spi.transfers == before


def test_an_empty_poll_takes_five_transfers(rig):
    before = rig.spi.transfers
    rig.poll()
    assert rig.spi.transfers - before == 5  # command, status, acknowledgement, status, answer


def test_an_exchange_with_a_card(rig):
    rig.field.put(TalkingCard(UID))
    rig.poll()
    assert rig.reader.exchange(1, b"\x60") == b"\x90\x00\x60"


def test_the_longest_exchange(rig):
    rig.field.put(TalkingCard(UID))
    rig.poll()
    data = bytes(range(252))
    assert rig.reader.exchange(1, data) == b"\x90\x00" + data
    with pytest.raises(ValueError, match="252"):
        rig.reader.exchange(1, data + b"\x00")


def test_a_page_of_a_type_2_card(rig):
    rig.field.put(Type2Card(UID))
    rig.poll()
    assert rig.reader.exchange(1, b"\x30\x00")[:7] == UID


def test_a_card_pulled_away_gives_no_answer_and_no_fault(rig):
    rig.field.put(TalkingCard(UID))
    rig.poll()
    rig.field.lift()
    assert rig.reader.exchange(1, b"\x60") is None
    rig.poll_until([])


def test_release_and_search_again(rig):
    rig.field.put(TalkingCard(UID))
    rig.poll()
    rig.reader.release(0)
    assert rig.reader.exchange(1, b"\x60") is None
    rig.poll_until([(UID, 0x0044, 0x20)])


def test_an_exchange_in_the_middle_of_a_poll_aborts_the_poll(rig):
    rig.reader.poll_targets(rig.bench.ticks_ms())
    assert rig.reader.exchange(1, b"\x60") is None
    assert rig.poll()[0] == []


def test_a_frame_is_what_the_manual_prints():
    wire = Wire(ConstantSpi(0), Level(1))
    # UM 7.2.2: GetFirmwareVersion, with the data write byte before it
    assert wire._turn_all(wire.frame(0x02, b"")) == bytes.fromhex("01 0000FF 02FE D402 2A 00")
