"""machine.Pin, SPI, I2C, PWM, ADC and UART for CPython, over a bench's circuit."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench

ENODEV = 19


class Pin:
    """machine.Pin on the circuit."""

    IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN, IRQ_RISING, IRQ_FALLING = 0, 1, 2, 1, 2, 8, 4

    def __init__(self, bench: "Bench", gp: int, mode: int = -1, pull: int = -1, value: int | None = None) -> None:
        self._bench = bench
        self.gp = gp
        self.mode = mode
        self.handler: Callable[[Pin], None] | None = None
        self.trigger = 0
        if value is not None:
            self.value(value)

    def value(self, level: int | None = None) -> int | None:
        """Return the level, or drive it."""
        if level is None:
            self._bench.circuit.poll()
            return self._bench.circuit.levels[self.gp]
        self._bench.circuit.pin_out(self.gp, 1 if level else 0)
        return None

    __call__ = value

    def on(self) -> None:
        """Drive high."""
        self.value(1)

    def off(self) -> None:
        """Drive low."""
        self.value(0)

    def init(self, mode: int = -1, pull: int = -1, value: int | None = None) -> None:
        """Set mode and level."""
        self.mode = mode
        if value is not None:
            self.value(value)

    def irq(self, handler: "Callable[[Pin], None] | None" = None, trigger: int = 12, hard: bool = False) -> None:
        """Call `handler(pin)` on an edge."""
        self.handler, self.trigger = handler, trigger
        self._bench.watchers.setdefault(self.gp, []).append(self)


class SPI:
    """machine.SPI on the circuit; `seconds` counts the time that the bits would take at `baudrate`."""

    MSB, LSB = 0, 1

    def __init__(self, bench: "Bench", bus: int, baudrate: int = 5_000_000) -> None:
        self._bench = bench
        self._bus = bus
        self.baudrate = baudrate

    def init(self, baudrate: int = 5_000_000, **_: object) -> None:
        """Set the rate."""
        self.baudrate = baudrate

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transfer(bytes(data))

    def readinto(self, buffer: bytearray, write: int = 0) -> None:
        """Fill `buffer` while sending `write`."""
        buffer[:] = self._transfer(bytes([write]) * len(buffer))

    def read(self, length: int, write: int = 0) -> bytes:
        """Return `length` bytes."""
        return self._transfer(bytes([write]) * length)

    def write_readinto(self, data: bytes, buffer: bytearray) -> None:
        """Send `data` and fill `buffer` of the same length."""
        if len(data) != len(buffer):
            raise ValueError("buffers must be the same length")
        buffer[:] = self._transfer(bytes(data))

    def _transfer(self, mosi: bytes) -> bytes:
        self._bench.circuit.poll()
        self._bench.advance(len(mosi) * 8 / self.baudrate)
        return self._bench.circuit.spi(self._bus, mosi)


class I2C:
    """machine.I2C on the circuit."""

    def __init__(self, bench: "Bench", bus: int, freq: int = 400_000) -> None:
        self._bench = bench
        self._bus = bus
        self.freq = freq

    def scan(self) -> list[int]:
        """Return the addresses that acknowledge."""
        return self._bench.circuit.i2c_devices(self._bus)

    def writeto(self, address: int, data: bytes, stop: bool = True) -> int:
        """Write; OSError(ENODEV) without acknowledge."""
        self._bench.advance((len(data) + 1) * 9 / self.freq)
        if not self._bench.circuit.i2c_write(self._bus, address, bytes(data)):
            raise OSError(ENODEV, "no acknowledge")
        return len(data)

    def writevto(self, address: int, vector: "list[bytes] | tuple[bytes, ...]", stop: bool = True) -> int:
        """Write several buffers as one transfer."""
        return self.writeto(address, b"".join(bytes(part) for part in vector))

    def readfrom(self, address: int, length: int, stop: bool = True) -> bytes:
        """Read; OSError(ENODEV) without acknowledge."""
        self._bench.advance((length + 1) * 9 / self.freq)
        data = self._bench.circuit.i2c_read(self._bus, address, length)
        if data is None:
            raise OSError(ENODEV, "no acknowledge")
        return data

    def readfrom_into(self, address: int, buffer: bytearray, stop: bool = True) -> None:
        """Read into `buffer`."""
        buffer[:] = self.readfrom(address, len(buffer))

    def writeto_mem(self, address: int, register: int, data: bytes, *, addrsize: int = 8) -> None:
        """Write registers."""
        self.writeto(address, register.to_bytes(addrsize // 8, "big") + bytes(data))

    def readfrom_mem(self, address: int, register: int, length: int, *, addrsize: int = 8) -> bytes:
        """Read registers."""
        self.writeto(address, register.to_bytes(addrsize // 8, "big"), False)
        return self.readfrom(address, length)

    def readfrom_mem_into(self, address: int, register: int, buffer: bytearray, *, addrsize: int = 8) -> None:
        """Read registers into `buffer`."""
        buffer[:] = self.readfrom_mem(address, register, len(buffer), addrsize=addrsize)


class PWM:
    """machine.PWM on the circuit."""

    def __init__(self, bench: "Bench", gp: int, freq: int = 0, duty_u16: int = 0) -> None:
        self._bench = bench
        self._gp = gp
        self._freq, self._duty = freq, duty_u16

    def freq(self, hz: int | None = None) -> int:
        """Return or set the frequency."""
        if hz is not None:
            self._freq = hz
            self._bench.circuit.pwm(self._gp, self._freq, self._duty)
        return self._freq

    def duty_u16(self, duty: int | None = None) -> int:
        """Return or set the duty cycle, 0-65535."""
        if duty is not None:
            self._duty = duty
            self._bench.circuit.pwm(self._gp, self._freq, self._duty)
        return self._duty

    def deinit(self) -> None:
        """Stop."""
        self.duty_u16(0)


class ADC:
    """machine.ADC on the circuit."""

    def __init__(self, bench: "Bench", gp: int) -> None:
        self._bench = bench
        self._gp = gp

    def read_u16(self) -> int:
        """Return a conversion, 0-65535."""
        return self._bench.circuit.adc(self._gp)


class UART:
    """machine.UART on the circuit, with a receive ring of `rxbuf` bytes."""

    def __init__(self, bench: "Bench", baudrate: int = 921600, rxbuf: int = 256, txbuf: int = 256) -> None:
        self._bench = bench
        self._ring: deque[int] = deque()
        self._rxbuf, self._txbuf, self._waiting = rxbuf, txbuf, 0
        self.overruns = 0
        uart = bench.circuit.uart
        uart.baud = baudrate
        uart.to_board, uart.sent = self._received, self._sent

    def any(self) -> int:
        """Return how many bytes wait."""
        self._bench.circuit.poll()
        return len(self._ring)

    def read(self, length: int | None = None) -> bytes | None:
        """Return up to `length` bytes, None if there are none."""
        count = self.any() if length is None else min(length, self.any())
        return bytes(self._ring.popleft() for _ in range(count)) if count else None

    def readinto(self, buffer: bytearray, length: int | None = None) -> int | None:
        """Fill `buffer` with what is there; return the count or None."""
        data = self.read(len(buffer) if length is None else min(length, len(buffer)))
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes) -> int:
        """Queue what fits into the transmit buffer; return how much."""
        self._bench.circuit.poll()
        count = min(len(data), self._txbuf - self._waiting)
        self._waiting += count
        self._bench.circuit.uart.write(bytes(data[:count]))
        return count

    def txdone(self) -> bool:
        """Return True when the last bit left."""
        return self._bench.circuit.uart.idle()

    def _received(self, data: bytes) -> None:
        room = self._rxbuf - len(self._ring)
        self.overruns += max(0, len(data) - room)
        self._ring.extend(data[:room])

    def _sent(self, count: int) -> None:
        self._waiting -= count
