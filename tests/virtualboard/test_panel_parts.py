"""Lights, sounder, buttons, battery and the line, at the circuit."""

import pytest

from virtualboard.bench import Pin
from virtualboard.chips.uart import TURNAROUND_S

TIMING = (400, 850, 800, 450)


def test_lights_take_green_first(bench):
    bench.bitstream(bench.pin(26, Pin.OUT), 0, TIMING, bytes([10, 20, 30]) + bytes(21))
    assert bench.circuit.leds.colours[0] == (20, 10, 30)
    assert bench.events == [("leds", {"leds": bench.circuit.leds.colours})]


def test_lights_ignore_a_wrong_timing(bench):
    bench.bitstream(bench.pin(26, Pin.OUT), 0, (800, 850, 400, 450), b"\xff" * 24)
    assert bench.circuit.leds.colours == [(0, 0, 0)] * 8
    assert bench.circuit.leds.bad_timing == 1


def test_the_sounder_tells_each_tone(bench):
    pwm = bench.pwm()
    pwm.freq(2000)
    pwm.duty_u16(32768)
    pwm.freq(800)
    pwm.duty_u16(0)
    assert [fields["hz"] for _, fields in bench.events] == [2000, 800, 0]


def test_a_button_bounces_and_settles(bench):
    pin = bench.pin(22, Pin.IN)
    edges = []
    pin.irq(lambda p: edges.append(p()), Pin.IRQ_FALLING | Pin.IRQ_RISING)
    bench.circuit.buttons["admit"].press()
    assert pin() == 0
    bench.step_ms(5)
    assert pin() == 0 and edges == [0, 1, 0]
    bench.circuit.buttons["admit"].release()
    bench.step_ms(5)
    assert pin() == 1


def test_the_battery_divider(bench):
    bench.circuit.battery.millivolts = 12000
    code = bench.adc().read_u16()
    assert code * 3300 // 65535 * 122 // 22 == pytest.approx(12000, rel=0.01)
    assert bench.adc(26).read_u16() == 0


class Line:
    def __init__(self, bench, baud=115200):
        self.uart, self.enable, self.bench = bench.uart(baud), bench.pin(2, Pin.OUT, 0), bench
        self.far = bytearray()
        bench.circuit.uart.to_line = self.far.extend


def test_bytes_take_their_time_on_the_line(bench):
    line = Line(bench)
    line.enable(1)
    assert line.uart.write(bytes(range(100))) == 100
    bench.step_ms(4)
    assert not line.uart.txdone() and len(line.far) < 60
    bench.step_ms(5)
    assert line.uart.txdone() and line.far == bytes(range(100))


def test_nothing_leaves_with_the_driver_off(bench):
    line = Line(bench)
    line.uart.write(b"silent")
    bench.step_ms(5)
    assert line.far == b"" and bench.circuit.uart.lost == 6


def test_letting_go_too_early_cuts_the_rest(bench):
    line = Line(bench)
    line.enable(1)
    line.uart.write(bytes(range(100)))
    bench.step_ms(4)
    line.enable(0)
    bench.step_ms(10)
    assert 40 <= len(line.far) <= 50 and line.far == bytes(range(len(line.far)))


def test_the_board_hears_nothing_while_it_drives(bench):
    line = Line(bench)
    line.enable(1)
    bench.step_ms(TURNAROUND_S * 1000 + 1)
    bench.circuit.uart.line_in(b"lost")
    bench.step_ms(5)
    assert line.uart.read() is None
    line.enable(0)
    bench.circuit.uart.line_in(b"heard")
    bench.step_ms(5)
    assert line.uart.read() == b"heard"


def test_an_answer_that_comes_at_once_survives_the_turn(bench):
    line = Line(bench)
    line.enable(1)
    line.uart.write(b"question")
    bench.step_ms(0.8)
    bench.circuit.uart.line_in(b"answer")
    bench.step_ms(1)
    line.enable(0)
    bench.step_ms(1)
    assert line.uart.read() == b"answer"


def test_a_ring_overflows(bench):
    line = Line(bench, 921600)
    bench.circuit.uart.line_in(bytes(300))
    bench.step_ms(10)
    assert line.uart.any() == 256 and line.uart.overruns == 44


def test_an_unplugged_line_is_silent_both_ways(bench):
    line = Line(bench)
    bench.circuit.uart.connected = False
    line.enable(1)
    line.uart.write(b"x")
    bench.step_ms(2)
    line.enable(0)
    bench.circuit.uart.line_in(b"y")
    bench.step_ms(2)
    assert line.far == b"" and line.uart.any() == 0


def test_an_unknown_part_is_named(bench):
    with pytest.raises(ValueError, match="there is no part 'gps'"):
        bench.circuit.break_part("gps")
