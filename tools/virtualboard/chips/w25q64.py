"""W25Q64JV serial NOR flash, 8 MB. "DS" is Winbond W25Q64JV, revision J."""

from collections.abc import Callable

from .nor import PAGE, SECTOR, NorArray

SIZE = 8 * 1024 * 1024
JEDEC_ID = b"\xef\x40\x17"  # DS 8.1.1
DEVICE_ID = 0x16
UNIQUE_ID = bytes.fromhex("d1640c7a2b1f3305")

# DS 9.6 and 9.7, typical times in seconds.
T_PROGRAM = 0.0004
T_ERASE = {0x20: 0.045, 0x52: 0.120, 0xD8: 0.150, 0xC7: 20.0, 0x60: 20.0}
ERASE_SIZE = {0x20: SECTOR, 0x52: 32 * 1024, 0xD8: 64 * 1024, 0xC7: SIZE, 0x60: SIZE}
T_STATUS_WRITE = 0.010
T_RESET = 0.000030
T_SUSPEND = 0.000020

_BUSY, _WEL, _SUS = 0x01, 0x02, 0x80
# DS 8.2: while an operation runs, only these are heard (status reads, suspend and software reset).
_HEARD_WHILE_BUSY = frozenset((0x05, 0x35, 0x15, 0x75, 0x66, 0x99))
_NEEDS_ADDRESS = frozenset((0x02, 0x03, 0x0B, 0x20, 0x52, 0xD8))

# An operation under way: kind, address, data, bytes that change, begun, until.
_Work = tuple[str, int, bytes, int, float, float]


class W25Q64:
    """The chip on an SPI bus: `select`, `transfer`, `deselect`. `now` gives seconds; `pace` scales its times."""

    def __init__(self, array: NorArray, now: Callable[[], float], pace: float = 1.0) -> None:
        self.array = array
        self.pace = pace
        self.fault = ""  # "" | "dead" (bus floats) | "stuck" (busy for ever)
        self._now = now
        self._powered_down = True
        self._power_on()
        # DS 7.2.x: after power-up the chip is in standby; rigs that leave it in power-down set this themselves.
        self._powered_down = False

    def power_down(self) -> None:
        """Put the chip into deep power-down, as an earlier owner may have left it (DS 8.2.30)."""
        self._powered_down = True

    def select(self) -> None:
        """Chip select falls: the next byte is an instruction."""
        self._in = bytearray()

    def transfer(self, mosi: bytes) -> bytes:
        """Clock bytes in and return as many out; bits most significant first."""
        if self.array.dead or self.fault == "dead":
            return b"\xff" * len(mosi)
        start = len(self._in)
        self._in += mosi
        return self._answer(start, len(mosi))

    def deselect(self) -> None:
        """Chip select rises: writes take effect now (DS 8.2: on the byte boundary)."""
        data, self._in = bytes(self._in), bytearray()
        if data and not self.array.dead and self.fault != "dead":
            self._execute(data[0], data)

    def power_cut(self) -> None:
        """Power fails at this moment: an operation under way is torn in proportion to its time."""
        if self._work is not None:
            kind, address, data, length, begun, until = self._work
            span = max(until - begun, 1e-9)
            share = min(1.0, max(0.0, (self._now() - begun) / span))
            self._apply(kind, address, data, int(length * share) if share < 1.0 else None)
        self._power_on()

    def power_cycle(self) -> None:
        """Power comes back after a cut: volatile state is gone, the cells stay."""
        self._power_on()
        self.array.restore()

    def due(self) -> float | None:
        """Return when an operation under way ends (seconds of `now`), or None."""
        return self._busy_until if self._work is not None else None

    def poll(self) -> None:
        """Let time pass: an operation whose time is over has changed its cells."""
        self._settle()

    def busy(self) -> bool:
        """Return True while a program, erase or status write runs."""
        self._settle()
        return self.fault == "stuck" or self._now() < self._busy_until

    def _power_on(self) -> None:
        self._in = bytearray()
        self._status = [0x00, 0x00, 0x60]
        self._wel = False
        self._reset_enabled = False
        self._suspended: tuple[_Work, float] | None = None
        self._work: _Work | None = None
        self._busy_until = 0.0

    def _answer(self, start: int, count: int) -> bytes:
        """Return the chip's output for `count` bytes beginning at byte `start` of the instruction."""
        op = self._in[0]
        if self._powered_down and op != 0xAB:
            return b"\xff" * count
        if self.busy() and op not in _HEARD_WHILE_BUSY:
            return b"\xff" * count
        head, body = self._output(op)
        lead = b"\xff" * max(0, head - start)
        return (lead + body(max(0, start - head), max(0, count - len(lead))))[:count]

    def _output(self, op: int) -> tuple[int, Callable[[int, int], bytes]]:
        """Return how many bytes come in before the chip answers, and the answer as a function of place and length."""
        if op in (0x03, 0x0B):
            head = 4 if op == 0x03 else 5
            address = int.from_bytes(self._in[1:4], "big")
            return head, lambda at, n: self.array.read(address + at, n) if n else b""
        if op in (0x05, 0x35, 0x15):
            index = (0x05, 0x35, 0x15).index(op)
            return 1, lambda at, n: bytes([self._read_status(index)]) * n
        if op == 0x9F:
            return 1, _repeat(JEDEC_ID)
        if op == 0xAB:
            return 4, _repeat(bytes([DEVICE_ID]))
        if op == 0x90:
            swapped = len(self._in) > 3 and self._in[3] & 1
            return 4, _repeat(bytes([DEVICE_ID, 0xEF]) if swapped else bytes([0xEF, DEVICE_ID]))
        if op == 0x4B:
            return 5, _repeat(UNIQUE_ID)
        return 1, lambda at, n: b"\xff" * n

    def _read_status(self, index: int) -> int:
        busy = self.busy()
        if index == 0:
            return self._status[0] & 0xFC | (_WEL if self._wel else 0) | (_BUSY if busy else 0)
        if index == 1:
            return self._status[1] & ~_SUS & 0xFF | (_SUS if self._suspended else 0)
        return self._status[2]

    def _execute(self, op: int, data: bytes) -> None:
        if self._powered_down:
            self._powered_down = op != 0xAB
            return
        if self.busy() and op not in _HEARD_WHILE_BUSY:
            return
        if op == 0x99 and self._reset_enabled:
            self._software_reset()
        self._reset_enabled = op == 0x66
        if op == 0x06:
            self._wel = True
        elif op == 0x04:
            self._wel = False
        elif op == 0xB9:
            self._powered_down = True
        elif op == 0x75:
            self._suspend()
        elif op == 0x7A:
            self._resume()
        elif self._wel:
            self._execute_write(op, data)

    def _execute_write(self, op: int, data: bytes) -> None:
        if op in (0x01, 0x31, 0x11) and len(data) > 1:
            self._status[(0x01, 0x31, 0x11).index(op)] = data[1]
            if op == 0x01 and len(data) > 2:
                self._status[1] = data[2]
            self._wel = False
            self._busy_until = self._now() + T_STATUS_WRITE * self.pace
        elif op == 0x02 and len(data) > 4:
            address = int.from_bytes(data[1:4], "big") % SIZE
            if self._protected(address, 1):
                self._wel = False
                return
            self._begin("program", address, data[4:], len(data) - 4, T_PROGRAM)
        elif op in ERASE_SIZE and len(data) == (4 if op in _NEEDS_ADDRESS else 1):
            length = ERASE_SIZE[op]
            address = int.from_bytes(data[1:4], "big") % SIZE // length * length if op in _NEEDS_ADDRESS else 0
            if self._protected(address, length):
                self._wel = False
                return
            self._begin("erase", address, b"", length, T_ERASE[op])

    def _begin(self, kind: str, address: int, data: bytes, length: int, takes: float) -> None:
        begun = self._now()
        self._busy_until = begun + takes * self.pace
        self._work = (kind, address, data, min(length, PAGE) if kind == "program" else length, begun, self._busy_until)
        if self.array.begin():
            self._apply(kind, address, data, min(self.array.planned_byte(), self._work[3]))
            self._power_on()
            self.array.cut()

    def _settle(self) -> None:
        """Finish the operation whose time has passed: its cells change and WEL falls (DS 7.1.1, 7.1.2)."""
        if self._work is None or self._now() < self._busy_until:
            return
        kind, address, data, _, _, _ = self._work
        self._apply(kind, address, data, None)
        self._work = None
        self._wel = False

    def _apply(self, kind: str, address: int, data: bytes, done: int | None) -> None:
        """Change the cells; `done` bytes only, if power failed there."""
        if kind == "erase":
            length = self._work[3] if self._work else SECTOR
            self.array.erase(address, length, done)
            return
        for at, part, cut in _page_parts(address, data, done):
            self.array.program(at, part, cut)

    def _software_reset(self) -> None:
        """Enable Reset, Reset (DS 8.2.43): an operation under way is lost part-way."""
        self.power_cut()
        self._busy_until = self._now() + T_RESET * self.pace

    def _suspend(self) -> None:
        if self._work is not None and self.busy():
            self._suspended = (self._work, self._busy_until - self._now())
            self._work = None
            self._wel = False
            self._busy_until = self._now() + T_SUSPEND * self.pace

    def _resume(self) -> None:
        if self._suspended is not None:
            work, rest = self._suspended
            self._suspended = None
            self._busy_until = self._now() + rest
            kind, address, data, length, begun, _ = work
            self._work = (kind, address, data, length, begun, self._busy_until)

    def _protected(self, address: int, length: int) -> bool:
        """Return True if the block protection bits cover any byte (DS 7.1.3 to 7.1.6, CMP = 0)."""
        bits = self._status[0] >> 2 & 7
        if bits == 0:
            return False
        sector, bottom = self._status[0] & 0x40, self._status[0] & 0x20
        unit = min(SECTOR << (bits - 1), 8 * SECTOR) if sector and bits < 6 else 0x20000 << (bits - 1)
        covered = SIZE if bits == 7 else min(unit, SIZE)
        return address < covered if bottom else address + length > SIZE - covered


def _repeat(pattern: bytes) -> Callable[[int, int], bytes]:
    return lambda at, n: bytes(pattern[(at + i) % len(pattern)] for i in range(n))


def _page_parts(address: int, data: bytes, done: int | None) -> list[tuple[int, bytes, int | None]]:
    """Return where the bytes of one page program land: past the page's end they wrap to its start (DS 8.2.15)."""
    page = address // PAGE * PAGE
    offset = (address - page + max(0, len(data) - PAGE)) % PAGE
    data = data[-PAGE:]
    first, rest = data[: PAGE - offset], data[PAGE - offset :]
    if done is None:
        whole: list[tuple[int, bytes, int | None]] = [(page + offset, first, None), (page, rest, None)]
        return whole if rest else whole[:1]
    if done < len(first):
        return [(page + offset, first, done)]
    torn: list[tuple[int, bytes, int | None]] = [(page + offset, first, None), (page, rest, done - len(first))]
    return torn if rest else torn[:1]
