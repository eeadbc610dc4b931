"""Radios on one air and one clock, for tests: each has a bench, a chip model and the driver."""

from drivers.sx1262 import SX1262
from virtualboard.bench import Bench, BenchClock
from virtualboard.ether import Antenna, Ether

CS, BUSY, DIO1, RESET = 9, 12, 13, 14
CHANNEL_HZ = 869_525_000


class Air:
    """A clock and an ether that several benches share."""

    def __init__(self, **ether: object) -> None:
        self.clock = BenchClock()
        self.ether = Ether(lambda: round(self.clock.seconds * 1e6), **ether)
        self.stations: list[Station] = []

    def station(self, name: str, spi: object = None) -> "Station":
        """Return a new radio that is off."""
        made = Station(self, name, spi)
        self.stations.append(made)
        return made

    def pass_ms(self, ms: float) -> None:
        """Let time pass for everybody; whatever is due moves at its own moment."""
        until = self.clock.seconds + ms / 1000
        while True:
            dues = [station.bench.circuit.due() for station in self.stations]
            dues.append(None if self.ether.due_us() is None else self.ether.due_us() / 1e6)
            due = min((one for one in dues if one is not None), default=until)
            self.clock.seconds = max(self.clock.seconds, min(due, until))
            self.ether.poll()
            for station in self.stations:
                station.bench.circuit.poll()
            if due >= until:
                return

    def now_ms(self) -> int:
        """Return the boards' ticks."""
        return int(self.clock.seconds * 1000) & 0x3FFFFFFF


class Station:
    """One radio: `bench`, `chip` (the model) and `radio` (the driver)."""

    def __init__(self, air: Air, name: str, spi: object = None) -> None:
        self.air = air
        self.name = name
        self.antenna: Antenna = air.ether.join(name)
        self.bench = SharedBench(air, self.antenna)
        self.chip = self.bench.circuit.radio
        pins = [self.bench.pin(CS, 1, 1), self.bench.pin(BUSY), self.bench.pin(DIO1), self.bench.pin(RESET, 1, 1)]
        self.radio = SX1262(spi or self.bench.spi(1, 16_000_000), *pins, self.bench.sleep_us)

    def on(self, channel_hz: int = CHANNEL_HZ, factor: int = 7, dbm: int = 14) -> "Station":
        """Set the driver up."""
        self.radio.begin(channel_hz, factor, dbm)
        return self

    def until(self, limit_ms: int = 5000) -> int:
        """Step the driver until something happens; 0 when nothing does."""
        for _ in range(limit_ms):
            what = self.radio.step(self.air.now_ms())
            if what:
                return what
            self.air.pass_ms(1)
        return 0


class SharedBench(Bench):
    """A bench whose time is the air's: what one board waits, all wait."""

    def __init__(self, air: Air, antenna: Antenna) -> None:
        self._air = air
        super().__init__(clock=air.clock, antenna=antenna)

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self._air.pass_ms(seconds * 1000)
