"""The board's end of the socket to the chips. Runs in MicroPython; tools/virtualboard/link.py is the other end.

A message is op, argument, length (two bytes, little-endian), payload. Outputs wait in a buffer until something can
see them: a question, a look at a pin, the end of a loop. Only questions cost a round trip.
"""

import os
import select

# To the chips.
PIN, SPI_WRITE, SPI_BOTH, SPI_READ, I2C_WRITE, I2C_READ, I2C_MEM, PWM, ADC, BITS, UART_TX, UART_BAUD = range(1, 13)
WDT, RESET, I2C_SCAN, SYNC, CRASH, READY, PIN_READ, SEEN, TURNING = range(13, 22)
# From the chips.
REPLY, LEVEL, UART_RX, UART_SENT = range(128, 132)

PINS = 30
_BUFFER = 1024
_CHUNK = 64  # the host sends received UART bytes in pieces of at most this
_MAGIC = b"chips-in-step"


class Wire:
    """Messages over the file descriptor `fd`; `levels` are the pins as last heard."""

    def __init__(self, fd):
        self._file = open(fd, "r+b")
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)
        self._out = bytearray(_BUFFER)
        self._view = memoryview(self._out)
        self._fill = 0
        self._head = bytearray(4)
        self._chunk = bytearray(_CHUNK)
        self._chunk_view = memoryview(self._chunk)
        self._broken = False
        self._syncs = 0
        self.levels = bytearray(b"\x01" * PINS)
        self.handlers = {}
        self.uart = None
        self.selects = ()
        self.prompt = ()
        self.fingers = {}
        self._met = []
        self._turning = False

    def send(self, op, arg, data):
        """Queue a message that needs no answer."""
        if self._broken:
            self._resync()
        self._queue(op, arg, data)

    def _queue(self, op, arg, data):
        n = len(data)
        at = self._fill
        if at + 4 + n > _BUFFER:
            self.flush()
            at = 0
            if 4 + n > _BUFFER:
                self._write(bytes((op, arg, n & 255, n >> 8)) + data)
                return
        out = self._out
        out[at] = op
        out[at + 1] = arg
        out[at + 2] = n & 255
        out[at + 3] = n >> 8
        at += 4
        if n:
            out[at : at + n] = data
        self._fill = at + n

    def flush(self):
        """Let everything queued be seen."""
        n = self._fill
        if n:
            self._fill = 0
            self._write(self._view[:n])

    def ask(self, op, arg, data, into):
        """Send a question; fill `into` and return the answer's length, or return the answer if `into` is None."""
        if self._broken:
            self._resync()
        self._broken = True  # until the answer is here: a Ctrl-C may come at any byte
        self._queue(op, arg, data)
        self.flush()
        head = self._head
        while True:
            self._read(head)
            n = head[2] | head[3] << 8
            if head[0] == REPLY:
                break
            self._pushed(head[0], head[1], n)
        if into is None:
            answer = self._file.read(n) if n else b""
        else:
            answer = n
            if n:
                self._read(into if n == len(into) else memoryview(into)[:n])
        self._broken = False
        return answer

    def drain(self, wait_ms):
        """Take in what the chips sent unasked; wait up to `wait_ms` for the first of it."""
        if self._fill:
            self.flush()
        for _ in self._poll.ipoll(wait_ms):
            if self._broken:
                self._resync()
                return
            self._broken = True
            head = self._head
            self._read(head)
            self._pushed(head[0], head[1], head[2] | head[3] << 8)
            self._broken = False
            self.drain(0)
            return

    def _pushed(self, kind, arg, n):
        if kind == LEVEL:
            gp = arg >> 1
            level = arg & 1
            if gp in self.fingers:
                self.fingers[gp].append(level)
            else:
                self.levels[gp] = level
            pin = self.handlers.get(gp)
            if pin is not None:
                pin._edge(level)
        elif kind == UART_SENT:
            if self.uart is not None:
                self.uart._left(n)
        elif kind == UART_RX:
            view = self._chunk_view[:n]
            self._read(view)
            if self.uart is not None:
                self.uart._arrived(view)
        elif n:
            self._file.read(n)

    def look(self, gp):
        """Return a pin's level. A finger rests for many looks of a board, but not always of this process, which has
        to share its processor: of a button's changes each look shows one."""
        changes = self.fingers.get(gp)
        if changes:
            self.levels[gp] = changes.pop(0)
            self.send(SEEN, gp, b"")
        if not self._turning and changes is not None:
            self._meet(gp)
        return self.levels[gp]

    def _meet(self, gp):
        """A button is looked at once when the firmware sets it up; a second look says that its loop turns."""
        if gp in self._met:
            self._turning = True
            self._met = []
            self.send(TURNING, gp, b"")
        else:
            self._met.append(gp)

    def _read(self, into):
        if self._file.readinto(into) != len(into):
            raise SystemExit("the chips are gone")

    def _write(self, data):
        done = self._file.write(data)
        while done < len(data):
            done += self._file.write(memoryview(data)[done:])

    def _resync(self):
        """An exchange was interrupted: skip to the chips' answer to this call, which repeats all levels."""
        self._fill = 0
        self._syncs = self._syncs + 1 & 255
        wanted = _MAGIC + bytes((self._syncs,))
        self._write(bytes((SYNC, 0, len(wanted), 0)) + wanted)
        seen = b""
        while seen != wanted:
            byte = self._file.read(1)
            if not byte:
                raise SystemExit("the chips are gone")
            seen = (seen + byte)[-len(wanted) :]
        self._read(self.levels)
        for gp in self.fingers:
            self.fingers[gp] = []
        if self.uart is not None:
            self.uart._waiting = 0
        self._broken = False


wire = Wire(int(os.getenv("CHECKPOST_BOARD_FD")))  # one connection, as the real module has one chip behind it
wire.selects = tuple(int(gp) for gp in os.getenv("CHECKPOST_BOARD_SELECTS").split(","))
wire.prompt = tuple(int(gp) for gp in os.getenv("CHECKPOST_BOARD_PROMPT").split(","))
wire.fingers = {int(gp): [] for gp in os.getenv("CHECKPOST_BOARD_BUTTONS").split(",")}
