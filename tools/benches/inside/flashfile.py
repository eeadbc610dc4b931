"""A W25Q64 on SPI whose cells are a file, so that the heap holds the firmware and not the flash.

Programming only clears bits; erases end at once unless `erase_looks` is set. Operations are counted, and the time that
this model itself takes is kept apart in `meter`, so that it can be taken off the firmware's.
"""

import time

SECTOR = 4096
PAGE = 256

_WREN, _STATUS_1, _STATUS_2, _READ, _PROGRAM, _ERASE, _JEDEC = 0x06, 0x05, 0x35, 0x03, 0x02, 0x20, 0x9F
_BUSY, _WEL = 1, 2
_BLANK = b"\xff" * PAGE


_LONGEST_US = 60  # of one call of a model: what is longer was another process's turn, and is not to be taken off


class Meter:
    """Microseconds that models took."""

    def __init__(self):
        self.us = 0

    def add(self, begun):
        """Count the time since `begun` (ticks_us)."""
        self.us += min(time.ticks_diff(time.ticks_us(), begun), _LONGEST_US)


class Select:
    """The chip's select pin: its rise ends an instruction."""

    def __init__(self, chip):
        self._chip = chip

    def value(self, level=None):
        """Set the level."""
        if level:
            self._chip.op = 0


class FlashFile:
    """The bus with this chip on it: write, readinto and write_readinto as machine.SPI."""

    def __init__(self, path, meter):
        self._file = open(path, "r+b")
        self._meter = meter
        self._page = bytearray(PAGE)
        self._at = 0
        self._wel = 0
        self._looks = 0
        self.op = 0
        self.erase_looks = 0  # how many looks at the status find an erase still going on
        self.reads = self.programs = self.erases = self.read_bytes = 0

    def counts(self):
        """Return (programs, erases, reads) so far."""
        return self.programs, self.erases, self.reads

    def write(self, data):
        """An instruction with its address, or the data of a program."""
        begun = time.ticks_us()
        if self.op == _PROGRAM:
            self._program(data)
        else:
            self.op = data[0]
            if len(data) == 4:
                self._at = data[1] << 16 | data[2] << 8 | data[3]
            if self.op == _WREN:
                self._wel = _WEL
            elif self.op == _ERASE:
                self._erase()
        self._meter.add(begun)

    def readinto(self, buf):
        """Cells from the address on."""
        begun = time.ticks_us()
        self.reads += 1
        self.read_bytes += len(buf)
        self._file.seek(self._at)
        self._file.readinto(buf)
        self._meter.add(begun)

    def write_readinto(self, out, into):
        """Status or identity."""
        begun = time.ticks_us()
        op = out[0]
        if op == _STATUS_1:
            into[1] = self._wel
            if self._looks:
                self._looks -= 1
                into[1] |= _BUSY
        elif op == _JEDEC:
            into[1], into[2], into[3] = 0xEF, 0x40, 0x17
        else:
            into[1] = 0
        self._meter.add(begun)

    def _program(self, data):
        self.programs += 1
        self._wel = 0
        size = len(data)
        cells = memoryview(self._page)[:size]
        self._file.seek(self._at)
        self._file.readinto(cells)
        for at in range(size):
            cells[at] &= data[at]
        self._file.seek(self._at)
        self._file.write(cells)

    def _erase(self):
        self.erases += 1
        self._wel = 0
        self._looks = self.erase_looks
        self._file.seek(self._at)
        for _ in range(SECTOR // PAGE):
            self._file.write(_BLANK)
