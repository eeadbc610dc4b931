"""The card reader's driver against broken chips and wires: each fault is named, and begin() ends it."""

import pytest

from drivers import pn532 as driver
from drivers.errors import ChipError
from tests.support.reader import Rig
from tests.support.wires import ConstantSpi, Level
from virtualboard.bench import Card
from virtualboard.chips.pn532_commands import Outcome

UID = bytes.fromhex("04A1B2C3D4E5F6")


@pytest.fixture
def rig():
    rig = Rig()
    rig.reader.begin()
    return rig


def test_a_chip_that_is_not_there():
    rig = Rig(spi=ConstantSpi(0xFF), irq=Level(1))
    with pytest.raises(ChipError, match="pn532: not there"):
        rig.reader.begin()


def test_a_data_line_shorted_to_ground():
    rig = Rig(spi=ConstantSpi(0x00), irq=Level(1))
    with pytest.raises(ChipError, match="no acknowledgement"):
        rig.reader.begin()


def test_an_interrupt_line_that_never_moves():
    rig = Rig(irq=Level(1))
    with pytest.raises(ChipError, match="interrupt line"):
        rig.reader.begin()


def test_an_interrupt_line_stuck_low_is_survived_by_asking_for_the_status():
    rig = Rig(irq=Level(0))
    rig.reader.begin()
    rig.field.put(Card(UID))
    assert rig.poll()[0] == [(UID, 0x0044, 0x00)]


def test_another_chip_at_the_select():
    rig = Rig()
    rig.chip.commands._run = lambda code, data: (0.0, Outcome(code, b"\x33\x01\x06\x07"))
    with pytest.raises(ChipError, match="another part"):
        rig.reader.begin()


def test_a_chip_that_dies_is_named_after_two_polls_and_begin_brings_it_back(rig):
    rig.chip.fault = "dead"
    with pytest.raises(ChipError, match="pn532"):
        rig.poll()
    with pytest.raises(ChipError, match="pn532"):
        rig.reader.begin()
    rig.chip.fault = ""
    rig.reader.begin()
    rig.field.put(Card(UID))
    assert rig.poll()[0] == [(UID, 0x0044, 0x00)]


def test_one_poll_without_an_answer_is_aborted_and_made_up_for(rig):
    rig.chip.fault = "mute"
    for _ in range(5):
        rig.reader.poll_targets(rig.bench.ticks_ms())
        rig.bench.step_ms(2)
    rig.chip.fault = ""
    rig.chip._next_at = None
    rig.field.cards.append(Card(UID))  # without a word to the chip, whose search has hung
    found, waited = rig.poll()
    assert found == [(UID, 0x0044, 0x00)]
    assert driver._LIST_LIMIT_MS < waited + 20 < driver._LIST_LIMIT_MS + 100


def test_a_chip_that_never_answers_is_a_fault(rig):
    rig.chip.fault = "mute"
    with pytest.raises(ChipError, match="no answer in time"):
        rig.poll()


def test_a_damaged_answer_is_asked_for_again():
    def damage_once(number, data):
        if len(data) == 11 and damage_once.left:
            damage_once.left -= 1
            data[8] ^= 0x10

    rig = Rig(change=damage_once)
    damage_once.left = 0
    rig.reader.begin()
    damage_once.left = 1
    rig.field.put(Card(UID))
    assert rig.poll()[0] == [(UID, 0x0044, 0x00)]
    assert damage_once.left == 0


def test_answers_that_stay_damaged_are_a_fault(rig):
    rig.chip.fault = "garble"
    with pytest.raises(ChipError, match="damaged"):
        rig.poll()


def test_a_missing_acknowledgement_is_a_fault():
    def damage_acks(number, data):
        if len(data) == 7 and damage_acks.on:
            data[5] ^= 0xFF

    rig = Rig(change=damage_acks)
    damage_acks.on = False
    rig.reader.begin()
    damage_acks.on = True
    with pytest.raises(ChipError, match="acknowledgement"):
        rig.poll()


def test_a_chip_that_lost_its_power_forgets_its_settings_and_begin_restores_them(rig):
    rig.poll()
    rig.chip.power_cycle()
    with pytest.raises(ChipError, match="pn532"):
        rig.poll()
    rig.reader.begin()
    assert rig.poll()[0] == []


def test_a_clock_that_jumps_is_no_fault(rig):
    rig.field.put(Card(UID))
    answers = 0
    for jump in range(1, 200):
        now = (rig.bench.ticks_ms() + jump * 60000) % (1 << 30)
        answers += rig.reader.poll_targets(now) is not None
        rig.bench.step_ms(2)
    assert answers > 5


def test_ticks_may_wrap_in_the_middle_of_a_poll():
    rig = Rig()
    rig.bench.clock.seconds = ((1 << 30) - 60) / 1000
    rig.reader.begin()
    for _ in range(5):
        assert rig.poll()[0] == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\x02", b"\x01\x01\x00\x44\x00\x07\x04\xa1", b"\x02\x01\x00\x44\x00\x04\x01\x02\x03\x04\x02\x00"],
    ids=["nothing", "no cards", "cut identifier", "cut second card"],
)
def test_a_list_of_cards_cut_short_is_a_fault(rig, data):
    rig.chip.commands._found = lambda _: Outcome(0x4A, data)
    with pytest.raises(ChipError, match="cut short"):
        rig.poll()
