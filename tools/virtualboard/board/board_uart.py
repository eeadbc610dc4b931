"""machine.UART for the virtual board: bytes go to the host, which gives them their time on the wire."""

from board_wire import UART_BAUD, UART_TX, wire
from micropython import RingIO

_PIECE = 256


class UART:
    """UART0 with a receive ring of `rxbuf` bytes; what overflows it is lost, as on the chip."""

    INV_TX, INV_RX, RTS, CTS = 1, 2, 4, 8
    IRQ_RXIDLE, IRQ_TXIDLE, IRQ_BREAK = 64, 32, 512

    def __init__(self, id=0, baudrate=115200, **options):
        self._waiting = 0
        self._txbuf = options.get("txbuf", 256)
        self._rxbuf = options.get("rxbuf", 256)
        self._ring = RingIO(self._rxbuf + 1)
        wire.uart = self
        self.init(baudrate)

    def init(self, baudrate=115200, **options):
        """Set the rate."""
        rate = bytes((baudrate & 255, baudrate >> 8 & 255, baudrate >> 16 & 255, baudrate >> 24))
        wire.send(UART_BAUD, 0, rate)
        wire.flush()

    def deinit(self):
        """Stop."""
        wire.uart = None

    def any(self):
        """Return how many bytes wait."""
        wire.drain(0)
        return self._ring.any()

    def read(self, n=-1):
        """Return up to `n` bytes (all without it), None if there are none."""
        waiting = self.any()
        if not waiting:
            return None
        return self._ring.read(waiting if n < 0 else min(n, waiting))

    def readinto(self, into, n=-1):
        """Fill `into` with what waits; return the count, None if there is nothing."""
        count = min(self.any(), len(into) if n < 0 else min(n, len(into)))
        return self._ring.readinto(into, count) if count else None

    def readline(self):
        """Return a line if all of it waits, else what waits."""
        self.any()
        return self._ring.readline()

    def write(self, data):
        """Queue what fits; return how much."""
        wire.drain(0)
        count = min(len(data), self._txbuf - self._waiting)
        if not count:
            return 0
        view = memoryview(data)
        for at in range(0, count, _PIECE):
            wire.send(UART_TX, 0, view[at : min(at + _PIECE, count)])
        self._waiting += count
        wire.flush()
        return count

    def txdone(self):
        """Return True when the last bit left."""
        wire.drain(0)
        return not self._waiting

    def flush(self):
        """Wait until the last bit left."""
        while self._waiting:
            wire.drain(1)

    def irq(self, handler=None, trigger=0, hard=False):
        """Not there: the kiosk's loop looks at `any` itself."""
        raise NotImplementedError("UART.irq")

    def _arrived(self, data):
        self._ring.write(data)

    def _left(self, count):
        self._waiting = max(0, self._waiting - count)
