"""What a board is made of, at the level where the firmware's drivers end: each part does what its driver promises.

The drivers and the chips below them have the virtual board; here they would cost a hundred times the time.
"""

from collections.abc import Callable
from random import Random

from drivers.errors import ChipError
from virtualboard.chips.nor import SECTOR, NorArray

FLASH_BYTES = 8 << 20  # W25Q64
FULL_MV = 12_600  # a lead battery on its charger


FIRST_S = 946_684_800  # 2000-01-01: a clock begins there
RIGHT_S = 60


class PowerCut(BaseException):
    """The supply went: no part of the firmware may live on, whatever it catches."""


class Flash:
    """The journal's chip (drivers.w25q.W25Q) over cells that outlive the power."""

    def __init__(self, cells: NorArray, rng: Random):
        self.cells = cells
        self.size = cells.size
        self._rng = rng
        self._cut_in = 0

    def cut(self, operation: int) -> None:
        """Let the power fail in the `operation`-th program or erase from now, torn anywhere; 0: in none."""
        self._cut_in = operation

    def identify(self) -> tuple[int, int, int]:
        """Return maker, type and capacity code of a W25Q64JV."""
        return 0xEF, 0x40, 0x17

    def read_into(self, addr: int, buf: bytearray) -> None:
        """Fill `buf` from an address."""
        buf[:] = self.cells.read(addr, len(buf))

    def program(self, addr: int, data: bytes) -> None:
        """Program within one page; PowerCut when it is time."""
        done = self._torn(len(data))
        self.cells.program(addr, bytes(data), done)
        self._fall(done)

    def erase_start(self, addr: int) -> None:
        """Erase a sector; it is done when this returns."""
        done = self._torn(SECTOR)
        self.cells.erase(addr, SECTOR, done)
        self._fall(done)

    def busy(self) -> bool:
        """Return False: no erase takes time here."""
        return False

    def wait(self, limit_ms: int) -> None:
        """Return at once."""

    def _torn(self, size: int) -> int | None:
        self._cut_in -= 1
        return self._rng.randrange(size + 1) if self._cut_in == 0 else None

    def _fall(self, done: int | None) -> None:
        if done is not None:
            raise PowerCut


class Rtc:
    """The clock chip (drivers.ds3231.DS3231): virtual UTC and an error that only faults and settings change.

    `misled`: the number of an error that came while there was no power to see it, until the clock is set right; else 0.
    """

    def __init__(self, utc_ms: Callable[[], int]):
        self._utc_ms = utc_ms
        self._error_s = 0
        self._stopped = False
        self._jumped = False
        self._errors = 0
        self._lost: set[int] = set()
        self.misled = 0

    def true_s(self) -> int:
        """Return what it would show if it were right."""
        return self._utc_ms() // 1000

    def read(self) -> int:
        """Return Unix seconds."""
        return self.true_s() + self._error_s

    def write(self, unix: int) -> None:
        """Set the clock."""
        self._error_s = unix - self.true_s()
        self._stopped = self._jumped = False
        if abs(self._error_s) <= RIGHT_S:
            self.misled = 0

    def stopped(self) -> bool:
        """Return True if the clock lost its supply since it was set."""
        return self._stopped

    def jump(self, seconds: int) -> None:
        """Let the clock go wrong."""
        self._error_s += seconds
        self._jumped = True

    def stop(self) -> None:
        """Let the clock lose its supply: it begins anew in 2000."""
        self._error_s = FIRST_S - self.true_s()
        self._stopped = True

    def begin(self) -> None:
        """A board starts: what befell the clock before, it did not see; of a stopped one nobody knows what it was."""
        if self._stopped and self.misled:
            self._lost.add(self.misled)
            self.misled = 0
        elif self._jumped and not self._stopped and not self.misled:
            self._errors += 1
            self.misled = self._errors
        self._jumped = False

    def unknowable(self, error: int) -> bool:
        """Return True for an error of `misled` that no setting has shown."""
        return error in self._lost or 0 < error == self.misled


class Reader:
    """The card reader (drivers.pn532.PN532): what lies in the field is found when it is asked."""

    def __init__(self) -> None:
        self.uid = b""
        self.asked_ms = 0

    def begin(self) -> tuple[int, int, int]:
        """Return chip, version and revision."""
        return 0x32, 1, 6

    def poll_targets(self, now_ms: int) -> list[tuple[bytes, int, int]]:
        """Return the cards in the field: (UID, ATQA, SAK)."""
        self.asked_ms = now_ms
        return [(self.uid, 0x0344, 0x20)] if self.uid else []


class Button:
    """A push button (drivers.buttons.Button) after its contacts settled."""

    def __init__(self) -> None:
        self._edges: list[str] = []

    def press(self) -> None:
        """Press and let go."""
        self._edges += ["press", "release"]

    def step(self, now_ms: int) -> str | None:
        """Return the next edge, or None."""
        return self._edges.pop(0) if self._edges else None

    def down(self) -> bool:
        """Return False: fingers are quick."""
        return False


class Buzzer:
    """The buzzer (drivers.buzzer.Buzzer): what begins to sound is told to whoever listens."""

    def __init__(self, heard: Callable[[int], None]):
        self._heard = heard

    def play(self, pattern: tuple[tuple[int, int], ...]) -> None:
        """Start a pattern of (Hz, ms)."""
        self._heard(next(hz for hz, _ in pattern if hz))

    def step(self, now_ms: int) -> None:
        """Go on."""


class Dark:
    """Display and light bar that nobody looks at."""

    n = 8
    limit = 0

    def __init__(self) -> None:
        self.buffer = bytearray(1024)
        self.fb = self

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Take every drawing call, and draw nothing; a call that was once asked for is found at once."""
        setattr(self, name, _draw_nothing)
        return _draw_nothing


def _draw_nothing(*_: object) -> None:
    """Take what a drawing call takes."""


class Battery:
    """The battery's voltage divider (drivers.battery.Battery)."""

    def millivolts(self) -> int:
        """Return millivolts."""
        return FULL_MV


class Line:
    """The line's driver (drivers.rs485.RS485): bytes go to `send`, what came waits until it is read."""

    def __init__(self, send: Callable[[bytes], None]):
        self._send = send
        self._came = bytearray()
        self.broken = False

    def came(self, data: bytes) -> None:
        """Take bytes from the far end."""
        self._came += data

    def write(self, data: bytes, more: bool = False) -> int:
        """Send all, whether there is `more` or not; ChipError while the transceiver is broken."""
        if self.broken:
            raise ChipError("RS-485", "transmitter stuck")
        self._send(bytes(data))
        return len(data)

    def read(self) -> bytes:
        """Return what arrived, and forget it."""
        data, self._came = bytes(self._came), bytearray()
        return data
