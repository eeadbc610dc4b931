"""PN532 NFC controller on SPI: link layer. "UM" is NXP UM0701-02 revision 02, "DS" the PN532/C1 data sheet 3.6.

The bus hands over bytes as an SPI master with the most significant bit first sees them; the chip's own order is
least significant first (UM 6.2.5), so every byte is turned here, and a driver has to turn it too.
"""

from collections.abc import Callable

from .bits import reverse_bits
from .cards import Field
from .pn532_commands import Commands, Outcome

ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
ERROR_FRAME = b"\x00\x00\xff\x01\xff\x7f\x81\x00"  # UM 6.2.1.5
T_BOOT = 0.002  # from RSTPDN high to a running CPU
T_WAKE = 0.001  # from NSS low to a running oscillator; drivers wait 2 ms (UM 7.2.11)
T_ACK = 0.0002  # frame in to acknowledge ready; UM 6.2.2 allows 15 ms
MAX_DATA = 265  # PD0 to PDn of an extended frame (UM 6.2.1.2)

_STATUS_READ, _DATA_WRITE, _DATA_READ = 0x02, 0x01, 0x03
_HOST_TO_PN532, _PN532_TO_HOST = 0xD4, 0xD5


class Pn532:
    """The chip: `select`, `transfer`, `deselect`, `reset`, and the level of its interrupt line in `irq`.

    `now` gives seconds. `pace` scales the chip's own times. After any call, `due()` says when the chip will next
    move by itself and `poll()` lets it; `on_irq(level)` is told each change of the line.
    """

    _asleep: bool
    _ready_at: float
    _prefix: int | None
    _written: bytearray
    _taken: int  # bytes of `_frame` that the host has read
    _frame: bytes  # what a data read gives now; empty: not ready
    _last: bytes
    _stage: str  # "" | "ack" | "response" | "again": what `_frame` is or will be
    _next_at: float | None

    def __init__(self, field: Field, now: Callable[[], float], pace: float = 1.0) -> None:
        self._now = now
        self.pace = pace
        self.fault = ""  # "" | "dead" | "mute" (acknowledges, never answers) | "garble" (wrong checksum)
        self.irq = 1
        self.on_irq: Callable[[int], None] | None = None
        self.commands = Commands(field, now, pace)
        self._held_in_reset = False
        self._restart()
        field.changed = self._field_changed

    def reset(self, level: int) -> None:
        """Follow the RSTPDN pin: low stops the chip, the rising edge starts it."""
        if level and self._held_in_reset:
            self._restart()
        self._held_in_reset = not level
        if not level:
            self._set_irq(1)

    def power_cycle(self) -> None:
        """Power comes back after a cut."""
        self._held_in_reset = False
        self._restart()

    def select(self) -> None:
        """NSS falls: the first byte says what follows. Wakes a sleeping chip."""
        self._prefix = None
        self._written = bytearray()
        self._taken = 0
        if self._asleep:
            self._asleep = False
            self._ready_at = max(self._ready_at, self._now() + T_WAKE * self.pace)

    def transfer(self, mosi: bytes) -> bytes:
        """Clock bytes through, most significant bit first as the master's shift register has it."""
        if self._deaf():
            return b"\xff" * len(mosi)
        self.poll()
        heard = reverse_bits(mosi)
        out = bytearray()
        if self._prefix is None and heard:
            self._prefix = heard[0]
            heard = heard[1:]
            out.append(0x00)
        if self._prefix == _DATA_WRITE:
            self._written += heard
            out += bytes(len(heard))
        elif self._prefix == _STATUS_READ:
            out += bytes([1 if self._frame else 0]) * len(heard)
        elif self._prefix == _DATA_READ:
            part = self._frame[self._taken : self._taken + len(heard)]
            self._taken += len(heard)
            out += part + bytes(len(heard) - len(part))
        else:
            out += bytes(len(heard))
        return reverse_bits(bytes(out))

    def deselect(self) -> None:
        """NSS rises: a written frame is taken, a read frame is gone."""
        if self._deaf():
            return
        if self._prefix == _DATA_WRITE and self._written:
            self._receive(bytes(self._written))
        elif self._prefix == _DATA_READ and self._taken and self._frame:
            # A frame read in part is lost too: NACK asks for it again (UM 6.2.1.4).
            self._frame_was_read()
        self._prefix = None

    def due(self) -> float | None:
        """Return when the chip moves by itself next (seconds of `now`), or None."""
        return None if self._frame else self._next_at

    def poll(self) -> None:
        """Let time pass: a prepared frame becomes ready and pulls the line."""
        if self._frame or self._next_at is None or self._now() < self._next_at:
            return
        self._next_at = None
        if self._stage == "ack":
            self._offer(ACK)
        elif self._stage == "response":
            outcome = self.commands.finish()
            self._last = self._wrap(outcome)
            self._offer(self._last)

    def _restart(self) -> None:
        self._asleep = True  # Low Vbat mode: NSS wakes it (UM 3.1.3.3)
        self._ready_at = self._now() + T_BOOT * self.pace
        self._prefix = None
        self._written = bytearray()
        self._taken = 0
        self._frame = b""
        self._last = b""
        self._stage = ""
        self._next_at = None
        self.commands.restart()
        self._set_irq(1)

    def _deaf(self) -> bool:
        return self.fault == "dead" or self._held_in_reset or self._now() < self._ready_at

    def _set_irq(self, level: int) -> None:
        if level != self.irq:
            self.irq = level
            if self.on_irq is not None:
                self.on_irq(level)

    def _offer(self, frame: bytes) -> None:
        self._frame = frame
        if self.commands.drives_irq:
            self._set_irq(0)

    def _frame_was_read(self) -> None:
        self._frame = b""
        self._taken = 0
        self._set_irq(1)
        if self._stage == "ack":
            self._stage = "response"
            self._plan_response()
        else:
            self._stage = ""
            self._asleep = self.commands.sleeping

    def _plan_response(self) -> None:
        done = self.commands.done_at()
        self._next_at = None if self.fault == "mute" else done

    def _field_changed(self) -> None:
        """A card came or went: a search under way ends earlier or later than planned."""
        self.commands.field_changed()
        if self._stage == "response" and not self._frame:
            self._plan_response()

    def _receive(self, written: bytes) -> None:
        """Take what the host wrote: ACK aborts, NACK repeats, a good frame starts a command (UM 6.2.1)."""
        start = written.find(b"\x00\xff")
        if start < 0:
            return
        body = written[start + 2 :]
        if body[:2] == b"\x00\xff":
            self._abort()
        elif body[:2] == b"\xff\x00":
            if self._last:
                self._stage = "again"
                self._offer(self._last)
        else:
            data = _unwrap(body)
            if data is not None:
                self._start(data)

    def _abort(self) -> None:
        self.commands.abort()
        self._frame = b""
        self._stage = ""
        self._next_at = None
        self._set_irq(1)

    def _start(self, data: bytes) -> None:
        self._abort()
        self.commands.start(data)
        self._stage = "ack"
        self._next_at = self._now() + T_ACK * self.pace

    def _wrap(self, outcome: Outcome) -> bytes:
        if outcome.syntax_error:
            return ERROR_FRAME
        data = bytes([_PN532_TO_HOST, outcome.code + 1]) + outcome.data
        check = (-sum(data)) & 0xFF
        if self.fault == "garble":
            check ^= 0x10
        if len(data) < 256:
            head = bytes([len(data), -len(data) & 0xFF])
        else:
            size = len(data).to_bytes(2, "big")
            head = b"\xff\xff" + size + bytes([-sum(size) & 0xFF])
        return b"\x00\x00\xff" + head + data + bytes([check, 0x00])


def _unwrap(body: bytes) -> bytes | None:
    """Return command code and parameters of a frame after its start code; None if a checksum or length is wrong."""
    if body[:2] == b"\xff\xff":
        if len(body) < 5 or sum(body[2:5]) & 0xFF:
            return None
        length, at = int.from_bytes(body[2:4], "big"), 5
    else:
        if len(body) < 2 or (body[0] + body[1]) & 0xFF:
            return None
        length, at = body[0], 2
    data, check = body[at : at + length], body[at + length : at + length + 1]
    if length < 2 or length > MAX_DATA or len(data) < length or not check:
        return None
    if (sum(data) + check[0]) & 0xFF or data[0] != _HOST_TO_PN532:
        return None
    return data[1:]
