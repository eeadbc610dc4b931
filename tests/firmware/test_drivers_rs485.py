"""The RS-485 driver on the bench's line: what is sent leaves whole, then the line is let go."""

import pytest

import pins
from drivers.rs485 import RS485
from virtualboard.bench import Bench

BAUD = 115200


class Line:
    """The far end of the line."""

    def __init__(self, de=True, txbuf=256):
        self.bench = Bench()
        self.heard = bytearray()
        self.enable = self.bench.pin(pins.RS485_DE, 1, 0)
        self.uart = self.bench.uart(BAUD, txbuf=txbuf)
        self.bench.circuit.uart.to_line = self.heard.extend
        self.port = RS485(self.uart, self.bench, BAUD, self.enable if de else None)


@pytest.mark.parametrize("size", [1, 2, 31, 32, 33, 200, 256, 600])
def test_everything_leaves_before_the_line_is_let_go(size):
    line = Line()
    data = bytes(i & 0xFF for i in range(size))
    assert line.port.write(data) == size
    assert line.heard == data
    assert line.bench.circuit.uart.lost == 0
    assert line.enable.value() == 0


def test_a_frame_holds_the_line_for_its_bits_and_little_more():
    line = Line()
    before = line.bench.clock.seconds
    line.port.write(bytes(100))
    assert 100 * 10 / BAUD <= line.bench.clock.seconds - before < 104 * 10 / BAUD


def test_frames_that_follow_are_taken_while_the_first_leaves():
    line = Line(txbuf=1024)
    before = line.bench.clock.seconds
    assert line.port.write(bytes(100), more=True) == 100
    assert line.bench.clock.seconds - before < 20 * 10 / BAUD
    assert line.enable.value() == 1
    assert line.port.write(b"\1" * 50) == 50
    assert line.heard == bytes(100) + b"\1" * 50
    assert line.enable.value() == 0


def test_what_arrives_is_read_at_once_and_nothing_blocks():
    line = Line()
    assert line.port.read() == b""
    assert line.port.read_into(bytearray(10)) == 0
    line.bench.circuit.uart.line_in(b"from the gateway")
    line.bench.step_ms(5)
    buffer = bytearray(5)
    assert line.port.read_into(buffer) == 5
    assert buffer + line.port.read() == b"from the gateway"


def test_a_transmitter_that_never_ends_does_not_keep_the_line():
    line = Line()
    line.uart.txdone = lambda: False
    line.port.write(b"abc")
    assert line.enable.value() == 0


def test_a_uart_that_takes_nothing_does_not_keep_the_line():
    line = Line()
    line.uart.write = lambda data: None
    assert line.port.write(b"abc") == 0
    assert line.enable.value() == 0


def test_a_uart_that_fails_does_not_keep_the_line():
    line = Line()

    def fail(data):
        raise OSError(5)

    line.uart.write = fail
    with pytest.raises(OSError):
        line.port.write(b"abc")
    assert line.enable.value() == 0


def test_without_an_enable_pin_nothing_waits():
    line = Line(de=False, txbuf=64)
    before = line.bench.clock.seconds
    assert line.port.write(bytes(100)) == 64
    assert line.bench.clock.seconds == before
