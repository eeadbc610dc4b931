"""LoRa radio SX1262, one channel and spreading factor. "DS" is Semtech DS.SX1261-2.W.APP, revision 2.1.

A state machine: `send` and `sense` begin something, `step` says what came of it. Nothing here waits longer than 25 ms,
and that only in `begin`. The module: Waveshare Core1262-HF, its oscillator fed by DIO3, its RF switch by DIO2.
"""

from checkpost.airtime import CODING_RATE, PREAMBLE_SYMBOLS, low_rate, time_on_air_us
from checkpost.ticks import elapsed_ms
from drivers.errors import ChipError
from drivers.sx1262_wire import PACKET_BYTES, Wire

# Commands (DS 11, tables 11-1 to 11-5)
_SET_STANDBY = 0x80
_SET_TX = 0x83
_SET_RX = 0x82
_SET_CAD = 0xC5
_SET_REGULATOR_MODE = 0x96
_CALIBRATE = 0x89
_CALIBRATE_IMAGE = 0x98
_SET_PA_CONFIG = 0x95
_SET_FALLBACK_MODE = 0x93
_SET_DIO_IRQ_PARAMS = 0x08
_GET_IRQ_STATUS = 0x12
_CLEAR_IRQ_STATUS = 0x02
_SET_DIO2_AS_SWITCH = 0x9D
_SET_DIO3_AS_TCXO = 0x97
_SET_RF_FREQUENCY = 0x86
_SET_PACKET_TYPE = 0x8A
_SET_TX_PARAMS = 0x8E
_SET_MODULATION = 0x8B
_SET_PACKET_PARAMS = 0x8C
_SET_CAD_PARAMS = 0x88
_SET_BUFFER_BASE = 0x8F
_GET_BUFFER_STATUS = 0x13
_GET_PACKET_STATUS = 0x14
_GET_RSSI_INST = 0x15
_GET_DEVICE_ERRORS = 0x17
_CLEAR_DEVICE_ERRORS = 0x07

# Registers (DS 12, table 12-1)
_REG_SYNC_WORD = 0x0740
_REG_RX_GAIN = 0x08AC
_REG_IQ_POLARITY = 0x0736
_REG_TX_MODULATION = 0x0889
_REG_TX_CLAMP = 0x08D8
_SYNC_PRIVATE = (0x14, 0x24)  # 0x12 of the older chips; also what the chip wakes with
_GAIN_BOOSTED = 0x96  # DS 9.6

# Interrupts (DS 13.3.1, table 13-29)
_TX_DONE = 0x0001
_RX_DONE = 0x0002
_HEADER_ERR = 0x0020
_CRC_ERR = 0x0040
_CAD_DONE = 0x0080
_CAD_DETECTED = 0x0100
_TIMEOUT = 0x0200
_NEVER = 0xBC00  # bits that stand for nothing: a bus without a chip reads as ones
_WANTED = _TX_DONE | _RX_DONE | _HEADER_ERR | _CRC_ERR | _CAD_DONE | _CAD_DETECTED | _TIMEOUT

_STANDBY_RC = 0
_FALLBACK_XOSC = 0x30  # after sending the oscillator stays on: ready to listen 31 us later (DS 13.1.12)
_DC_DC = 1
_ALL_BLOCKS = 0x7F
_TCXO_1_8_V = 0x02  # DS 13.3.6
_TCXO_UNITS = 5000 * 64 // 1000  # 5 ms in steps of 15.625 us
_PACKET_LORA = 1
_EXPLICIT, _CRC_ON, _IQ_STANDARD = 0, 1, 0
_BANDWIDTHS = {125_000: 4, 250_000: 5, 500_000: 6}  # DS 13.4.5.2
_RAMP_200_US = 4
_RX_CONTINUOUS = 0xFF
_IMAGE = (0xD7, 0xDB), (0xE1, 0xE9)  # 863-870 and 902-928 MHz (DS 9.2.1)
_IMAGE_BORDER_HZ = 900_000_000

# DS 13.1.14.1, table 13-21: the power stage for 14 dBm, which then counts from 22 down.
# More is not for this board's supply.
_PA_14_DBM = (2, 2, 0, 1)
_POWER_MAX_DBM = 14
_POWER_MIN_DBM = -17
_POWER_OFFSET = 8

# SetCadParams (DS 13.4.7): symbols as a power of two, and peak, by Semtech AN1200.48, table 1, from SF7 up
_CAD_SYMBOLS = (1, 1, 2, 2, 2, 2)
_CAD_PEAK = (22, 22, 23, 24, 25, 28)
_CAD_MIN = 10
_CAD_ONLY = 0

_RESET_US = 200  # DS 8.1: low for at least 100 us
_SETTLE_US = 5000  # from reset to the end of the start-up calibration: 3.5 ms (DS 8.1)
_LATE_MS = 200  # a packet or a detection that lasts this much longer than it can is a fault
_LATE_LOOKS = 200  # and not before this many looks: a leap of the clock is not the chip's fault
_SAMPLE_US = 500  # between two looks at the energy on the channel
_CAD_LIMIT_MS = 300  # 4 symbols of 33 ms and the processing after them

ERROR = ChipError
SENT = 1
RECEIVED = 2
CLEAR = 3
TAKEN = 4

_IDLE = 0
_LISTENING = 1
_SENDING = 2
_SENSING = 3


class SX1262:
    """Sends and receives packets of up to 255 bytes. `sleep_us` waits; `spi` runs at 16 MHz or less (DS 8.2)."""

    def __init__(self, spi, cs, busy, dio1, reset, sleep_us):
        self._wire = Wire(spi, cs, busy, sleep_us)
        self._dio1 = dio1
        self._reset = reset
        self._sleep_us = sleep_us
        self._state = _IDLE
        self._factor = 0
        self._bandwidth = 0
        self._until_ms = 0
        self._since_ms = 0
        self._looks = 0
        self.frame = b""  # of the last RECEIVED
        self.rssi_dbm = 0
        self.snr_db = 0
        self.broken_packets = 0  # heard with a wrong CRC or header

    def begin(self, channel_hz, spreading_factor, power_dbm, bandwidth_hz=125_000):
        """Reset the chip, set it up, and listen. Raises ChipError; takes about 20 ms."""
        self._state = _IDLE
        self._factor = spreading_factor
        self._bandwidth = bandwidth_hz
        self._reset.value(0)
        self._sleep_us(_RESET_US)
        self._reset.value(1)
        self._sleep_us(_SETTLE_US)
        self._wake()
        self._tune(channel_hz, min(_POWER_MAX_DBM, max(_POWER_MIN_DBM, power_dbm)))
        self._detection()
        self.listen()

    def listen(self):
        """Receive until told otherwise. Raises ChipError."""
        self._packet_params(PACKET_BYTES)  # what it sent last is else the longest that it hears (DS 13.4.6.2)
        self._wire.command(_SET_RX, _RX_CONTINUOUS, _RX_CONTINUOUS, _RX_CONTINUOUS)
        self._state = _LISTENING

    def listening(self):
        """Return True while the chip receives."""
        return self._state == _LISTENING

    def send(self, frame, now_ms):
        """Begin to send up to 255 bytes; `step` says SENT. Raises ChipError."""
        if not 0 < len(frame) <= PACKET_BYTES:
            raise ValueError("a packet has 1 to 255 bytes")
        self._stop()
        self._packet_params(len(frame))
        self._wire.write_packet(frame)
        # Errata 15.1: modulation quality; bit 2 is to be 0 at 500 kHz and 1 otherwise, before each packet.
        self._change(_REG_TX_MODULATION, 0x04, self._bandwidth != 500_000)
        limit_ms = time_on_air_us(len(frame), self._factor, self._bandwidth) // 1000 + _LATE_MS
        units = limit_ms * 64
        self._wire.command(_SET_TX, units >> 16 & 0xFF, units >> 8 & 0xFF, units & 0xFF)
        self._expect(_SENDING, limit_ms + _LATE_MS, now_ms)

    def sense(self, now_ms):
        """Look for a packet of this spreading factor on the channel; `step` says CLEAR or TAKEN. Raises ChipError."""
        self._stop()
        self._wire.command(_SET_CAD)
        self._expect(_SENSING, _CAD_LIMIT_MS, now_ms)

    def energy_dbm(self, for_ms):
        """Return the most energy on the channel over some milliseconds, which it blocks for. Raises ChipError."""
        if self._state != _LISTENING:
            self.listen()
        most = -128
        for _ in range(for_ms * 1000 // _SAMPLE_US):
            self._sleep_us(_SAMPLE_US)
            most = max(most, -(self._wire.ask(_GET_RSSI_INST, 1)[0] // 2))
        return most

    def step(self, now_ms):
        """Return what happened: SENT, RECEIVED (see `frame`, `rssi_dbm`), CLEAR, TAKEN, or 0. Raises ChipError."""
        if not self._dio1.value():
            if self._state in (_SENDING, _SENSING):
                self._check_late(now_ms)
            return 0
        raw = self._wire.ask(_GET_IRQ_STATUS, 2)
        irq = raw[0] << 8 | raw[1]
        if irq & _NEVER:
            self._state = _IDLE
            raise ChipError("sx1262", "stopped answering")
        self._wire.command(_CLEAR_IRQ_STATUS, irq >> 8, irq & 0xFF)
        if self._state == _SENDING and irq & (_TX_DONE | _TIMEOUT):
            self.listen()
            if irq & _TIMEOUT:
                raise ChipError("sx1262", "could not send")
            return SENT
        if self._state == _SENSING and irq & _CAD_DONE:
            self._state = _IDLE
            return TAKEN if irq & _CAD_DETECTED else CLEAR
        if self._state == _LISTENING and irq & (_RX_DONE | _CRC_ERR | _HEADER_ERR):
            return self._received(irq)
        return 0

    def _received(self, irq):
        if irq & (_CRC_ERR | _HEADER_ERR) or not irq & _RX_DONE:
            self.broken_packets += 1
            return 0
        status = self._wire.ask(_GET_BUFFER_STATUS, 2)
        count, offset = status[0], status[1]
        status = self._wire.ask(_GET_PACKET_STATUS, 3)
        self.rssi_dbm = -(status[0] // 2)
        self.snr_db = (status[1] - 256 if status[1] > 127 else status[1]) // 4
        self.frame = self._wire.read_packet(offset, count)
        return RECEIVED if count else 0

    def _stop(self):
        """Go to standby and forget what happened before."""
        self._wire.command(_SET_STANDBY, _STANDBY_RC)
        self._wire.command(_CLEAR_IRQ_STATUS, 0xFF, 0xFF)
        self._state = _IDLE

    def _expect(self, state, limit_ms, now_ms):
        self._state = state
        self._until_ms = limit_ms
        self._since_ms = now_ms
        self._looks = 0

    def _check_late(self, now_ms):
        self._looks += 1
        if self._looks >= _LATE_LOOKS and elapsed_ms(now_ms, self._since_ms) >= self._until_ms:
            self._state = _IDLE
            raise ChipError("sx1262", "no end of a packet" if self._until_ms > _CAD_LIMIT_MS else "does not end")

    def _wake(self):
        """From reset to a calibrated chip on its own oscillator (DS 9.2, 13.3.6)."""
        wire = self._wire
        wire.command(_SET_STANDBY, _STANDBY_RC)
        if (wire.read_register(_REG_SYNC_WORD), wire.read_register(_REG_SYNC_WORD + 1)) != _SYNC_PRIVATE:
            raise ChipError("sx1262", "not there")
        wire.command(_SET_DIO3_AS_TCXO, _TCXO_1_8_V, 0, _TCXO_UNITS >> 8, _TCXO_UNITS & 0xFF)
        # The start-up calibration ran before the oscillator had its supply: its errors say nothing (DS 13.3.6).
        wire.command(_CLEAR_DEVICE_ERRORS, 0, 0)
        wire.command(_CALIBRATE, _ALL_BLOCKS)
        errors = wire.ask(_GET_DEVICE_ERRORS, 2)
        if errors[0] or errors[1]:
            raise ChipError("sx1262", "calibration failed " + hex(errors[0] << 8 | errors[1]))
        wire.command(_SET_REGULATOR_MODE, _DC_DC)
        wire.command(_SET_DIO2_AS_SWITCH, 1)

    def _tune(self, channel_hz, power_dbm):
        wire = self._wire
        wire.command(_SET_PACKET_TYPE, _PACKET_LORA)
        wire.command(_CALIBRATE_IMAGE, *_IMAGE[channel_hz >= _IMAGE_BORDER_HZ])
        steps = (channel_hz << 25) // 32_000_000  # DS 13.4.1
        wire.command(_SET_RF_FREQUENCY, steps >> 24 & 0xFF, steps >> 16 & 0xFF, steps >> 8 & 0xFF, steps & 0xFF)
        wire.command(_SET_PA_CONFIG, *_PA_14_DBM)
        # Errata 15.2: the clamp of the power stage is too shy of a mismatched antenna.
        self._change(_REG_TX_CLAMP, 0x1E, True)
        wire.command(_SET_TX_PARAMS, power_dbm + _POWER_OFFSET & 0xFF, _RAMP_200_US)
        wire.command(_SET_BUFFER_BASE, 0, 0)
        rate = 1 if low_rate(self._factor, self._bandwidth) else 0
        wire.command(_SET_MODULATION, self._factor, _BANDWIDTHS[self._bandwidth], CODING_RATE, rate)
        # Errata 15.4: bit 2 is to be 1 for standard IQ. Errata 15.3 is about implicit headers, which are never used.
        self._change(_REG_IQ_POLARITY, 0x04, True)
        wire.write_register(_REG_SYNC_WORD, *_SYNC_PRIVATE)
        wire.write_register(_REG_RX_GAIN, _GAIN_BOOSTED)
        wire.command(_SET_FALLBACK_MODE, _FALLBACK_XOSC)

    def _detection(self):
        """Channel activity detection, and which events raise DIO1."""
        at = self._factor - 7
        self._wire.command(_SET_CAD_PARAMS, _CAD_SYMBOLS[at], _CAD_PEAK[at], _CAD_MIN, _CAD_ONLY, 0, 0, 0)
        mask = _WANTED >> 8, _WANTED & 0xFF
        self._wire.command(_SET_DIO_IRQ_PARAMS, mask[0], mask[1], mask[0], mask[1], 0, 0, 0, 0)

    def _packet_params(self, size):
        self._wire.command(_SET_PACKET_PARAMS, 0, PREAMBLE_SYMBOLS, _EXPLICIT, size, _CRC_ON, _IQ_STANDARD)

    def _change(self, register, bits, on):
        value = self._wire.read_register(register)
        self._wire.write_register(register, value | bits if on else value & ~bits & 0xFF)
