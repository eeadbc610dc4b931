"""The panel's simple parts: buttons, buzzer, lights, battery."""

import pytest

import pins
from drivers.battery import Battery
from drivers.buttons import Button
from drivers.buzzer import Buzzer
from drivers.ledbar import LedBar
from virtualboard import wiring
from virtualboard.bench import Bench

BEEP = ((2000, 60), (0, 40), (3000, 100))


@pytest.fixture
def bench():
    return Bench()


def watch(bench, button, ms, step_ms=5):
    """Step a button for a time; return what it said, with when."""
    said = []
    for waited in range(0, ms, step_ms):
        word = button.step(bench.ticks_ms())
        if word:
            said.append((word, waited))
        bench.step_ms(step_ms)
    return said


def test_every_pin_is_where_the_board_has_it():
    ours = {name: value for name, value in vars(pins).items() if name.isupper()}
    assert ours == wiring.SIGNALS
    assert len(set(ours.values())) == len(ours)


def test_a_press_counts_at_the_first_edge_and_once(bench):
    button = Button(bench.pin(pins.BTN_ADMIT_N), bench)
    bench.circuit.buttons["admit"].press()
    assert watch(bench, button, 200, 1) == [("press", 0)]
    bench.circuit.buttons["admit"].release()
    assert watch(bench, button, 200, 1) == [("release", 0)]


def test_bounces_are_ignored(bench):
    contact = _Contact("1" + "01" * 10 + "0" * 30)
    button = Button(contact, bench)
    said = []
    while contact.move():
        said.append(button.step(bench.ticks_ms()))
        bench.step_ms(1)
    assert said == ["press"] + [None] * (len(said) - 1)


def test_a_short_press_has_its_release_after_the_bounce_time(bench):
    button = Button(bench.pin(pins.BTN_ADMIT_N), bench)
    bench.circuit.buttons["admit"].press()
    assert button.step(bench.ticks_ms()) == "press"
    bench.step_ms(3)
    bench.circuit.buttons["admit"].release()
    assert watch(bench, button, 100, 1) == [("release", pytest.approx(22, abs=1))]


def test_a_button_held_says_so_once_after_a_second(bench):
    button = Button(bench.pin(pins.BTN_REFER_N), bench)
    bench.circuit.buttons["refer"].press()
    assert watch(bench, button, 3000) == [("press", 0), ("hold", pytest.approx(1000, abs=5))]
    bench.circuit.buttons["refer"].release()
    assert watch(bench, button, 100) == [("release", 0)]


def test_a_button_that_is_down_at_power_on_says_nothing_until_it_was_up(bench):
    bench.circuit.buttons["direction"].press()
    bench.step_ms(10)
    button = Button(bench.pin(pins.BTN_DIR_N), bench)
    assert button.down()
    assert watch(bench, button, 3000) == []
    bench.circuit.buttons["direction"].release()
    assert watch(bench, button, 100) == []
    bench.circuit.buttons["direction"].press()
    assert watch(bench, button, 100) == [("press", 0)]


def test_a_press_over_the_wrap_of_the_ticks(bench):
    bench.clock.seconds = ((1 << 30) - 500) / 1000
    button = Button(bench.pin(pins.BTN_REFER_N), bench)
    bench.circuit.buttons["refer"].press()
    assert watch(bench, button, 2000) == [("press", 0), ("hold", pytest.approx(1000, abs=5))]


def test_a_pattern_is_played_in_its_time_and_ends_in_silence(bench):
    buzzer = Buzzer(bench.pwm(pins.BUZZER))
    buzzer.play(BEEP)
    heard = []
    while buzzer.playing():
        buzzer.step(bench.ticks_ms())
        heard.append(bench.circuit.sounder.tone_hz)
        bench.step_ms(1)
    assert [heard.count(2000), heard.count(0) - 1, heard.count(3000)] == pytest.approx([60, 40, 100], abs=1)
    assert bench.circuit.sounder.tone_hz == 0
    assert bench.circuit.sounder.started == 2


def test_a_new_pattern_replaces_the_old_and_an_empty_one_is_silence(bench):
    buzzer = Buzzer(bench.pwm(pins.BUZZER))
    buzzer.play(((500, 10000),))
    buzzer.step(bench.ticks_ms())
    buzzer.play(((700, 50),))
    buzzer.step(bench.ticks_ms())
    assert bench.circuit.sounder.tone_hz == 700
    buzzer.play(())
    assert bench.circuit.sounder.tone_hz == 0
    assert not buzzer.playing()


def test_a_wrap_of_the_ticks_leaves_no_tone_on(bench):
    bench.clock.seconds = ((1 << 30) - 20) / 1000
    buzzer = Buzzer(bench.pwm(pins.BUZZER))
    buzzer.play(((500, 100),))
    for _ in range(200):
        buzzer.step(bench.ticks_ms())
        bench.step_ms(1)
    assert bench.circuit.sounder.tone_hz == 0


def test_lights_are_dimmed_and_in_order(bench):
    bar = LedBar(bench.pin(pins.LED_DATA, 1, 0), bench.bitstream)
    bar.set(0, (255, 0, 0))
    bar.set(7, (10, 128, 255))
    assert bar.show()
    assert bench.circuit.leds.colours[0] == (64, 0, 0)
    assert bench.circuit.leds.colours[7] == (2, 32, 64)
    assert bench.circuit.leds.bad_timing == 0


def test_lights_are_sent_only_when_they_change(bench):
    bar = LedBar(bench.pin(pins.LED_DATA, 1, 0), bench.bitstream)
    assert bar.show()
    bar.set(3, (0, 0, 0))
    assert not bar.show()
    bar.set(3, (0, 255, 0))
    assert bar.show()
    with pytest.raises(ValueError, match="no such light"):
        bar.set(8, (1, 1, 1))


@pytest.mark.parametrize("millivolts", [0, 9000, 11800, 12600, 15000, 18300])
def test_the_battery_is_measured_within_one_count(bench, millivolts):
    bench.circuit.battery.millivolts = millivolts
    assert abs(Battery(bench.adc(pins.VBAT_SENSE)).millivolts() - millivolts) <= 10


class _Contact:
    """A pin that follows a script of levels, one a `move`; the button is made at the first."""

    def __init__(self, levels):
        self._levels = levels
        self._at = 0

    def move(self):
        """Go to the next level; return False at the end."""
        self._at += 1
        return self._at < len(self._levels)

    def value(self):
        """Return the level."""
        return int(self._levels[self._at])
