"""The other chips of a kiosk as models that cost next to nothing: what runs is the firmware and its drivers."""

import time

_PERIOD = 1 << 30  # of ticks on a 32-bit port


def uid(number):
    """Return the UID of card `number` of those on the roster."""
    return b"\x04" + (number * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") + b"ab"


class Ticks:
    """Time that moves when the bench says so, and while the firmware sleeps."""

    def __init__(self):
        self.ms = 1000
        self._us = 0

    def ticks_ms(self):
        """Return time.ticks_ms()."""
        return self.ms & (_PERIOD - 1)

    def ticks_add(self, ticks, delta):
        """Return ticks moved by `delta`."""
        return (ticks + delta) & (_PERIOD - 1)

    def ticks_diff(self, later, earlier):
        """Return the signed difference over the wrap."""
        return ((later - earlier + _PERIOD // 2) & (_PERIOD - 1)) - _PERIOD // 2

    def sleep_ms(self, ms):
        """Let time pass."""
        self.ms += ms

    def sleep_us(self, us):
        """Let time pass."""
        self._us += us
        while self._us >= 1000:
            self._us -= 1000
            self.ms += 1


class Pin:
    """A pin that keeps its level."""

    def __init__(self, level=1):
        self.level = level

    def value(self, level=None):
        """Return or set the level."""
        if level is None:
            return self.level
        self.level = level


class Reader:
    """A PN532 on SPI that has each answer ready at once; `card` answers APDUs for every UID in its field (or None)."""

    def __init__(self, meter, card):
        self._meter = meter
        self._card = card
        self._turned = bytes([int("".join(reversed(f"{n:08b}")), 2) for n in range(256)])
        self._ack = self._wire(b"\x00\x00\x00\xff\x00\xff\x00")
        self._answers = {
            0x02: self._frame(0x02, b"\x32\x01\x06\x07"),
            0x14: self._frame(0x14, b""),
            0x32: self._frame(0x32, b""),
        }
        self._empty = self._frame(0x4A, b"\x00")
        self._found = self._empty
        self._now = self._ack
        self._at = 0

    def put(self, uid):
        """Lay a card on the reader."""
        kind = b"\x20" if self._card else b"\x00"  # SEL_RES: does it speak APDUs
        self._found = self._frame(0x4A, b"\x01\x01\x00\x44" + kind + bytes([len(uid)]) + uid + b"\x01")  # shortest ATS

    def lift(self):
        """Take the card away."""
        self._found = self._empty

    def write(self, data):
        """Take a command."""
        if len(data) > 7:
            code = self._turned[data[7]]
            if code == 0x40:
                apdu = bytes([self._turned[byte] for byte in data[9 : 6 + self._turned[data[4]]]])
                self._now = self._frame(0x40, b"\x00" + self._card.answer(apdu))
            else:
                self._now = self._found if code == 0x4A else self._answers[code]

    def write_readinto(self, out, into):
        """Give the status, the acknowledgement or the head of the answer."""
        begun = time.ticks_us()
        size = len(into)
        if size == 2:
            into[1] = 0x80
        else:
            source = self._ack if size == 7 else self._now
            into[:] = source[:size]
            self._at = size
        self._meter.add(begun)

    def readinto(self, into):
        """Give the rest of the answer."""
        into[:] = self._now[self._at : self._at + len(into)]

    def _frame(self, code, data):
        body = bytes([0xD5, code + 1]) + data
        frame = b"\x00\x00\x00\xff" + bytes([len(body), -len(body) & 0xFF]) + body + bytes([-sum(body) & 0xFF, 0])
        return self._wire(frame + bytes(12))

    def _wire(self, data):
        return bytes([self._turned[byte] for byte in data])


class I2C:
    """Display and clock chip; `seconds()` gives the true UTC. Bytes sent are counted."""

    def __init__(self, seconds, meter):
        self._seconds = seconds
        self._meter = meter
        self.sent_bytes = 0

    def writeto(self, address, data):
        """Take a piece of the picture."""
        self.sent_bytes += 1 + len(data)

    def readfrom_mem_into(self, address, register, into):
        """Give the clock chip's registers; its oscillator never stopped."""
        begun = time.ticks_us()
        if register:
            into[0] = 0
        else:
            now = time.gmtime(self._seconds())
            fields = (now[5], now[4], now[3], now[6] + 1, now[2], now[1], now[0] % 100)
            for at in range(7):
                into[at] = fields[at] // 10 << 4 | fields[at] % 10
        self._meter.add(begun)

    def writeto_mem(self, address, register, data):
        """Take what is written: the time is right already."""


class Sounder:
    """The buzzer's PWM; `heard` is the last frequency that began to sound."""

    def __init__(self):
        self._hertz = 0
        self.heard = 0

    def freq(self, hertz):
        """Set the frequency."""
        self._hertz = hertz

    def duty_u16(self, duty):
        """Set the loudness."""
        if duty:
            self.heard = self._hertz


class Adc:
    """A battery of 12.5 V behind the divider."""

    def read_u16(self):
        """Return a conversion."""
        return 44763


class Line:
    """The UART, joined to the far end in the host by a socket; answers are there at once. `up` is the cable."""

    def __init__(self, fd, seconds):
        self._file = open(fd, "r+b") if fd >= 0 else None
        self._seconds = seconds
        self._head = bytearray(4)
        self._waiting = b""
        self.up = self._file is not None

    def write(self, data):
        """Send all and take the answer in."""
        if self.up:
            self._file.write(len(data).to_bytes(4, "little") + self._seconds().to_bytes(4, "little"))
            self._file.write(data)
            self._fill(self._head)
            answer = bytearray(int.from_bytes(self._head, "little"))
            self._fill(answer)
            self._waiting = self._waiting + answer if self._waiting else bytes(answer)
        return len(data)

    def txdone(self):
        """Return True: nothing waits."""
        return True

    def any(self):
        """Return how many bytes have arrived."""
        return len(self._waiting)

    def read(self, count):
        """Return what has arrived."""
        found, self._waiting = self._waiting, b""
        return found

    def _fill(self, buf):
        view = memoryview(buf)
        at = 0
        while at < len(buf):
            got = self._file.readinto(view[at:])
            if not got:
                raise OSError("the far end is gone")
            at += got
