"""Half-duplex RS-485 on a UART; the transceiver THVD1450 drives the pair while its enable is high."""

_BITS_A_BYTE = 10  # start, eight data bits, stop
_SLACK_MS = 10  # for a transmit buffer that was not empty
_BUFFER = 1024  # bytes that a UART's transmit buffer holds, at most
_EMPTY = b""


class RS485:
    """`uart` is like `machine.UART` with timeout=0, `ticks` like `time`; without `de` the line is full duplex."""

    def __init__(self, uart, ticks, baud, de=None):
        self._uart = uart
        self._ticks = ticks
        self._de = de
        self._looks = 0
        self._ahead = 0  # bytes that may wait before those of the next write
        self._byte_us = (_BITS_A_BYTE * 1000000 + baud - 1) // baud
        if de is not None:
            de.value(0)

    def write(self, data, more=False):
        """Send `data`; return how many bytes the UART took.

        With `de`, blocks until the last bit has left: 1.4 ms for 128 bytes at 921600 baud, 11 ms at 115200. With `more`
        it returns at once and the pair stays driven: the next frame is made while this one leaves.
        """
        if self._de is None:
            return self._uart.write(data) or 0
        if more:
            return self._begin(data)
        # What a stuck transmitter may cost; the enable falls all the same, or nobody else on the pair can speak.
        # Counted in looks of a byte's time each, so that a clock that leaps cuts no frame short.
        self._looks = self._ahead + len(data) + _SLACK_MS * 1000 // self._byte_us
        self._de.value(1)
        try:
            taken = self._fill(data)
            self._drain()
        finally:
            self._let_go()
        return taken

    def read(self):
        """Return the bytes that have arrived, at once; empty if none."""
        waiting = self._uart.any()
        return (self._uart.read(waiting) or _EMPTY) if waiting else _EMPTY

    def read_into(self, buf):
        """Fill `buf` with what has arrived, at once; return the number of bytes."""
        if not self._uart.any():
            return 0
        return self._uart.readinto(buf) or 0

    def _begin(self, data):
        self._de.value(1)
        try:
            taken = self._uart.write(data) or 0
        except OSError:
            self._let_go()
            raise
        self._ahead = min(self._ahead + taken, _BUFFER)
        return taken

    def _let_go(self):
        self._de.value(0)
        self._ahead = 0

    def _fill(self, data):
        taken = self._uart.write(data) or 0
        while taken < len(data) and self._wait():
            taken += self._uart.write(memoryview(data)[taken:]) or 0
        return taken

    def _drain(self):
        while not self._uart.txdone() and self._wait():
            continue
        # `txdone` may speak of the FIFO only: the last byte can still be in the shift register.
        self._ticks.sleep_us(self._byte_us)

    def _wait(self):
        """Wait for as long as a byte takes; return False when it lasts too long."""
        self._looks -= 1
        self._ticks.sleep_us(self._byte_us)
        return self._looks > 0
