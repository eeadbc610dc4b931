"""One board: the firmware's own App on simple parts, turned when something is due, switched off when power fails."""

import asyncio
from collections.abc import Callable
from random import Random

from settings import Settings

from checkpost.record import unpack, valid
from checkpost.ticks import elapsed_ms
from drivers.errors import ChipError
from kiosk.app import App, Hardware
from kiosk.kiosk import IDLE, READING
from kiosk.sectors import RECORDS, SLOT
from kiosk.state import FIRST_SLOT
from simulator.air import Air, Transceiver
from simulator.chips import FLASH_BYTES, Battery, Button, Buzzer, Dark, Flash, Line, PowerCut, Reader, Rtc
from simulator.keywork import SLICE_S
from virtualboard.chips.nor import NorArray

BUTTONS = ("admit", "refer", "no_card", "direction")
BUSY_S = 0.002  # a burst goes out
WAITING_S = 0.08  # a frame waits for the channel
READING_S = 0.1  # a card lies there, and the gateway is asked
AWAKE_S = 0.5  # an answer stands, or records wait to go; fingers and frames are noticed at once
QUIET_S = 2.0  # nobody does: the link is polled this often, unless something comes
REST_S = 15.0  # the same when nobody comes any more
POWER_CAUSE = 1  # of a start after the supply came back


class Ticks:
    """`time` as a board has it: milliseconds since this start, which come round after 2**30."""

    def __init__(self, now_s: Callable[[], float]):
        self._now_s = now_s
        self._started_s = now_s()

    def ticks_ms(self) -> int:
        """Return the counter."""
        return int((self._now_s() - self._started_s) * 1000) & 0x3FFFFFFF

    def ticks_diff(self, later: int, earlier: int) -> int:
        """Return milliseconds between two stamps."""
        return elapsed_ms(later, earlier)

    def sleep_us(self, us: int) -> None:
        """Return: waits inside a turn take no time here."""

    def sleep_ms(self, ms: int) -> None:
        """Return, as above."""


class Board:
    """`heard(board, hz)` is told each sound; `send(data)` takes what the board says on its line."""

    def __init__(
        self,
        values: dict[str, object],
        utc_ms: Callable[[], int],
        rng: Random,
        heard: "Callable[[Board, int], None]",
        send: Callable[[bytes], None],
        air: Air | None = None,
    ):
        """`air`: where the board is by radio."""
        self.values = values
        self.radio = Transceiver(air, f"board {values['board']}", self.notice) if air is not None else None
        self.cells = NorArray(FLASH_BYTES, rng=rng)
        self.flash = Flash(self.cells, rng)
        self.rtc = Rtc(utc_ms)
        self.line = Line(send)
        self.reader = Reader()
        self.buttons = {name: Button() for name in BUTTONS}
        self.rotten: set[tuple[int, int]] = set()  # (epoch, sequence) of records of which a bit flipped on the flash
        self.on_duty = True  # False while a technician has it
        self.resting = False  # set when the last traveller is gone: it waits for airtime, or for nothing
        self.starts = 0
        self.cuts = 0
        self.app: App | None = None  # None while there is no power
        self.starting: App | None = None  # the one whose start is under way
        self._rng = rng
        self._heard = heard
        self._waking: asyncio.Future[None] | None = None  # what the loop waits for

    @property
    def number(self) -> int:
        """Return the board's id."""
        number = self.values["board"]
        assert isinstance(number, int)
        return number

    @property
    def place(self) -> tuple[int, int]:
        """Return the board's id and its epoch."""
        return self.number, int(str(self.values["epoch"]))

    def notice(self) -> None:
        """Let the loop turn at once: something happened at the board."""
        if self._waking is not None and not self._waking.done():
            self._waking.set_result(None)

    def came(self, data: bytes) -> None:
        """Take bytes from the line; nobody hears them while there is no power."""
        if self.app is not None:
            self.line.came(data)
            self.notice()

    def rot(self) -> None:
        """Flip a bit of some record on the flash; not of the newest, which nobody tells from one that was torn."""
        journal = self.app.journal if self.app is not None else None
        if journal is None or journal.next_seq - 1 <= journal.oldest_seq:
            return
        seq = self._rng.randrange(journal.oldest_seq, journal.next_seq - 1)
        section = journal._reading._find(seq)
        for slot in range(FIRST_SLOT, FIRST_SLOT + RECORDS):
            address = journal.ring.address(section.counter, slot)
            raw = bytes(self.cells.read(address, SLOT))
            if valid(raw) and unpack(raw).seq == seq:
                self.cells.rot(address + self._rng.randrange(SLOT), 1 << self._rng.randrange(8))
                self.rotten.add((journal.epoch, seq))
                return

    def power_off(self) -> None:
        """Take the supply away between two operations."""
        self.app = None
        self.notice()

    def take_off(self) -> None:
        """Take the board off its lane, without power, until it is put on again."""
        self.on_duty = False
        self.power_off()

    def put_on(self, new_chip: bool) -> None:
        """Give the lane this board again, or one with an empty chip and the same settings."""
        if new_chip:
            self.cells = NorArray(FLASH_BYTES, rng=self._rng)
            self.flash = Flash(self.cells, self._rng)
        self.on_duty = True

    def restore(self, image: bytes) -> None:
        """Let the power fail, and the chip hold what it held when `image` was read."""
        self.power_off()
        self.cells.cells[:] = image

    async def run(self) -> None:
        """Run until cancelled: start, turn, and start again a moment after each power cut."""
        while True:
            while not self.on_duty:
                await asyncio.sleep(1)
            try:
                self._start()
                await self._turn()
            except PowerCut:
                self.cuts += 1
                self.app = None
            if self.radio is not None:
                self.radio.off()
            await asyncio.sleep(self._rng.uniform(0.1, 3.0))

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self.starts += 1
        self.line.read()
        self.reader.uid = b""
        self.rtc.begin()
        app = App(self._hardware(), Settings(self.values), Ticks(loop.time), self._rng.randbytes)
        self.starting = app
        app.start()
        self.app, self.starting = app, None

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        while self.app is not None:
            wait_s = self._step(self.app)
            self._waking = loop.create_future()
            timer = loop.call_later(wait_s, self.notice)
            await self._waking
            timer.cancel()

    def _step(self, app: App) -> float:
        """Turn the loop once; return after how many seconds it is due again."""
        if app.step():
            return BUSY_S if app.uplink.link._turns.speaking else SLICE_S
        if app.kiosk.state == READING:
            return READING_S
        if self.radio is not None and not self.radio.under_way() and not app.uplink._line.free():
            return WAITING_S
        if app.kiosk.state == IDLE and not app.uplink.queue():
            return REST_S if self.resting and not app.uplink.link._turns.listening else QUIET_S
        return QUIET_S if self.resting and self.radio is not None else AWAKE_S

    def _hardware(self) -> Hardware:
        parts = Hardware()
        parts.errors = (ChipError, OSError)
        parts.cause = POWER_CAUSE
        parts.flash, parts.rtc, parts.reader, parts.line = self.flash, self.rtc, self.reader, self.line
        if self.radio is not None:
            radio = self.radio
            parts.radio = lambda: radio.driver
        parts.oled = parts.bar = Dark()
        parts.buzzer = Buzzer(lambda hz: self._heard(self, hz))
        parts.buttons, parts.battery, parts.watchdog = self.buttons, Battery(), None
        return parts
