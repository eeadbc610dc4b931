"""Memory and battery: what is short is a fault once, and what can be saved is saved."""

import pytest

from checkpost.record import FAULT
from kiosk.care import BATTERY_LOW_MV, BATTERY_QUARTERS_MV, BATTERY_WIRED_MV, Care
from kiosk.faults import BEGAN, ENDED, PARTS, Faults
from tests.support.kiosk import Kiosk

HEAP = 192_000
EVERY_MS = 10_000


class Memory:
    """A heap with garbage in it, that a collection frees."""

    def __init__(self):
        self.held = 100_000
        self.garbage = 0
        self.collected = 0

    def mem_free(self):
        """Return what is free now."""
        return HEAP - self.held - self.garbage

    def mem_alloc(self):
        """Return what is in use now."""
        return self.held + self.garbage

    def collect(self):
        """Free the garbage."""
        self.garbage = 0
        self.collected += 1


class Supply:
    """A battery that says what the test set."""

    def __init__(self):
        self.mv = 12_600

    def millivolts(self):
        """Return the supply voltage."""
        return self.mv


class Cared:
    """A Care over a heap and a battery; `pass_time` lets it look again."""

    def __init__(self):
        self.memory, self.supply, self.faults = Memory(), Supply(), Faults(())
        self.care = Care(None, self.supply, {}, self.memory, self.faults)
        self.now_ms = 0
        self.pass_time()

    def pass_time(self, times=1):
        """Let it look some times."""
        for _ in range(times):
            self.now_ms += EVERY_MS
            self.care.step(self.now_ms)

    def news(self):
        """Return (part, change) since the last call."""
        news = [(part, change) for part, change, _ in self.faults.news]
        self.faults.news.clear()
        return news


@pytest.fixture
def cared():
    return Cared()


def test_memory_that_is_short_after_a_collection_is_a_fault_once(cared):
    cared.memory.held = HEAP * 15 // 16
    cared.pass_time(50)
    assert cared.news() == [("memory", BEGAN)]
    assert cared.faults.cause("memory") == "12000 free"
    cared.memory.held = HEAP * 13 // 16  # better, not yet good
    cared.pass_time(5)
    assert cared.news() == []
    cared.memory.held = HEAP // 2
    cared.pass_time()
    assert cared.news() == [("memory", ENDED)]


def test_garbage_is_no_shortage(cared):
    for _ in range(10):
        cared.memory.garbage = HEAP - cared.memory.held - 1000
        cared.pass_time()
    assert cared.news() == []
    assert cared.memory.collected == 10


def test_a_heap_with_room_is_left_to_itself(cared):
    cared.pass_time(20)
    assert cared.memory.collected == 0


@pytest.mark.parametrize("mv", [0, 1000, BATTERY_WIRED_MV - 1])
def test_a_battery_that_is_not_wired_is_neither_shown_nor_low(cared, mv):
    cared.supply.mv = mv
    cared.pass_time(3)
    assert cared.care.battery_quarters() == -1
    assert cared.news() == []


def test_the_battery_is_shown_in_quarters(cared):
    shown = []
    for mv in (BATTERY_LOW_MV - 1, *BATTERY_QUARTERS_MV, 14_400):
        cared.supply.mv = mv
        cared.pass_time()
        shown.append(cared.care.battery_quarters())
    assert shown == [0, 1, 2, 3, 4, 4]
    assert cared.news() == [("battery", BEGAN), ("battery", ENDED)]


def test_a_low_battery_is_on_the_screen_in_the_log_and_darkens_the_lights():
    kiosk = Kiosk().run(300)
    kiosk.tap()
    bright = max(max(colour) for colour in kiosk.bench.circuit.leds.colours)
    assert kiosk.app.view.battery == 4
    kiosk.run(25_000)
    kiosk.bench.circuit.battery.millivolts = BATTERY_LOW_MV - 100
    kiosk.run(11_000)
    assert kiosk.app.view.battery == 0
    assert kiosk.app.view.fault == "battery"
    (record,) = [record for record in kiosk.records() if record.kind == FAULT]
    assert record.body[0] == PARTS.index("battery")
    assert abs(int(record.body[2:].split(b" ")[0]) - BATTERY_LOW_MV + 100) < 200
    kiosk.tap()
    dark = max(max(colour) for colour in kiosk.bench.circuit.leds.colours)
    assert kiosk.lights() == [0, 1, 2]
    assert dark < bright / 2
    kiosk.bench.circuit.battery.millivolts = 12_600
    kiosk.run(31_000).tap()
    assert max(max(colour) for colour in kiosk.bench.circuit.leds.colours) == bright
