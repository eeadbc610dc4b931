"""The board's circuit for CPython: machine-like objects over the same chip models, for tests of drivers.

bench = Bench()
spi, cs = bench.spi(0), bench.pin(17, Pin.OUT, 1)
bench.circuit.field.put(Card(bytes.fromhex("04A1B2C3D4E5F6")))
bench.step_ms(10)
"""

from .bench_machine import ADC, I2C, PWM, SPI, UART, Pin
from .chips.cards import Card, Type2Card
from .circuit import Circuit
from .ether import Antenna

__all__ = ["ADC", "I2C", "PWM", "SPI", "UART", "Bench", "BenchClock", "Card", "Pin", "Type2Card"]

_EPOCH_2026 = 1_767_225_600


class BenchClock:
    """A clock that moves only when told; `utc` runs along from the start of 2026."""

    def __init__(self, start_s: float = 1000.0) -> None:
        self.seconds = start_s
        self._start = start_s

    def now(self) -> float:
        """Return seconds (monotonic)."""
        return self.seconds

    def utc(self) -> float:
        """Return Unix seconds."""
        return _EPOCH_2026 + self.seconds - self._start


class Bench:
    """One circuit with a clock that tests move. Bus transfers move it by the time of their bits."""

    def __init__(
        self, pace: float = 1.0, oled: str = "sh1106", journal_path: str | None = None,
        clock: BenchClock | None = None, antenna: Antenna | None = None,
    ) -> None:  # fmt: skip
        """`clock` and `antenna`: shared with other benches."""
        self.clock = clock or BenchClock()
        self.circuit = Circuit(self.clock.now, self.clock.utc, journal_path, oled=oled, pace=pace, antenna=antenna)
        self.circuit.rtc.set_true(self.clock.utc())
        self.circuit.on_event = self._event
        self.circuit.on_pin = self._edge
        self.events: list[tuple[str, dict[str, object]]] = []
        self.watchers: dict[int, list[Pin]] = {}

    def advance(self, seconds: float) -> None:
        """Let time pass; what is due moves at its own moment."""
        until = self.clock.seconds + seconds
        while True:
            due = self.circuit.due()
            if due is None or due > until:
                break
            self.clock.seconds = max(self.clock.seconds, due)
            self.circuit.poll()
        self.clock.seconds = until

    def step_ms(self, ms: float = 1) -> None:
        """Let milliseconds pass."""
        self.advance(ms / 1000)

    def ticks_ms(self) -> int:
        """Return time.ticks_ms() of the board."""
        return int(self.clock.seconds * 1000) & 0x3FFFFFFF

    def ticks_us(self) -> int:
        """Return time.ticks_us() of the board."""
        return int(self.clock.seconds * 1_000_000) & 0x3FFFFFFF

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> int:
        """Return the signed difference of two ticks, over the wrap."""
        return ((later - earlier + 0x20000000) & 0x3FFFFFFF) - 0x20000000

    @staticmethod
    def ticks_add(ticks: int, delta: int) -> int:
        """Return ticks moved by `delta`."""
        return (ticks + delta) & 0x3FFFFFFF

    def sleep_ms(self, ms: int) -> None:
        """Block the board for milliseconds."""
        self.advance(ms / 1000)

    def sleep_us(self, us: int) -> None:
        """Block the board for microseconds."""
        self.advance(us / 1_000_000)

    def pin(self, gp: int, mode: int = -1, value: int | None = None) -> Pin:
        """Return a machine.Pin."""
        return Pin(self, gp, mode, value=value)

    def spi(self, bus: int, baudrate: int = 5_000_000) -> SPI:
        """Return a machine.SPI."""
        return SPI(self, bus, baudrate)

    def i2c(self, bus: int = 0) -> I2C:
        """Return a machine.I2C."""
        return I2C(self, bus)

    def pwm(self, gp: int = 3, freq: int = 0, duty_u16: int = 0) -> PWM:
        """Return a machine.PWM."""
        return PWM(self, gp, freq, duty_u16)

    def adc(self, gp: int = 28) -> ADC:
        """Return a machine.ADC."""
        return ADC(self, gp)

    def uart(self, baudrate: int = 921600, rxbuf: int = 256, txbuf: int = 256) -> UART:
        """Return the machine.UART of the gateway's line; the far end is `circuit.uart`."""
        return UART(self, baudrate, rxbuf, txbuf)

    def bitstream(self, pin: Pin, encoding: int, timing: tuple[int, ...], data: bytes) -> None:
        """Be machine.bitstream."""
        self.circuit.bitstream(pin.gp, timing, bytes(data))

    def power_cut(self) -> None:
        """Take the power away and give it back."""
        self.circuit.power_cut()
        self.circuit.power_on()

    def _event(self, name: str, fields: dict[str, object]) -> None:
        self.events.append((name, fields))

    def _edge(self, gp: int, level: int) -> None:
        for pin in self.watchers.get(gp, []):
            if pin.handler is not None and pin.trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
                pin.handler(pin)
