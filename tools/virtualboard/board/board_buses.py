"""machine.SPI and machine.I2C for the virtual board."""

from board_wire import I2C_MEM, I2C_READ, I2C_SCAN, I2C_WRITE, SPI_BOTH, SPI_READ, SPI_WRITE, wire

_EMPTY = b""
_ENODEV = 19


class SPI:
    """A bus."""

    CONTROLLER, MSB, LSB = 0, 1, 0

    def __init__(self, id=0, baudrate=1000000, **options):
        self._bus = id
        self.init(baudrate, **options)

    def init(self, baudrate=1000000, *, firstbit=1, polarity=0, phase=0, bits=8, sck=None, mosi=None, miso=None):
        """Set the bus up."""
        if firstbit != SPI.MSB:
            raise NotImplementedError("LSB")  # as the RP2's SPI
        if polarity or phase or bits != 8:
            raise NotImplementedError("the board's chips use mode 0 with 8 bits")

    def deinit(self):
        """Stop the bus."""

    def write(self, data):
        """Send bytes."""
        wire.send(SPI_WRITE, self._bus, data)

    def readinto(self, into, write=0):
        """Fill `into` while sending `write`."""
        n = len(into)
        wire.ask(SPI_READ, self._bus, bytes((n & 255, n >> 8, write)), into)

    def read(self, n, write=0):
        """Return `n` bytes."""
        into = bytearray(n)
        self.readinto(into, write)
        return bytes(into)

    def write_readinto(self, data, into):
        """Send `data` and fill `into` of the same length."""
        if len(data) != len(into):
            raise ValueError("buffers must be the same length")
        wire.ask(SPI_BOTH, self._bus, data, into)


class I2C:
    """A bus; OSError(ENODEV) when nothing acknowledges."""

    def __init__(self, id=0, *, scl=None, sda=None, freq=400000, timeout=50000):
        self._bus = 0 if id < 0 else id
        self._ack = bytearray(1)

    def init(self, **options):
        """Set the bus up."""

    def scan(self):
        """Return the addresses that acknowledge."""
        return list(wire.ask(I2C_SCAN, self._bus << 7, _EMPTY, None))

    def writeto(self, addr, data, stop=True):
        """Write; return the count of acknowledged bytes."""
        wire.ask(I2C_WRITE, self._bus << 7 | addr, data, self._ack)
        if not self._ack[0]:
            raise OSError(_ENODEV)
        return len(data)

    def writevto(self, addr, vector, stop=True):
        """Write several buffers as one transfer."""
        return self.writeto(addr, b"".join(bytes(part) for part in vector), stop)

    def readfrom_into(self, addr, into, stop=True):
        """Read into a buffer."""
        n = len(into)
        if n and not wire.ask(I2C_READ, self._bus << 7 | addr, bytes((n & 255, n >> 8)), into):
            raise OSError(_ENODEV)

    def readfrom(self, addr, n, stop=True):
        """Read `n` bytes."""
        into = bytearray(n)
        self.readfrom_into(addr, into)
        return bytes(into)

    def writeto_mem(self, addr, register, data, *, addrsize=8):
        """Write registers."""
        self.writeto(addr, bytes((register,)) + data)

    def readfrom_mem_into(self, addr, register, into, *, addrsize=8):
        """Read registers into a buffer."""
        n = len(into)
        if n and not wire.ask(I2C_MEM, self._bus << 7 | addr, bytes((n & 255, n >> 8, register)), into):
            raise OSError(_ENODEV)

    def readfrom_mem(self, addr, register, n, *, addrsize=8):
        """Read registers."""
        into = bytearray(n)
        self.readfrom_mem_into(addr, register, into)
        return bytes(into)
