"""A UART at its real pace, and the RS-485 transceiver behind it (THVD1450, one pin enables driver or receiver)."""

from collections import deque
from collections.abc import Callable

FIFO = 32  # bytes in the RP2040's hardware FIFO (RP2040 data sheet 4.2); one delivery is at most this
BITS_PER_BYTE = 10  # 8N1
# The wire would hear the board let go of the line within microseconds; here the host's scheduler decides when the
# pin's fall arrives. Bytes that come in up to this long after the last bit left are kept for the receiver.
TURNAROUND_S = 0.05
LINE_LIMIT = 65536  # bytes waiting on the far side's wire; more than this is a peer that ignores the baud rate


class Uart:
    """Both directions of the line. `to_line` takes sent bytes, `to_board` received ones, `sent` the count that left."""

    def __init__(self, now: Callable[[], float], baud: int, pace: float = 1.0) -> None:
        self._now = now
        self.pace = pace
        self.baud = baud
        self.connected = True
        self.fault = ""  # "" | "dead": the transceiver passes nothing
        self.to_line: Callable[[bytes], None] | None = None
        self.to_board: Callable[[bytes], None] | None = None
        self.sent: Callable[[int], None] | None = None
        self.lost = 0
        self.power_cycle()

    def power_cycle(self) -> None:
        """Power comes back: FIFOs empty, driver off (pull-down at its enable pin)."""
        self._out = bytearray()
        self._in: deque[int] = deque()
        self._out_from = self._in_from = 0.0
        self._quiet_since = 0.0
        self.driving = False

    def set_baud(self, baud: int) -> None:
        """Change the rate for what comes next."""
        self.poll()
        self.baud = baud

    def drive(self, level: int) -> None:
        """Follow the driver-enable pin; bytes still in the shift register when it falls are lost."""
        self.poll()
        self._shift_out()
        if self.driving and not level and self._out:
            self.lost += len(self._out)
        self.driving = bool(level)

    def write(self, data: bytes) -> None:
        """Queue bytes for the wire."""
        if not self._out:
            self._out_from = self._now()
        self._out += data

    def line_in(self, data: bytes) -> None:
        """Bytes arrive from the far end, as fast as it likes; they reach the board at the line's pace."""
        if not self.connected or self.fault:
            self.lost += len(data)
            return
        if not self._in:
            self._in_from = self._now()
        room = LINE_LIMIT - len(self._in)
        self.lost += max(0, len(data) - room)
        self._in.extend(data[:room])

    def idle(self) -> bool:
        """Return True when the last bit left."""
        self.poll()
        return not self._out

    def due(self) -> float | None:
        """Return when the next delivery is due, or None."""
        times = []
        if self._out:
            times.append(self._out_from + min(len(self._out), FIFO) * self._byte_s())
        if self._in:
            times.append(self._in_from + min(len(self._in), FIFO) * self._byte_s())
        return min(times) if times else None

    def poll(self) -> None:
        """Deliver what had time to pass."""
        due = self.due()
        if due is None or self._now() < due:
            return
        self._shift_out()
        self._shift_in()

    def _byte_s(self) -> float:
        return BITS_PER_BYTE / self.baud * self.pace

    def _passed(self, since: float, waiting: int) -> int:
        byte_s = self._byte_s()
        # A thousandth of a byte: what a clock of many days loses in its last digits.
        return waiting if byte_s <= 0 else min(waiting, int((self._now() - since) / byte_s + 1e-3))

    def _shift_out(self) -> None:
        count = self._passed(self._out_from, len(self._out))
        if not count:
            return
        data = bytes(self._out[:count])
        del self._out[:count]
        self._out_from += count * self._byte_s()
        self._quiet_since = self._now()
        if not self.driving or not self.connected or self.fault:
            self.lost += count
        elif self.to_line is not None:
            self.to_line(data)
        if self.sent is not None:
            self.sent(count)

    def _shift_in(self) -> None:
        count = self._passed(self._in_from, len(self._in))
        if not count:
            return
        if self.driving and not self._out and self._now() - self._quiet_since < TURNAROUND_S:
            self._in_from = self._now()  # held: see TURNAROUND_S
            return
        data = bytes(self._in.popleft() for _ in range(count))
        self._in_from += count * self._byte_s()
        if self.driving:
            self.lost += count  # the receiver is off while the driver is on
        elif self.to_board is not None:
            self.to_board(data)
