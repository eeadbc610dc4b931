"""LoRa radio SX1262 on a shared ether. "DS" is Semtech DS.SX1261-2.W.APP, revision 2.1.

What a driver forgets has the effect that the data sheet promises: without the oscillator's supply nothing is sent,
without the RF switch almost nothing, without the work-arounds of section 15 packets come out spoilt or weak.
"""

from collections.abc import Callable

from ..ether import HEARD, LOST, NOISE_DBM, SNR_MAX_DB, Antenna, Packet, Signal

T_START = 0.0035  # DS 8.1: from reset to ready, with the calibration of all blocks
T_CALIBRATE = 0.0035  # DS 9.2.1
STANDBY_RC, STANDBY_XOSC, RX, TX = 2, 3, 5, 6  # chip modes of the status byte (DS 13.5.1)
CAD = 7  # which the status byte does not tell from RX
TX_DONE, RX_DONE, PREAMBLE, HEADER_VALID, HEADER_ERR = 0x01, 0x02, 0x04, 0x10, 0x20
CRC_ERR, CAD_DONE, CAD_DETECTED, TIMEOUT = 0x40, 0x80, 0x100, 0x200
XOSC_START_ERR = 0x20  # of the device errors (DS 13.6.1)
_BANDWIDTHS = {4: 125_000, 5: 250_000, 6: 500_000}
_WAKES_WITH = {0x0740: 0x14, 0x0741: 0x24, 0x0889: 0x01, 0x08D8: 0xC8, 0x0736: 0x0D, 0x08AC: 0x94, 0x08E7: 0x18}
_SWITCH_LOSS_DB = 40
_CLAMP_LOSS_DB = 5  # errata 15.2: several dB at a mismatched antenna
# How many answer bytes follow the status of a command (DS 11.5).
_ANSWERS = {0x12: 2, 0x13: 2, 0x14: 3, 0x15: 1, 0x17: 2, 0x11: 1, 0xC0: 0, 0x10: 6}

Later = Callable[[float, Callable[[], None]], None]


class Sx1262:
    """The chip. `on_busy` and `on_dio1` follow its lines; `later(seconds, call)` is the circuit's timer."""

    def __init__(self, antenna: Antenna, later: Later, pace: float = 1.0) -> None:
        self.fault = ""  # "" | "dead": the bus floats | "stuck": busy for ever
        self.on_busy: Callable[[int], None] | None = None
        self.on_dio1: Callable[[int], None] | None = None
        self.ignored = 0  # commands that came while BUSY was high
        self.sent = self.spoilt = 0
        self.connected = True  # the antenna's cable
        self.antenna = antenna
        self._later = later
        self._pace = pace
        self._age = 0  # counts resets, and
        self._turns = 0  # changes of the mode, so that a timer of the life before does nothing
        self._held = False
        antenna.on_began, antenna.on_ended, antenna.on_sent = self._began, self._ended, self._tx_done
        self._power_up(announce=False)

    def power_cycle(self) -> None:
        """Power comes back; a packet under way is torn."""
        self.antenna.stop()
        self._power_up()

    def reset(self, level: int) -> None:
        """Follow NRESET."""
        if not level:
            self._held = True
            self.antenna.stop()
        elif self._held:
            self._held = False
            self._power_up()

    def select(self) -> None:
        """Chip select falls: the next byte is a command."""
        self._in = bytearray()

    def transfer(self, mosi: bytes) -> bytes:
        """Clock bytes through."""
        if self.fault == "dead" or self._held:
            return b"\xff" * len(mosi)
        start = len(self._in)
        self._in += mosi
        return bytes(self._out_byte(at) for at in range(start, len(self._in)))

    def deselect(self) -> None:
        """Chip select rises: the command is carried out."""
        data, self._in = bytes(self._in), bytearray()
        if not data or self.fault == "dead" or self._held:
            return
        if self.busy:
            self.ignored += 1
            return
        self._execute(data[0], data[1:])

    def _power_up(self, announce: bool = True) -> None:
        self._age += 1
        self._turns += 1
        self._in = bytearray()
        self.mode = STANDBY_RC
        self.registers = dict(_WAKES_WITH)
        self.buffer = bytearray(256)
        self.irq = self._mask = self._dio1 = 0
        self.errors = XOSC_START_ERR  # a module with an oscillator on DIO3 wakes without it (DS 13.3.6)
        self._tcxo = self._switch = self._lora = False
        self.hz, self.factor, self.bandwidth, self.low_rate, self.dbm = 0, 7, 125_000, 0, -9
        self._pa = (0, 0, 0, 0)
        self._size, self._rx_start, self._tx_base, self._rx_base = 255, 0, 0, 0
        self._rx_size = self._rssi = self._snr = 0
        self._locked: int | None = None
        self._set_dio1()
        self._set_busy(1)
        if announce or self._pace:
            self._ready_in(T_START)
        else:
            self._set_busy(0)

    def _ready_in(self, seconds: float) -> None:
        age = self._age
        self._set_busy(1)
        self._later(seconds * self._pace, lambda: self._set_busy(0) if age == self._age else None)

    def _set_busy(self, level: int) -> None:
        self.busy = 1 if self.fault == "stuck" else level
        if self.on_busy:
            self.on_busy(self.busy)

    def _set_dio1(self) -> None:
        level = 1 if self.irq & self._dio1 else 0
        if self.on_dio1:
            self.on_dio1(level)

    def _raise(self, irq: int) -> None:
        self.irq |= irq & self._mask
        self._set_dio1()

    # Answers.

    def _out_byte(self, at: int) -> int:
        op = self._in[0]
        if op == 0x1D and at >= 4:
            return self.registers.get((self._in[1] << 8 | self._in[2]) + at - 4, 0)
        if op == 0x1E and at >= 3:
            return self.buffer[(self._in[1] + at - 3) & 0xFF]
        if op in _ANSWERS and at >= 2:
            answer = self._answer(op)
            return answer[at - 2] if at - 2 < len(answer) else 0
        return (self.mode if self.mode != CAD else RX) << 4 | 0x02

    def _answer(self, op: int) -> bytes:
        if op == 0x12:
            return self.irq.to_bytes(2, "big")
        if op == 0x13:
            return bytes((self._rx_size, self._rx_start))
        if op == 0x14:
            return bytes((-2 * self._rssi & 0xFF, 4 * self._snr & 0xFF, -2 * self._rssi & 0xFF))
        if op == 0x15:
            return bytes((min(255, -2 * self._energy()),)) if self.mode == RX else b"\xff"
        if op == 0x17:
            return self.errors.to_bytes(2, "big")
        return bytes(_ANSWERS[op])

    def _energy(self) -> int:
        near = [one.rssi_dbm for one in self.antenna.signals.values() if abs(one.hz - self.hz) < self.bandwidth]
        return max([NOISE_DBM, *near])

    # Commands.

    def _execute(self, op: int, given: bytes) -> None:
        settle = {
            0x80: self._standby, 0x82: self._receive, 0x83: self._transmit, 0xC5: self._detect, 0x08: self._route,
            0x02: self._clear, 0x86: self._frequency, 0x8B: self._modulation, 0x8C: self._packet,
            0x97: self._oscillator,
            0x89: self._calibrate, 0x95: self._pa_config, 0x8E: self._tx_params, 0x0D: self._write_register,
            0x0E: self._write_buffer, 0x8F: self._bases,
        }.get(op)  # fmt: skip
        if settle:
            settle(given)
        elif op == 0x9D:
            self._switch = bool(given[0])
        elif op == 0x8A:
            self._lora = given[0] == 1
        elif op == 0x07:
            self.errors = 0
        elif op == 0x98:
            self._ready_in(T_CALIBRATE)
        elif op not in _ANSWERS and op not in (0x1D, 0x1E, 0x96, 0x93, 0x88):
            raise NotImplementedError(f"SX1262 command {op:02x}h is not modelled")

    def _leave(self, mode: int) -> None:
        if self.mode == TX:
            self.antenna.stop()
        self._locked = None
        self.mode = mode
        self._turns += 1

    def _standby(self, given: bytes) -> None:
        self._leave(STANDBY_XOSC if given[0] else STANDBY_RC)

    def _receive(self, given: bytes) -> None:
        if given != b"\xff\xff\xff":
            raise NotImplementedError("SX1262: only continuous reception is modelled")
        self._leave(RX if self._ready_for_air() else STANDBY_RC)

    def _transmit(self, given: bytes) -> None:
        self._leave(STANDBY_RC)
        if not self._ready_for_air():
            return
        self.mode = TX
        data = bytes(self.buffer[(self._tx_base + at) & 0xFF] for at in range(self._size))
        dbm = self._out_dbm()
        self.sent += 1
        # Errata 15.1 and 15.4: bit 2 of both registers; wrong, the packet is distorted.
        bits = self.registers[0x0889] & 4, self.registers[0x0736] & 4
        if bits != (0 if self.bandwidth == 500_000 else 4, 4):
            self.spoilt += 1
            data = bytes(byte ^ 0x55 for byte in data)
        packet = Packet(data, self.hz, self.factor, self.bandwidth, dbm)
        if self.connected:
            self.antenna.send(packet)
        else:
            turn = self._turns
            self._later(packet.us() / 1e6, lambda: self._tx_done() if turn == self._turns else None)

    def _out_dbm(self) -> int:
        dbm = self.dbm - 8 if self._pa == (2, 2, 0, 1) else self.dbm  # DS 13.1.14.1, table 13-21
        loss = 0 if self._switch else _SWITCH_LOSS_DB
        return dbm - loss - (0 if self.registers[0x08D8] & 0x1E == 0x1E else _CLAMP_LOSS_DB)

    def _ready_for_air(self) -> bool:
        if not self._tcxo:
            self.errors |= XOSC_START_ERR
        return self._tcxo and self._lora and self.hz > 0

    def _detect(self, given: bytes) -> None:
        self._leave(CAD)
        turn, found = self._turns, bool(self._matching())
        symbols = 2 if self.factor < 9 else 4

        def end() -> None:
            if turn == self._turns:
                self.mode = STANDBY_RC
                self._raise(CAD_DONE | (CAD_DETECTED if found or self._matching() else 0))

        self._later((symbols + 1) * (1 << self.factor) / self.bandwidth * self._pace, end)

    def _matching(self) -> list[Signal]:
        return [one for one in self.antenna.signals.values() if self._hears(one)]

    def _hears(self, signal: Signal) -> bool:
        return (signal.hz, signal.factor, signal.bandwidth_hz) == (self.hz, self.factor, self.bandwidth)

    def _route(self, given: bytes) -> None:
        self._mask = given[0] << 8 | given[1]
        self._dio1 = given[2] << 8 | given[3]

    def _clear(self, given: bytes) -> None:
        self.irq &= ~(given[0] << 8 | given[1])
        self._set_dio1()

    def _frequency(self, given: bytes) -> None:
        # Steps of 0.95 Hz: what a driver meant is the next full kHz.
        self.hz = round(int.from_bytes(given[:4], "big") * 32_000_000 / (1 << 25) / 1000) * 1000

    def _modulation(self, given: bytes) -> None:
        self.factor, self.bandwidth, self.low_rate = given[0], _BANDWIDTHS[given[1]], given[3]

    def _packet(self, given: bytes) -> None:
        self._size = given[3]

    def _oscillator(self, given: bytes) -> None:
        self._tcxo = True

    def _calibrate(self, given: bytes) -> None:
        self.errors = 0 if self._tcxo else XOSC_START_ERR
        self._ready_in(T_CALIBRATE)

    def _pa_config(self, given: bytes) -> None:
        self._pa = (given[0], given[1], given[2], given[3])

    def _tx_params(self, given: bytes) -> None:
        self.dbm = given[0] - 256 if given[0] > 127 else given[0]

    def _bases(self, given: bytes) -> None:
        self._tx_base, self._rx_base = given[0], given[1]

    def _write_register(self, given: bytes) -> None:
        for at, byte in enumerate(given[2:]):
            self.registers[(given[0] << 8 | given[1]) + at] = byte

    def _write_buffer(self, given: bytes) -> None:
        for at, byte in enumerate(given[1:]):
            self.buffer[(given[0] + at) & 0xFF] = byte

    # The air.

    def _began(self, signal: Signal) -> None:
        if self.connected and self.mode == RX and self._locked is None and self._hears(signal):
            self._locked = signal.number

    def _ended(self, signal: Signal, how: str, data: bytes) -> None:
        if self._locked != signal.number:
            return
        self._locked = None
        if self.mode != RX or how == LOST:
            return
        if how == HEARD and len(data) <= self._size:
            self._rx_start, self._rx_size = self._rx_base, len(data)
            for at, byte in enumerate(data):
                self.buffer[(self._rx_base + at) & 0xFF] = byte
            self._rssi = signal.rssi_dbm
            self._snr = min(SNR_MAX_DB, signal.rssi_dbm - NOISE_DBM)
            self._raise(PREAMBLE | HEADER_VALID | RX_DONE)
        else:
            self._raise(PREAMBLE | HEADER_VALID | RX_DONE | CRC_ERR)

    def _tx_done(self) -> None:
        if self.mode == TX:
            self.mode = STANDBY_XOSC
            self._raise(TX_DONE)
