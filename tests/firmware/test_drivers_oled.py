"""The display's driver against the models of both controllers, and without a display."""

import random

import pytest

from drivers.errors import ChipError
from drivers.oled import OLED
from tests.support.wires import StuckI2c
from virtualboard.bench import Bench


class Rig:
    """A display on a bench."""

    def __init__(self, controller="sh1106"):
        self.bench = Bench(oled=controller)
        self.chip = self.bench.circuit.oled
        self.oled = OLED(self.bench.i2c(0), controller=controller)


@pytest.fixture(params=["sh1106", "ssd1306"])
def rig(request):
    rig = Rig(request.param)
    rig.oled.begin()
    return rig


def test_begin_switches_on_a_dark_picture(rig):
    assert rig.chip.on
    assert rig.chip.picture() == bytes(1024)
    assert rig.chip.unknown == []


def test_begin_wipes_what_the_memory_held():
    rig = Rig()
    rig.chip.ram = [bytearray(b"\xa5" * 132) for _ in range(8)]
    rig.oled.begin()
    assert rig.chip.picture() == bytes(1024)


def test_the_picture_is_the_buffer(rig):
    rng = random.Random(1)
    for _ in range(5):
        rig.oled.fb.line(*(rng.randrange(128) for _ in range(4)), 1)
        rig.oled.fb.fill_rect(rng.randrange(100), rng.randrange(50), 20, 9, rng.randrange(2))
        rig.oled.show()
        assert rig.chip.picture() == bytes(rig.oled.buffer)


def test_corners(rig):
    for x, y in ((0, 0), (127, 0), (0, 63), (127, 63)):
        rig.oled.fb.pixel(x, y, 1)
    rig.oled.show()
    picture = rig.chip.picture()
    assert (picture[0], picture[127], picture[896], picture[1023]) == (1, 1, 0x80, 0x80)
    assert sum(picture) == 2 + 0x100


def test_only_pages_that_changed_are_sent(rig):
    assert rig.oled.show() == 8
    assert rig.oled.show() == 0
    rig.oled.fb.pixel(5, 17, 1)
    rig.oled.fb.pixel(90, 40, 1)
    assert rig.oled.show() == 2
    assert rig.oled.show() == 0
    assert rig.chip.picture() == bytes(rig.oled.buffer)


def test_a_page_takes_three_milliseconds(rig):
    rig.oled.show()
    rig.oled.fb.fill_rect(0, 0, 128, 8, 1)
    before = rig.bench.clock.seconds
    rig.oled.show()
    assert rig.bench.clock.seconds - before < 0.0035


def test_contrast(rig):
    rig.oled.contrast(17)
    assert rig.chip.contrast == 17


def test_a_display_that_is_not_there_and_comes_back(rig):
    rig.oled.show()
    rig.oled.fb.fill_rect(10, 10, 30, 30, 1)
    rig.bench.circuit.break_part("oled")
    with pytest.raises(ChipError, match="oled: no answer"):
        rig.oled.show()
    with pytest.raises(ChipError, match="oled: no answer"):
        rig.oled.begin()
    rig.bench.circuit.mend_part("oled")
    rig.chip.power_cycle()
    rig.oled.begin()
    assert rig.oled.show() == 8
    assert rig.chip.picture() == bytes(rig.oled.buffer)


def test_what_was_not_sent_is_sent_later(rig):
    rig.oled.show()
    rig.oled.fb.pixel(0, 0, 1)
    rig.bench.circuit.break_part("oled")
    with pytest.raises(ChipError):
        rig.oled.show()
    rig.bench.circuit.mend_part("oled")
    assert rig.oled.show() == 1
    assert rig.chip.picture() == bytes(rig.oled.buffer)


def test_a_bus_held_down():
    with pytest.raises(ChipError, match="oled: no answer"):
        OLED(StuckI2c()).begin()


def test_an_unknown_controller_is_refused():
    with pytest.raises(ValueError, match="sh1106 or ssd1306"):
        OLED(StuckI2c(), controller="st7920")
