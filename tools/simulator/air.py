"""The air of a run: the virtual boards' own ether in virtual time, radios on it, and what disturbs them."""

import asyncio
from collections.abc import Callable
from random import Random

from checkpost.regions import region
from drivers import sx1262
from drivers.errors import ChipError
from virtualboard.ether import HEARD, LOST, NOISE_DBM, SNR_MAX_DB, Ether, Logged, Packet, Signal
from virtualboard.law import offences

REGION = "EU868"
FOREIGN = "foreign"  # somebody else's sender on our channel: the law is not ours to keep for him
QUIET_DBM = -110
CAD_SYMBOLS = 5  # of activity detection, with the processing after it

_IDLE, _LISTENING, _SENDING, _SENSING = range(4)


class Air:
    """All boards and modems of a site are on one channel."""

    def __init__(self, seed: int, rng: Random):
        self.ether = Ether(_now_us, seed=seed, on_log=self._began)
        self._rng = rng
        self._foreign = self.ether.join(FOREIGN)

    def weather(self, loss: float, bit_errors: float) -> None:
        """Let the air be as bad as that, in shares of the packets, until it is told otherwise."""
        self.ether.loss, self.ether.bit_errors = loss, bit_errors

    def intrude(self, hz: int, factor: int) -> None:
        """Let somebody else send a packet on a channel, whatever is on it."""
        size = self._rng.randrange(10, 200)
        self._foreign.send(Packet(self._rng.randbytes(size), hz, factor))

    def carried(self) -> tuple[int, float]:
        """Return how many packets our radios sent, and the seconds that they took."""
        ours = [one for one in self.ether.log if one.radio != FOREIGN]
        return len(ours), sum(one.us for one in ours) / 1e6

    def broken_law(self) -> list[str]:
        """Return a sentence for each of our senders that was on the air longer than any hour allows."""
        return offences([one for one in self.ether.log if one.radio != FOREIGN], region(REGION))

    def _began(self, one: Logged) -> None:
        asyncio.get_running_loop().call_at((one.start_us + one.us) / 1e6, self.ether.poll)


class Transceiver:
    """The radio chip (drivers.sx1262.SX1262) with its antenna; `notice()` is its interrupt."""

    def __init__(self, air: Air, name: str, notice: Callable[[], None]):
        self.frame = b""
        self.rssi_dbm = 0
        self.snr_db = 0
        self.broken_packets = 0
        self.broken = False  # it does not answer its driver
        self._notice = notice
        self._antenna = air.ether.join(name)
        self._antenna.on_began, self._antenna.on_ended = self._hear, self._heard
        self._antenna.on_sent = self._sent
        self._state = _IDLE
        self._locked: int | None = None  # the packet that is being received
        self._turn = 0
        self._happened: list[int] = []

    @property
    def driver(self) -> tuple["Transceiver", object]:
        """Return the chip and its driver's module."""
        return self, sx1262

    def off(self) -> None:
        """Lose the supply, and with it whatever is on the air."""
        self._antenna.stop()
        self._enter(_IDLE)

    def under_way(self) -> bool:
        """Return True while it sends or looks at the channel: its interrupt tells the end."""
        return self._state in (_SENDING, _SENSING)

    def begin(self, channel_hz: int, spreading_factor: int, power_dbm: int, bandwidth_hz: int = 125_000) -> None:
        """Set up, and listen."""
        self._answer()
        self._channel = channel_hz, spreading_factor, bandwidth_hz
        self._dbm = power_dbm
        self.listen()

    def listen(self) -> None:
        """Receive until told otherwise."""
        self._answer()
        self._enter(_LISTENING)

    def listening(self) -> bool:
        """Return True while it receives."""
        return self._state == _LISTENING

    def send(self, frame: bytes, now_ms: int) -> None:
        """Begin to send."""
        self._answer()
        self._enter(_SENDING)
        self._antenna.send(Packet(bytes(frame), *self._channel, self._dbm))

    def sense(self, now_ms: int) -> None:
        """Look for a packet on the channel."""
        self._answer()
        self._enter(_SENSING)
        _, factor, bandwidth_hz = self._channel
        seconds = CAD_SYMBOLS * (1 << factor) / bandwidth_hz
        asyncio.get_running_loop().call_later(seconds, self._sensed, self._turn, self._taken())

    def energy_dbm(self, for_ms: int) -> int:
        """Return the most energy on the channel."""
        self._answer()
        signals = self._antenna.signals.values()
        return max((one.rssi_dbm for one in signals if one.hz == self._channel[0]), default=QUIET_DBM)

    def step(self, now_ms: int) -> int:
        """Return what happened, or 0."""
        self._answer()
        return self._happened.pop(0) if self._happened else 0

    def _answer(self) -> None:
        if self.broken:
            self._enter(_IDLE)
            raise ChipError("sx1262", "stopped answering")

    def _enter(self, state: int) -> None:
        self._state = state
        self._locked = None
        self._turn += 1
        if state != _LISTENING:
            self._happened.clear()

    def _taken(self) -> bool:
        return any(self._fits(one) for one in self._antenna.signals.values())

    def _fits(self, signal: Signal) -> bool:
        return (signal.hz, signal.factor, signal.bandwidth_hz) == self._channel

    def _sensed(self, turn: int, taken: bool) -> None:
        if turn == self._turn:
            taken = taken or self._taken()
            self._enter(_IDLE)
            self._tell(sx1262.TAKEN if taken else sx1262.CLEAR)

    def _sent(self) -> None:
        if self._state == _SENDING:
            self._enter(_LISTENING)
            self._tell(sx1262.SENT)

    def _hear(self, signal: Signal) -> None:
        if self._state == _LISTENING and self._locked is None and self._fits(signal):
            self._locked = signal.number

    def _heard(self, signal: Signal, how: str, data: bytes) -> None:
        if signal.number != self._locked:
            return
        self._locked = None
        if how == HEARD:
            self.frame, self.rssi_dbm = data, signal.rssi_dbm
            self.snr_db = min(SNR_MAX_DB, signal.rssi_dbm - NOISE_DBM)
            self._tell(sx1262.RECEIVED)
        elif how != LOST:
            self.broken_packets += 1

    def _tell(self, what: int) -> None:
        self._happened.append(what)
        self._notice()


def _now_us() -> int:
    return round(asyncio.get_running_loop().time() * 1e6)
