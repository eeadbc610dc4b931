"""Serial NOR flash W25Q64JV. "DS" is Winbond W25Q64JV revision J; commands by their names in its section 8."""

from checkpost.const import const
from drivers.errors import ChipError

# Instructions (DS 8.1.2)
_WRITE_ENABLE = const(0x06)
_READ_STATUS_1 = const(0x05)
_READ_STATUS_2 = const(0x35)
_READ_DATA = const(0x03)
_PAGE_PROGRAM = const(0x02)
_SECTOR_ERASE = const(0x20)
_SUSPEND = const(0x75)
_RESUME = const(0x7A)
_JEDEC_ID = const(0x9F)
_RELEASE_POWER_DOWN = const(0xAB)
_ENABLE_RESET = const(0x66)
_RESET_DEVICE = const(0x99)

_BUSY = const(0x01)  # status register 1, S0
_WEL = const(0x02)  # status register 1, S1: write enable latch
_SUS = const(0x80)  # status register 2, S15: an erase is suspended

_PAGE_BYTES = const(256)
_SECTOR_BYTES = const(4096)
_MIN_CAPACITY_CODE = const(0x14)  # 1 MB: less holds no journal
_MAX_CAPACITY_CODE = const(0x18)  # 16 MB: three address bytes reach no further

# Limits (DS 9, AC characteristics), with room for a worn chip
_TRES1_US = const(10)  # tRES1 3 us, out of power-down
_TRST_US = const(50)  # tRST 30 us, software reset
_TPP_US = const(400)  # tPP typical: no look is worth it earlier
_TSUS_US = const(20)  # tSUS: until a suspend takes effect, and between a resume and the next suspend
_SUSPEND_LIMIT_MS = const(1)
_MAX_PAUSES = const(1000)  # of one erase: each costs it some progress, and it has to end
_PROGRAM_LIMIT_MS = const(10)  # tPP at most 3 ms
_ERASE_LIMIT_MS = const(800)  # tSE at most 400 ms
_POLL_US = const(100)  # between two looks at a busy chip
_LOOKS = const(20)  # an erase is late only after this many looks too: a stalled loop is not the chip's fault


class W25Q:
    """Reads, programs and erases; `ticks` is like `time`, `sleep_us` waits. Every wait is bounded."""

    def __init__(self, spi, cs, ticks, sleep_us):
        self._spi = spi
        self._cs = cs
        self._ticks = ticks
        self._sleep_us = sleep_us
        self._head = bytearray(4)
        self._one_out = bytearray(1)
        self._status_out = bytearray((_READ_STATUS_1, 0))
        self._status_in = bytearray(2)
        self._id_out = bytes((_JEDEC_ID, 0, 0, 0))
        self._id_in = bytearray(4)
        self._identity = None
        self._erasing = False
        self._erase_at = 0
        self._erase_until_ms = 0
        self._pauses = 0
        self._paused_ms = 0
        self._looks = 0
        self.size = 0
        cs.value(1)

    def identify(self):
        """Wake the chip; return (manufacturer, type, capacity code) and set `size`, bytes. Raises ChipError."""
        self._erasing = False
        self._send(_RELEASE_POWER_DOWN)
        self._sleep_us(_TRES1_US)
        self._status_out[0] = _READ_STATUS_2
        suspended = self._status() & _SUS
        self._status_out[0] = _READ_STATUS_1
        if suspended:
            self._send(_RESUME)
        # The processor may have restarted in the middle of an erase: a reset now would tear it, so let it end first.
        if self._status() == 0xFF or not self._settled(_ERASE_LIMIT_MS) or not self._known():
            self._restart()
        if not self._known():
            raise ChipError("w25q", "not there, or not a flash chip of 1 to 16 MB")
        self._identity = (self._id_in[1], self._id_in[2], self._id_in[3])
        self.size = 1 << self._identity[2]
        return self._identity

    def read_into(self, addr, buf):
        """Fill `buf` from `addr`, over any sectors; an erase elsewhere is suspended for it. Raises ChipError."""
        self._check_range(addr, len(buf))
        paused = self._pause(addr, len(buf))
        try:
            self._select(_READ_DATA, addr)
            try:
                self._spi.readinto(buf)
            finally:
                self._cs.value(1)
            if buf and (buf[0] == 0xFF or buf[0] == 0) and buf[0] == buf[-1]:
                self._check_present(buf)
        finally:
            self._go_on(paused)

    def program(self, addr, data):
        """Write 1 to 256 bytes within one page and wait for the end, at most 10 ms. Raises ChipError.

        An erase of another sector is suspended for it.
        """
        if not data or addr % _PAGE_BYTES + len(data) > _PAGE_BYTES:
            raise ValueError("a program operation stays within one 256-byte page")
        self._check_range(addr, len(data))
        paused = self._pause(addr, len(data))
        try:
            self._enable_write()
            self._select(_PAGE_PROGRAM, addr)
            try:
                self._spi.write(data)
            finally:
                self._cs.value(1)
            self._sleep_us(_TPP_US)
            if not self._settled(_PROGRAM_LIMIT_MS):
                raise ChipError("w25q", "busy for more than " + str(_PROGRAM_LIMIT_MS) + " ms")
        finally:
            self._go_on(paused)

    def erase_start(self, addr):
        """Begin to erase the 4096-byte sector at `addr` and return; see `busy` and `wait`. Raises ChipError."""
        if addr % _SECTOR_BYTES:
            raise ValueError("a sector begins at a multiple of 4096")
        self._check_range(addr, _SECTOR_BYTES)
        self._finish()
        self._enable_write()
        self._select(_SECTOR_ERASE, addr)
        self._cs.value(1)
        self._erasing = True
        self._erase_at = addr
        self._looks = self._pauses = 0
        self._erase_until_ms = self._ticks.ticks_add(self._ticks.ticks_ms(), _ERASE_LIMIT_MS)

    def busy(self):
        """Return True while an erase goes on; a chip that is known and has nothing to erase is not asked.

        Raises ChipError once it takes longer than the chip may.
        """
        if self._identity is not None and not self._erasing:
            return False
        if not self._status() & _BUSY:
            self._erasing = False
            return False
        self._looks += 1
        if self._erasing and self._looks > _LOOKS:
            if self._ticks.ticks_diff(self._ticks.ticks_ms(), self._erase_until_ms) >= 0:
                self._erasing = False
                raise ChipError("w25q", "an erase does not end")
        return True

    def wait(self, limit_ms):
        """Wait until the chip is ready. Raises ChipError after `limit_ms`."""
        if not self._settled(limit_ms):
            self._erasing = False
            raise ChipError("w25q", "busy for more than " + str(limit_ms) + " ms")
        self._erasing = False

    def _finish(self):
        if self._erasing:
            self.wait(_ERASE_LIMIT_MS)

    def _pause(self, addr, size):
        """Suspend an erase under way and return True; wait for it where `addr` lies in its sector (DS Suspend 75h)."""
        if not self._erasing:
            return False
        if self._pauses == _MAX_PAUSES or self._erase_at - size < addr < self._erase_at + _SECTOR_BYTES:
            self._finish()
            return False
        self._sleep_us(_TSUS_US)
        if not self._status() & _BUSY:
            self._erasing = False
            return False
        self._send(_SUSPEND)
        self._sleep_us(_TSUS_US)
        if not self._settled(_SUSPEND_LIMIT_MS):
            self._finish()
            return False
        self._pauses += 1
        self._paused_ms = self._ticks.ticks_ms()
        return True

    def _go_on(self, paused):
        """Resume what `_pause` suspended; the time in between is not the erase's (DS Resume 7Ah)."""
        if paused:
            self._send(_RESUME)
            gone_ms = self._ticks.ticks_diff(self._ticks.ticks_ms(), self._paused_ms)
            self._erase_until_ms = self._ticks.ticks_add(self._erase_until_ms, gone_ms)

    def _settled(self, limit_ms):
        """Return True once the chip is ready. Counts its own looks, so a clock that is set does not end the wait."""
        for _ in range(limit_ms * 1000 // _POLL_US):
            if not self._status() & _BUSY:
                return True
            self._sleep_us(_POLL_US)
        return False

    def _restart(self):
        """Software reset; what was being erased or programmed then is lost (DS Enable Reset and Reset Device)."""
        self._send(_ENABLE_RESET)
        self._send(_RESET_DEVICE)
        self._sleep_us(_TRST_US)
        self._send(_RELEASE_POWER_DOWN)
        self._sleep_us(_TRES1_US)

    def _enable_write(self):
        self._send(_WRITE_ENABLE)
        status = self._status()
        if status & (_BUSY | _WEL) != _WEL:
            raise ChipError("w25q", "does not accept writes (status " + hex(status) + ")")

    def _check_present(self, buf):
        """A blank page and an empty socket read alike: ask for the identity when all bytes are equal."""
        first = buf[0]
        for byte in buf:
            if byte != first:
                return
        if not self._known() or self._identity != (self._id_in[1], self._id_in[2], self._id_in[3]):
            raise ChipError("w25q", "stopped answering")

    def _known(self):
        """Read the identity (DS Read JEDEC ID); return True if it is that of a chip that this driver can use."""
        self._transfer(self._id_out, self._id_in)
        return self._id_in[1] not in (0x00, 0xFF) and _MIN_CAPACITY_CODE <= self._id_in[3] <= _MAX_CAPACITY_CODE

    def _check_range(self, addr, size):
        if addr < 0 or addr + size > self.size:
            raise ValueError("outside the flash chip")

    def _status(self):
        self._transfer(self._status_out, self._status_in)
        return self._status_in[1]

    def _send(self, instruction):
        self._one_out[0] = instruction
        self._cs.value(0)
        try:
            self._spi.write(self._one_out)
        finally:
            self._cs.value(1)

    def _select(self, instruction, addr):
        self._head[0] = instruction
        self._head[1] = addr >> 16 & 0xFF
        self._head[2] = addr >> 8 & 0xFF
        self._head[3] = addr & 0xFF
        self._cs.value(0)
        self._spi.write(self._head)

    def _transfer(self, out, into):
        self._cs.value(0)
        try:
            self._spi.write_readinto(out, into)
        finally:
            self._cs.value(1)
