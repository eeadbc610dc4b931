"""Buses and pins with faults, for drivers: what a bad solder joint or a dead chip looks like from the processor."""


class Level:
    """A pin that reads one level whatever happens."""

    def __init__(self, level):
        self._level = level

    def value(self, level=None):
        """Return the level; driving it does nothing."""
        return self._level if level is None else None


class ConstantSpi:
    """An SPI bus whose input line is stuck: at 0xFF without a chip, at 0x00 with a short to ground."""

    def __init__(self, byte):
        self._byte = byte
        self.transfers = 0

    def write(self, data):
        """Send into nowhere."""
        self.transfers += 1

    def readinto(self, buffer, write=0):
        """Read the stuck level."""
        self.transfers += 1
        for i in range(len(buffer)):
            buffer[i] = self._byte

    def write_readinto(self, data, buffer):
        """Read the stuck level."""
        assert len(data) == len(buffer)
        self.readinto(buffer)


class SpiTap:
    """A real bus with something between: counts transfers; `change(transfer number, bytes)` alters what is read."""

    def __init__(self, spi, change=None):
        self._spi = spi
        self.change = change
        self.transfers = 0

    def write(self, data):
        """Pass on."""
        self.transfers += 1
        self._spi.write(data)

    def readinto(self, buffer, write=0):
        """Pass on and alter."""
        self._spi.readinto(buffer, write)
        self._alter(buffer)

    def write_readinto(self, data, buffer):
        """Pass on and alter."""
        self._spi.write_readinto(data, buffer)
        self._alter(buffer)

    def _alter(self, buffer):
        self.transfers += 1
        if self.change is not None:
            self.change(self.transfers, buffer)


class StuckI2c:
    """An I2C bus held down by a chip: every transfer times out."""

    ETIMEDOUT = 110

    def writeto(self, address, data, stop=True):
        """Time out."""
        raise OSError(self.ETIMEDOUT)

    def readfrom_mem_into(self, address, register, buffer):
        """Time out."""
        raise OSError(self.ETIMEDOUT)

    def writeto_mem(self, address, register, data):
        """Time out."""
        raise OSError(self.ETIMEDOUT)


class ConstantI2c:
    """An I2C bus where something acknowledges and reads one byte for ever."""

    def __init__(self, byte):
        self._byte = byte

    def readfrom_mem_into(self, address, register, buffer):
        """Read the byte."""
        for i in range(len(buffer)):
            buffer[i] = self._byte

    def writeto_mem(self, address, register, data):
        """Write into nowhere."""
