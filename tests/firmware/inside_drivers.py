"""The drivers inside MicroPython: they load, work, and the waiting costs no memory. Run by test_drivers_inside.py."""

import gc

import framebuf

from drivers.battery import Battery
from drivers.buttons import Button
from drivers.buzzer import Buzzer
from drivers.ds3231 import DS3231
from drivers.errors import ChipError
from drivers.ledbar import LedBar
from drivers.oled import OLED
from drivers.pn532 import PN532
from drivers.rs485 import RS485
from drivers.w25q import W25Q


class Pin:
    """A pin that keeps its level."""

    def __init__(self, level=1):
        self.level = level

    def value(self, level=None):
        """Return or set the level."""
        if level is not None:
            self.level = level
        return self.level


class Ticks:
    """Time that moves with every look."""

    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        """Return the time and move it."""
        self.now += 1
        return self.now

    def ticks_add(self, ticks, delta):
        """Return a later time."""
        return ticks + delta

    def ticks_diff(self, end, start):
        """Return a difference."""
        return end - start

    def sleep_ms(self, ms):
        """Move the time."""
        self.now += ms

    def sleep_us(self, us):
        """Take no time."""


class ReaderSpi:
    """Plays a PN532 from prepared frames, without allocating: what it answers is set by `answer`."""

    def __init__(self):
        self._turned = bytes([int("".join(reversed(f"{n:08b}")), 2) for n in range(256)])
        self._ack = self._wire(b"\x00\x00\x00\xff\x00\xff\x00")
        self._answer = self._ack
        self.by_code = {}
        self.sent = 0

    def prepare(self, code, data):
        """Set the answer to a command."""
        body = bytes([0xD5, code + 1]) + data
        frame = b"\x00\x00\x00\xff" + bytes([len(body), -len(body) & 0xFF]) + body + bytes([-sum(body) & 0xFF, 0])
        self.by_code[code] = self._wire(frame + bytes(12))

    def write(self, data):
        """Take a command."""
        self.sent += 1
        if len(data) > 7:
            self._answer = self.by_code[self._turned[data[7]]]

    def write_readinto(self, data, into):
        """Answer status, acknowledgement or the head of an answer."""
        self._at = len(into)
        if len(into) == 2:
            into[1] = 0x80
            return
        source = self._ack if len(into) == 7 else self._answer
        for i in range(len(into)):
            into[i] = source[i]

    def readinto(self, into):
        """Answer the rest."""
        for i in range(len(into)):
            into[i] = self._answer[self._at + i]

    def _wire(self, data):
        return bytes([self._turned[byte] for byte in data])


def make_reader(irq):
    spi = ReaderSpi()
    spi.prepare(0x02, b"\x32\x01\x06\x07")
    spi.prepare(0x14, b"")
    spi.prepare(0x32, b"")
    spi.prepare(0x4A, b"\x00")
    return PN532(spi, Pin(), irq, Pin(), Ticks()), spi


def used(call, times):
    gc.collect()
    before = gc.mem_alloc()
    for i in range(times):
        call(i)
    return gc.mem_alloc() - before


def test_a_chip_error_names_chip_and_fault():
    error = ChipError("pn532", "silent")
    assert (error.chip, error.what, str(error)) == ("pn532", "silent", "pn532: silent")
    assert isinstance(error, Exception)


def test_the_reader_finds_two_cards():
    reader, spi = make_reader(Pin(0))
    assert reader.begin() == (0x32, 1, 6)
    spi.prepare(0x4A, b"\x02\x01\x00\x44\x00\x07\x04\xa1\xb2\xc3\xd4\xe5\xf6\x02\x00\x04\x08\x04\xde\xad\xbe\xef")
    found = None
    for now_ms in range(20):
        found = found or reader.poll_targets(now_ms)
    assert found == [(b"\x04\xa1\xb2\xc3\xd4\xe5\xf6", 0x44, 0), (b"\xde\xad\xbe\xef", 4, 8)]


def test_waiting_for_the_reader_takes_no_memory_and_no_bus():
    irq = Pin(0)
    reader, spi = make_reader(irq)
    reader.begin()
    irq.level = 1
    reader.poll_targets(0)
    sent = spi.sent
    assert used(lambda i: reader.poll_targets(5), 1000) == 0
    assert spi.sent == sent


def test_an_empty_poll_takes_no_memory():
    reader, spi = make_reader(Pin(0))
    reader.begin()
    sent = spi.sent
    assert used(reader.poll_targets, 3000) == 0
    assert spi.sent - sent == 1000


def test_the_display_takes_text_and_sends_pages():
    class Bus:
        def __init__(self):
            self.pages = 0

        def writeto(self, address, data):
            self.pages += len(data) == 129

    bus = Bus()
    oled = OLED(bus)
    oled.begin()
    oled.show()
    oled.fb.text("ADMIT", 0, 0, 1)
    assert isinstance(oled.fb, framebuf.FrameBuffer)
    assert any(oled.buffer[:40])
    bus.pages = 0
    assert oled.show() == 1
    assert bus.pages == 1
    assert used(lambda i: oled.show(), 100) == 0


def test_the_flash_reads_without_taking_memory():
    class Spi:
        def write(self, data):
            pass

        def readinto(self, buf):
            buf[0] = 1

        def write_readinto(self, out, into):
            for i in range(1, len(into)):
                into[i] = b"\x00\xef\x40\x17"[i] if len(into) == 4 else 2

    flash = W25Q(Spi(), Pin(), Ticks(), lambda us: None)
    assert flash.identify() == (0xEF, 0x40, 0x17)
    page = bytearray(32)
    assert used(lambda i: flash.read_into(256, page), 100) == 0
    flash.program(0, b"record")
    flash.erase_start(4096)
    assert not flash.busy()


def test_the_clock_counts_seconds_past_31_bits():
    class Bus:
        def __init__(self):
            self.data = bytearray(19)

        def readfrom_mem_into(self, address, register, into):
            into[:] = self.data[register : register + len(into)]

        def writeto_mem(self, address, register, data):
            self.data[register : register + len(data)] = data

    clock = DS3231(Bus())
    for unix in (946684800, 1795212000, 2147483648, 4102444799):
        clock.write(unix)
        assert clock.read() == unix
    assert not clock.stopped()


def test_the_panel_parts():
    class Pwm:
        def freq(self, hertz):
            self.hertz = hertz

        def duty_u16(self, duty):
            self.duty = duty

    class Adc:
        def read_u16(self):
            return 45000

    ticks = Ticks()
    pin = Pin(1)
    button = Button(pin, ticks)
    pin.level = 0
    assert [button.step(now) for now in (0, 5, 30, 1100, 1200)] == ["press", None, None, "hold", None]
    buzzer = Buzzer(Pwm())
    buzzer.play(((440, 10),))
    buzzer.step(0)
    assert buzzer.playing()
    buzzer.step(10)
    assert not buzzer.playing()
    assert Battery(Adc()).millivolts() == 45000 * 18300 // 65535
    shown = []
    bar = LedBar(pin, lambda *given: shown.append(bytes(given[3])), n=2)
    bar.set(1, (255, 0, 0))
    bar.show()
    assert shown == [b"\x00\x00\x00\x00\x40\x00"]


def test_the_line():
    class Uart:
        def write(self, data):
            return len(data)

        def txdone(self):
            return True

        def any(self):
            return 3

        def read(self, count):
            return b"abc"[:count]

    enable = Pin(0)
    line = RS485(Uart(), Ticks(), 921600, enable)
    assert line.write(b"frame") == 5
    assert enable.level == 0
    assert line.read() == b"abc"
