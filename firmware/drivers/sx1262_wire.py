"""The SX1262's bus: commands, registers, buffer, and the BUSY line. "DS" is Semtech DS.SX1261-2.W.APP, revision 2.1."""

from drivers.errors import ChipError

_WRITE_REGISTER = 0x0D  # DS 11.2, table 11-2
_READ_REGISTER = 0x1D
_WRITE_BUFFER = 0x0E
_READ_BUFFER = 0x1E

_LOOK_US = 50  # between two looks at BUSY
_BUSY_LIMIT_MS = 20  # calibration takes 3.5 ms (DS 9.2.1), the oscillator 5 ms before it; nothing else comes near
_HEAD = 3  # READ_BUFFER: opcode, offset, status (DS 13.2.4)
_SHORT = 12  # the longest command: SET_DIO_IRQ_PARAMS with 9 bytes; room for a read of 3 behind 4

PACKET_BYTES = 255


class Wire:
    """One chip on a shared bus. Every exchange waits for BUSY to fall first, 20 ms at most, else ChipError."""

    def __init__(self, spi, cs, busy, sleep_us):
        self._spi = spi
        self._cs = cs
        self._busy = busy
        self._sleep_us = sleep_us
        self._out = bytearray(_SHORT)
        self._in = bytearray(_SHORT)
        self._packet = bytearray(PACKET_BYTES)
        self._view = memoryview(self._packet)
        cs.value(1)

    def ready(self):
        """Wait until the chip takes a command (DS 8.3.1). Raises ChipError."""
        for _ in range(_BUSY_LIMIT_MS * 1000 // _LOOK_US):
            if not self._busy.value():
                return
            self._sleep_us(_LOOK_US)
        raise ChipError("sx1262", "busy for more than " + str(_BUSY_LIMIT_MS) + " ms")

    def command(self, opcode, *parameters):
        """Send a command with its parameter bytes."""
        out = self._out
        out[0] = opcode
        size = 1
        for byte in parameters:
            out[size] = byte
            size += 1
        self.ready()
        self._cs.value(0)
        try:
            self._spi.write(memoryview(out)[:size])
        finally:
            self._cs.value(1)

    def ask(self, opcode, count):
        """Return a view of a command's `count` answer bytes behind the status byte (DS 13.5); valid until the next."""
        return self._exchange(count + 2, 2, opcode, 0)

    def read_register(self, address):
        """Return one register (DS 13.2.2)."""
        return self._exchange(5, 4, _READ_REGISTER, address >> 8, address & 0xFF, 0)[0]

    def write_register(self, address, *data):
        """Write registers from `address` on (DS 13.2.1)."""
        self.command(_WRITE_REGISTER, address >> 8, address & 0xFF, *data)

    def write_packet(self, data):
        """Lay a packet at the start of the chip's buffer (DS 13.2.3)."""
        self.ready()
        self._out[0] = _WRITE_BUFFER
        self._out[1] = 0
        self._cs.value(0)
        try:
            self._spi.write(memoryview(self._out)[:2])
            self._spi.write(data)
        finally:
            self._cs.value(1)

    def read_packet(self, offset, count):
        """Return `count` bytes of the chip's buffer as bytes (DS 13.2.4)."""
        self.ready()
        self._out[0] = _READ_BUFFER
        self._out[1] = offset
        self._out[2] = 0
        self._cs.value(0)
        try:
            self._spi.write(memoryview(self._out)[:_HEAD])
            self._spi.readinto(self._view[:count])
        finally:
            self._cs.value(1)
        return bytes(self._view[:count])

    def _exchange(self, size, head, *first):
        out = self._out
        for at in range(size):
            out[at] = first[at] if at < len(first) else 0
        self.ready()
        self._cs.value(0)
        try:
            self._spi.write_readinto(memoryview(out)[:size], memoryview(self._in)[:size])
        finally:
            self._cs.value(1)
        return memoryview(self._in)[head:size]
