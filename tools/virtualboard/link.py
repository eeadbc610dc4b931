"""The host's end of the socket to MicroPython: takes the board's messages, works the circuit, answers.

A message is op, argument, length (two bytes, little-endian), payload; board/board_wire.py is the other end.
"""

import socket
from collections.abc import Callable

from . import wiring
from .circuit import PINS, Circuit

# From the board.
PIN, SPI_WRITE, SPI_BOTH, SPI_READ, I2C_WRITE, I2C_READ, I2C_MEM, PWM, ADC, BITS, UART_TX, UART_BAUD = range(1, 13)
WDT, RESET, I2C_SCAN, SYNC, CRASH, READY, PIN_READ, SEEN, TURNING = range(13, 22)
# To the board.
REPLY, LEVEL, UART_RX, UART_SENT = range(128, 132)

UART_PIECE = 64  # board_wire.py receives into a buffer of this size
BACKLOG_LIMIT = 65536  # bytes a stopped board may leave unread before pushes are dropped, as a chip's FIFO would


class BoardGone(ConnectionError):
    """The MicroPython process closed its end."""


class BoardLink:
    """One MicroPython process at one circuit. `serve` after the socket became readable.

    `unseen`: changes of buttons that the firmware has not looked at yet; `turning`: its loop looks at buttons.
    """

    def __init__(self, sock: socket.socket, circuit: Circuit) -> None:
        self.sock = sock
        self.circuit = circuit
        self.round_trips = 0
        self.dropped = 0
        self.unseen = 0
        self.turning = False
        self._fingers = [wiring.SIGNALS[name] for name in wiring.BUTTONS.values()]
        self.on_reset: Callable[[int], None] | None = None
        self.on_crash: Callable[[str], None] | None = None
        self.on_ready: Callable[[], None] | None = None
        self.on_watchdog: Callable[[int | None], None] | None = None
        self._in = b""
        self._out = bytearray()
        sock.setblocking(False)
        circuit.on_pin = self._level
        circuit.uart.to_board = self._uart_rx
        circuit.uart.sent = self._uart_sent
        for gp, level in enumerate(circuit.levels):
            if not level:
                self._level(gp, level)
        self._handlers: dict[int, Callable[[int, bytes], None]] = {
            PIN: self._pin, SPI_WRITE: self._spi_write, SPI_BOTH: self._spi_both, SPI_READ: self._spi_read,
            I2C_WRITE: self._i2c_write, I2C_READ: self._i2c_read, I2C_MEM: self._i2c_mem, PWM: self._pwm,
            ADC: self._adc, BITS: self._bits, UART_TX: self._uart_tx, UART_BAUD: self._uart_baud, WDT: self._wdt,
            RESET: self._reset, I2C_SCAN: self._i2c_scan, SYNC: self._sync, CRASH: self._crash, READY: self._ready,
            PIN_READ: self._pin_read, SEEN: self._seen, TURNING: self._turns,
        }  # fmt: skip

    def serve(self) -> None:
        """Take what arrived and answer it; BoardGone when the process ended."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return
        except ConnectionResetError as error:
            raise BoardGone("the board's process ended") from error
        if not data:
            raise BoardGone("the board's process ended")
        data = self._in + data if self._in else data
        at, end = 0, len(data)
        while end - at >= 4:
            stop = at + 4 + (data[at + 2] | data[at + 3] << 8)
            if stop > end:
                break
            self._handlers[data[at]](data[at + 1], data[at + 4 : stop])
            at = stop
        self._in = data[at:] if at < end else b""
        self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if not self._out:
            return
        try:
            sent = self.sock.send(self._out)
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError) as error:
            raise BoardGone("the board's process ended") from error
        del self._out[:sent]

    def close(self) -> None:
        """Let go of the process and the circuit."""
        self.circuit.on_pin = None
        self.circuit.uart.to_board = self.circuit.uart.sent = None
        self.sock.close()

    def _reply(self, data: bytes) -> None:
        self.round_trips += 1
        n = len(data)
        self._out += bytes((REPLY, 0, n & 255, n >> 8)) + data

    def _push(self, kind: int, arg: int, data: bytes, length: int) -> bool:
        if len(self._out) > BACKLOG_LIMIT:
            self.dropped += 1
            return False
        self._out += bytes((kind, arg, length & 255, length >> 8)) + data
        return True

    def _level(self, gp: int, level: int) -> None:
        if self._push(LEVEL, gp << 1 | level, b"", 0) and gp in self._fingers:
            self.unseen += 1

    def _seen(self, gp: int, data: bytes) -> None:
        self.unseen -= 1

    def _turns(self, gp: int, data: bytes) -> None:
        self.turning = True

    def _uart_rx(self, data: bytes) -> None:
        for at in range(0, len(data), UART_PIECE):
            piece = data[at : at + UART_PIECE]
            self._push(UART_RX, 0, piece, len(piece))

    def _uart_sent(self, count: int) -> None:
        self._push(UART_SENT, 0, b"", count)

    def _pin(self, gp: int, data: bytes) -> None:
        self.circuit.pin_out(gp, data[0])

    def _pin_read(self, gp: int, data: bytes) -> None:
        self.circuit.poll()
        self._reply(bytes((self.circuit.levels[gp],)))

    def _spi_write(self, bus: int, data: bytes) -> None:
        self.circuit.spi(bus, data)

    def _spi_both(self, bus: int, data: bytes) -> None:
        self._reply(self.circuit.spi(bus, data))

    def _spi_read(self, bus: int, data: bytes) -> None:
        self._reply(self.circuit.spi(bus, data[2:3] * (data[0] | data[1] << 8)))

    def _i2c_write(self, arg: int, data: bytes) -> None:
        self._reply(b"\x01" if self.circuit.i2c_write(arg >> 7, arg & 0x7F, data) else b"\x00")

    def _i2c_read(self, arg: int, data: bytes) -> None:
        self._reply(self.circuit.i2c_read(arg >> 7, arg & 0x7F, data[0] | data[1] << 8) or b"")

    def _i2c_mem(self, arg: int, data: bytes) -> None:
        bus, address = arg >> 7, arg & 0x7F
        taken = self.circuit.i2c_write(bus, address, data[2:])
        self._reply((self.circuit.i2c_read(bus, address, data[0] | data[1] << 8) or b"") if taken else b"")

    def _i2c_scan(self, arg: int, data: bytes) -> None:
        self._reply(bytes(self.circuit.i2c_devices(arg >> 7)))

    def _pwm(self, gp: int, data: bytes) -> None:
        self.circuit.pwm(gp, int.from_bytes(data[:4], "little"), int.from_bytes(data[4:6], "little"))

    def _adc(self, gp: int, data: bytes) -> None:
        self._reply(self.circuit.adc(gp).to_bytes(2, "little"))

    def _bits(self, gp: int, data: bytes) -> None:
        timing = tuple(int.from_bytes(data[at : at + 2], "little") for at in range(0, 8, 2))
        self.circuit.bitstream(gp, timing, data[8:])

    def _uart_tx(self, arg: int, data: bytes) -> None:
        self.circuit.uart.write(data)

    def _uart_baud(self, arg: int, data: bytes) -> None:
        self.circuit.uart.set_baud(int.from_bytes(data[:4], "little"))

    def _wdt(self, arg: int, data: bytes) -> None:
        if self.on_watchdog is not None:
            self.on_watchdog(int.from_bytes(data[:2], "little") if arg else None)

    def _reset(self, kind: int, data: bytes) -> None:
        if self.on_reset is not None:
            self.on_reset(kind)

    def _sync(self, arg: int, data: bytes) -> None:
        """The board lost its place (a Ctrl-C inside an exchange): say where the stream goes on, and all levels."""
        self._out.clear()
        self.unseen = 0
        self._out += data + bytes(self.circuit.levels[:PINS])

    def _crash(self, arg: int, data: bytes) -> None:
        if self.on_crash is not None:
            self.on_crash(data.decode(errors="replace"))

    def _ready(self, arg: int, data: bytes) -> None:
        if self.on_ready is not None:
            self.on_ready()


def selects_text() -> str:
    """Return the chip-select pins as the board's environment names them."""
    return ",".join(str(gp) for gp in wiring.SELECTS)


def prompt_text() -> str:
    """Return the input pins that answer a command at once, as the board's environment names them."""
    return ",".join(str(gp) for gp in wiring.PROMPT)


def buttons_text() -> str:
    """Return the buttons' pins as the board's environment names them."""
    return ",".join(str(wiring.SIGNALS[name]) for name in wiring.BUTTONS.values())
