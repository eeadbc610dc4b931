"""Frames of the PN532 over SPI. "UM" is NXP UM0701-02."""

from checkpost.const import const
from drivers.errors import ChipError

# SPI direction bytes (UM 6.2.5)
_STATUS_READ = const(0x02)
_DATA_WRITE = const(0x01)
_DATA_READ = const(0x03)
_READY = const(0x01)

# Frames (UM 6.2.1)
ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
_TO_CHIP = const(0xD4)

_HEAD = const(11)  # direction byte and the shortest whole answer: most polls need one transfer
_BUFFER = const(276)  # direction byte and the longest extended frame, 264 data bytes (UM 6.2.1.2)


class Wire:
    """Sends and receives whole frames; the answer's `size` bytes start at `data[first]` with the TFI.

    The chip is least significant bit first and the RP2's SPI cannot be, so every byte is turned here (UM 6.2.5).
    Receiving allocates nothing unless the answer is longer than the head.
    """

    def __init__(self, spi, cs):
        self._spi = spi
        self._cs = cs
        self._turned = bytes(_mirror(n) for n in range(256))
        self.data = bytearray(_BUFFER)
        self.view = memoryview(self.data)
        self.first = 0
        self.size = 0
        self._ack_in = self.view[: 1 + len(ACK)]
        self._head_in = self.view[:_HEAD]
        self._status_in = bytearray(2)
        self._ack_out = self._turn_all(bytes((_DATA_READ,)) + bytes(len(ACK)))
        self._head_out = self._turn_all(bytes((_DATA_READ,)) + bytes(_HEAD - 1))
        self._status_out = self._turn_all(bytes((_STATUS_READ, 0)))

    def frame(self, code, data):
        """Return a command as a normal information frame, ready for `send` (UM 6.2.1.1)."""
        size = 2 + len(data)
        total = _TO_CHIP + code
        for byte in data:
            total += byte
        head = bytes((0x00, 0x00, 0xFF, size, -size & 0xFF, _TO_CHIP, code))
        return self.control(head + data + bytes((-total & 0xFF, 0x00)))

    def control(self, frame):
        """Return the bytes of a frame, such as ACK or NACK, ready for `send`."""
        return self._turn_all(bytes((_DATA_WRITE,)) + frame)

    def send(self, turned):
        """Write what `frame` or `control` made."""
        self._cs.value(0)
        try:
            self._spi.write(turned)
        finally:
            self._cs.value(1)

    def ready(self):
        """Return True if the status byte says that a frame waits (UM 6.2.5). Raises ChipError if no chip is there."""
        self._cs.value(0)
        try:
            self._spi.write_readinto(self._status_out, self._status_in)
        finally:
            self._cs.value(1)
        if self._status_in[1] == 0xFF:
            raise ChipError("pn532", "not there: the bus reads only ones")
        return bool(self._turned[self._status_in[1]] & _READY)

    def read_ack(self):
        """Read six bytes; return True if they are an ACK (UM 6.2.1.3)."""
        self._cs.value(0)
        try:
            self._spi.write_readinto(self._ack_out, self._ack_in)
        finally:
            self._cs.value(1)
        self._turn(1, 1 + len(ACK))
        for i in range(len(ACK)):
            if self.data[1 + i] != ACK[i]:
                return False
        return True

    def read_answer(self):
        """Read one frame into `data`; return False if it is damaged."""
        self._cs.value(0)
        try:
            self._spi.write_readinto(self._head_out, self._head_in)
            self._turn(1, _HEAD)
            if not self._measure():
                return False
            end = self.first + self.size + 2  # checksum and postamble
            if end > _HEAD:
                # Raising the select would end the frame, so the rest comes in the same selection.
                self._spi.readinto(self.view[_HEAD:end])
                self._turn(_HEAD, end)
        finally:
            self._cs.value(1)
        total = 0
        for i in range(self.first, self.first + self.size + 1):
            total += self.data[i]
        return total & 0xFF == 0

    def _measure(self):
        """Find the frame's data from its head, normal or extended; return False if the head is damaged."""
        data = self.data
        if data[1] or data[2] or data[3] != 0xFF:
            return False
        if data[4] == 0xFF and data[5] == 0xFF:
            self.first = 9
            self.size = data[6] << 8 | data[7]
            sound = (data[6] + data[7] + data[8]) & 0xFF == 0
        else:
            self.first = 6
            self.size = data[4]
            sound = (data[4] + data[5]) & 0xFF == 0
        return sound and self.size > 0 and self.first + self.size + 2 <= _BUFFER

    def _turn(self, start, end):
        data = self.data
        turned = self._turned
        for i in range(start, end):
            data[i] = turned[data[i]]

    def _turn_all(self, data):
        return bytes(self._turned[byte] for byte in data)


def _mirror(byte):
    """Return a byte with its bits in the opposite order."""
    turned = 0
    for _ in range(8):
        turned = turned << 1 | byte & 1
        byte >>= 1
    return turned
