"""The air that radios share: who hears what, what collides, what is lost, and a log of every transmission.

Sans-io: time is handed in, in microseconds. Each radio has an `Antenna`; `ether_server` gives one to other processes.
A packet is heard by a radio that listened on its frequency and spreading factor from its preamble to its end. Another
packet of the same spreading factor spoils it, unless it is 6 dB weaker (the capture effect as measured by Bor, Roedig,
Voigt and Alonso, "Do LoRa Low-Power Wide-Area Networks Scale?", MSWiM 2016); other spreading factors do not disturb.
"""

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from checkpost.airtime import time_on_air_us

CAPTURE_DB = 6
LOSS_NEAR_DB, LOSS_FAR_DB = 75, 110  # of the paths between the radios, drawn from the seed
NOISE_DBM = -117  # of 125 kHz, with a receiver's noise figure of 6 dB
SNR_MAX_DB = 12  # what the chip reports of a strong packet
HEARD, BROKEN, LOST = "heard", "broken", "lost"


@dataclass(frozen=True)
class Packet:
    """What a radio sends."""

    data: bytes
    hz: int
    factor: int
    bandwidth_hz: int = 125_000
    dbm: int = 14

    def us(self) -> int:
        """Return its time on air."""
        return time_on_air_us(len(self.data), self.factor, self.bandwidth_hz)

    def like(self, other: "Packet") -> bool:
        """Return True if both are of one channel and spreading factor."""
        return (self.hz, self.factor, self.bandwidth_hz) == (other.hz, other.factor, other.bandwidth_hz)


@dataclass(frozen=True)
class Logged:
    """One transmission in the ether's own log."""

    radio: str
    start_us: int
    us: int
    hz: int
    factor: int
    size: int


@dataclass
class Flight:
    """A packet on the air."""

    number: int
    sender: str
    packet: Packet
    start_us: int
    end_us: int
    torn: bool = False  # the sender lost its power
    others: "list[Flight]" = field(default_factory=list)  # that were on the air at the same time


@dataclass(frozen=True)
class Signal:
    """A packet on the air as one radio hears it begin. `rssi_dbm`: at this radio."""

    number: int
    hz: int
    factor: int
    bandwidth_hz: int
    rssi_dbm: int


class Antenna:
    """One radio's end of the ether. `signals` are on the air now; the callbacks are the radio's."""

    def __init__(self, ether: "Ether", name: str) -> None:
        self.name = name
        self.signals: dict[int, Signal] = {}
        self.on_began: Callable[[Signal], None] | None = None
        self.on_ended: Callable[[Signal, str, bytes], None] | None = None
        self.on_sent: Callable[[], None] | None = None
        self._ether = ether

    def send(self, packet: Packet) -> None:
        """Begin to send; `on_sent` tells the end."""
        self._ether.begin(self, packet)

    def stop(self) -> None:
        """Break off what is being sent: power failed."""
        self._ether.tear(self.name)

    def began(self, signal: Signal) -> None:
        """A packet of another radio begins."""
        self.signals[signal.number] = signal
        if self.on_began:
            self.on_began(signal)

    def ended(self, signal: Signal, how: str, data: bytes) -> None:
        """It ends; `how` it came through here, if the radio listened all the time."""
        self.signals.pop(signal.number, None)
        if self.on_ended:
            self.on_ended(signal, how, data)

    def sent(self) -> None:
        """The radio's own packet ends."""
        if self.on_sent:
            self.on_sent()


class Ether:
    """`loss` and `bit_errors`, which may change, are shares of the packets, each receiver for itself, by `seed`."""

    def __init__(
        self, now_us: Callable[[], int], loss: float = 0.0, bit_errors: float = 0.0, seed: int = 1,
        on_log: Callable[[Logged], None] | None = None,
    ) -> None:  # fmt: skip
        self.now_us = now_us
        self.log: list[Logged] = []
        self.counts = {HEARD: 0, BROKEN: 0, LOST: 0, "collided": 0}
        self.loss, self.bit_errors = loss, bit_errors
        self._seed = seed
        self._on_log = on_log
        self._antennas: dict[str, Antenna] = {}
        self._flights: list[Flight] = []
        self._numbers = itertools.count(1)

    def join(self, name: str) -> Antenna:
        """Return the antenna of a radio; an older one of that name hears nothing any more."""
        self.leave(name)
        antenna = self._antennas[name] = Antenna(self, name)
        for flight in self._flights:
            antenna.signals[flight.number] = self._signal(flight, name)
        return antenna

    def leave(self, name: str) -> None:
        """A radio is gone."""
        self.tear(name)
        self._antennas.pop(name, None)

    def begin(self, antenna: Antenna, packet: Packet) -> None:
        """A radio begins to send; whatever it was still sending is torn."""
        self.poll()
        self.tear(antenna.name)
        now = self.now_us()
        flight = Flight(next(self._numbers), antenna.name, packet, now, now + packet.us())
        for other in self._flights:
            other.others.append(flight)
            flight.others.append(other)
        self._flights.append(flight)
        logged = Logged(antenna.name, now, packet.us(), packet.hz, packet.factor, len(packet.data))
        self.log.append(logged)
        if self._on_log:
            self._on_log(logged)
        for name, receiver in list(self._antennas.items()):
            if name != antenna.name:
                receiver.began(self._signal(flight, name))

    def tear(self, sender: str) -> None:
        """Whatever a radio is sending comes through nowhere. It stays in the log with its whole time."""
        for flight in self._flights:
            if flight.sender == sender:
                flight.torn = True
                flight.end_us = min(flight.end_us, self.now_us())

    def due_us(self) -> int | None:
        """Return when the next packet ends, None while the air is quiet."""
        return min((flight.end_us for flight in self._flights), default=None)

    def poll(self) -> None:
        """End the packets whose time is over, in the order of their ends."""
        while (due := self.due_us()) is not None and due <= self.now_us():
            flight = min(self._flights, key=lambda one: one.end_us)
            self._flights.remove(flight)
            self._land(flight)

    def rssi_dbm(self, sender: str, receiver: str, dbm: int) -> int:
        """Return how strong a sender is at a receiver: the loss of a path is the same both ways."""
        share = self._draw("path", *sorted((sender, receiver)))
        return dbm - int(LOSS_NEAR_DB + share * (LOSS_FAR_DB - LOSS_NEAR_DB))

    def _land(self, flight: Flight) -> None:
        for name, receiver in list(self._antennas.items()):
            if name == flight.sender:
                if not flight.torn:
                    receiver.sent()
                continue
            how = self._fate(flight, name)
            self.counts[how] += 1
            receiver.ended(self._signal(flight, name), how, flight.packet.data if how == HEARD else b"")

    def _fate(self, flight: Flight, receiver: str) -> str:
        if flight.torn:
            return BROKEN
        if self._draw("loss", str(flight.number), receiver) < self.loss:
            return LOST
        strength = self.rssi_dbm(flight.sender, receiver, flight.packet.dbm)
        for other in flight.others:
            if other.sender == receiver or not other.packet.like(flight.packet):
                continue
            if self.rssi_dbm(other.sender, receiver, other.packet.dbm) > strength - CAPTURE_DB:
                self.counts["collided"] += 1
                return BROKEN
        return BROKEN if self._draw("bits", str(flight.number), receiver) < self.bit_errors else HEARD

    def _signal(self, flight: Flight, receiver: str) -> Signal:
        packet = flight.packet
        strength = self.rssi_dbm(flight.sender, receiver, packet.dbm)
        return Signal(flight.number, packet.hz, packet.factor, packet.bandwidth_hz, strength)

    def _draw(self, *what: str) -> float:
        """Return a number from 0 to 1 that depends on the seed and on nothing but what is drawn for."""
        word = "/".join((str(self._seed), *what)).encode()
        return int.from_bytes(hashlib.blake2b(word, digest_size=8).digest(), "big") / (1 << 64)


def most_in_a_window(log: list[Logged], window_us: int) -> int:
    """Return the most microseconds that one sender was on the air in any window; `log` is of one sender and sub-band.

    A sender's packets do not overlap. The time on air in a window only grows until a packet's end is at the window's
    end, so those windows are enough.
    """
    most = inside = first = 0
    for one in log:
        end = one.start_us + one.us
        inside += one.us
        while log[first].start_us + log[first].us <= end - window_us:
            inside -= log[first].us
            first += 1
        most = max(most, inside - max(0, end - window_us - log[first].start_us))
    return most
