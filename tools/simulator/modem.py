"""A gateway's radio: the firmware in the modem's role on simple parts, at the end of a USB line."""

import asyncio
from collections.abc import Callable
from random import Random

from settings import ModemSettings

from drivers.errors import ChipError
from modem.modem import make_modem
from simulator.air import Air, Transceiver
from simulator.board import Ticks
from simulator.chips import FLASH_BYTES, Flash, PowerCut
from virtualboard.chips.nor import NorArray

USB_S = 0.002  # a line on its way, and the machines at both ends
BUSY_S = 0.02  # a frame waits for the channel
QUIET_S = 2.0  # nothing waits: reports and minutes


class Modem:
    """`send(data)` takes its lines for the gateway."""

    def __init__(self, name: str, link: dict[str, object], air: Air, rng: Random, send: Callable[[bytes], None]):
        self.name = name
        self.cuts = 0
        self.flash = Flash(NorArray(FLASH_BYTES, rng=rng), rng)
        self.chip = Transceiver(air, name, self._notice)
        self._settings = ModemSettings({"role": "modem", "link": link})
        self._rng = rng
        self._send = send
        self._lines: list[bytes] = []
        self._rest = b""
        self._on = False
        self._waking: asyncio.Future[None] | None = None

    def came(self, data: bytes) -> None:
        """Take bytes of the gateway; nobody hears them while there is no power."""
        if self._on:
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += lines
            asyncio.get_running_loop().call_later(USB_S, self._notice)

    async def run(self) -> None:
        """Run until cancelled, and again a moment after each power cut."""
        while True:
            try:
                self._on = True
                await self._turn()
            except PowerCut:
                self.cuts += 1
            self._on = False
            self._lines, self._rest = [], b""
            self.chip.off()
            await asyncio.sleep(self._rng.uniform(0.1, 3.0))

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        ticks = Ticks(loop.time)
        identity = self.name.encode()[-8:]
        made = make_modem(self._settings, self.flash, self.chip.driver, identity, self._rng.randbytes, ticks.ticks_ms())
        while True:
            lines, self._lines = self._lines, []
            try:
                out = made.step(lines, ticks.ticks_ms())
            except (ChipError, OSError) as error:
                made.failed(error)
                out = []
            if out:
                loop.call_later(USB_S, self._send, b"".join(text + b"\n" for text in out))
            waiting = bool(made._queue) or not made._radio.free()
            self._waking = loop.create_future()
            timer = loop.call_later(BUSY_S if waiting and not self.chip.under_way() else QUIET_S, self._notice)
            await self._waking
            timer.cancel()

    def _notice(self) -> None:
        if self._waking is not None and not self._waking.done():
            self._waking.set_result(None)
