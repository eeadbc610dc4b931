"""Card reader PN532 over SPI. "UM" is NXP UM0701-02, "AN" is NXP AN10609."""

from checkpost.const import const
from drivers.errors import ChipError
from drivers.pn532_wire import ACK, NACK, Wire

# Frame identifiers (UM 6.2.1)
_FROM_CHIP = const(0xD5)
_ERROR = const(0x7F)
_MAX_DATA = const(252)  # a normal frame's LEN is one byte: TFI, command, target and this (UM 6.2.1.1)

# Commands (UM 7.2, 7.3)
_GET_FIRMWARE_VERSION = const(0x02)
_SAM_CONFIGURATION = const(0x14)
_RF_CONFIGURATION = const(0x32)
_IN_DATA_EXCHANGE = const(0x40)
_IN_LIST_PASSIVE_TARGET = const(0x4A)
_IN_RELEASE = const(0x52)

_IC_PN532 = const(0x32)
_ISO14443_4 = const(0x20)  # SEL_RES bit: an ATS follows the identifier (UM 7.3.5)
_CARD_STATUS = const(0x7F)  # error code and "more information": not zero means no usable answer (UM 7.1)

# Limits
_ACK_LIMIT_MS = const(30)  # the chip acknowledges within 15 ms (UM 6.2.2); twice that
_COMMAND_LIMIT_MS = const(100)  # configuration commands touch no card
_LIST_LIMIT_MS = const(1000)  # ten tries of an activation are well under 300 ms
_EXCHANGE_LIMIT_MS = const(600)  # a card may ask for more time; a guard does not wait longer
_LOOKS = const(20)  # a wait is over only after this many looks too: a stalled loop is not the chip's fault
_PASSIVE_RETRIES = const(10)  # 0xFF, the default, waits for ever (UM 7.3.1, item 5)
_BEGIN_TRIES = const(3)  # the first frame after wake-up can be lost
_STRIKES = const(2)  # polls that fail in a row before the reader counts as broken
_NACKS = const(1)  # repeats asked for a damaged answer (UM 6.2.1.4)
_REST_MS = const(10)  # field off while a card lies there; cards forget after 5.1 ms (NFC Digital, tRESET), twice that
_ABORT_REST_MS = const(10)  # the chip returns to waiting for a command
_RESET_MS = const(10)  # RSTPD_N low, then start-up; the data sheet asks for far less
_WAKE_MS = const(3)  # select low before the first clock, 2 ms of oscillator start (AN, SPI wake-up)

_IDLE = const(0)
_REST = const(1)
_ACK = const(2)
_ANSWER = const(3)


class PN532:
    """Reader of ISO 14443 A cards; `spi` is most significant bit first, `ticks` is like `time`."""

    def __init__(self, spi, cs, irq, reset, ticks):
        self._wire = Wire(spi, cs)
        self._cs = cs
        self._irq = irq
        self._reset = reset
        self._ticks = ticks
        self._stop = self._wire.control(ACK)
        self._again = self._wire.control(NACK)
        self._list = self._wire.frame(_IN_LIST_PASSIVE_TARGET, b"\x02\x00")  # two cards, 106 kbps type A
        self._field_off = self._wire.frame(_RF_CONFIGURATION, b"\x01\x00")
        self._nobody = []
        self.asked_ms = 0  # when the newest search for cards began
        self._forget()

    def begin(self):
        """Reset and configure the chip; return (ic, version, revision). Blocks up to 0.6 s. Raises ChipError."""
        self._forget()
        self._cs.value(1)
        self._reset.value(0)
        self._ticks.sleep_ms(_RESET_MS)
        self._reset.value(1)
        self._ticks.sleep_ms(_RESET_MS)
        self._cs.value(0)
        self._ticks.sleep_ms(_WAKE_MS)
        self._cs.value(1)
        version = self._identify()
        # After power-up the chip is in low battery mode: this ends it (AN, low battery mode; UM 7.2.10).
        self._command(_SAM_CONFIGURATION, b"\x01\x14\x01", _COMMAND_LIMIT_MS)
        retries = bytes((0x05, 0x02, 0x01, _PASSIVE_RETRIES))
        self._command(_RF_CONFIGURATION, retries, _COMMAND_LIMIT_MS)
        return version

    def poll_targets(self, now_ms):
        """Return None while the chip works, else a list of the cards in the field: (uid bytes, atqa int, sak int).

        The list is not to be altered. Never blocks; waiting, it looks at the interrupt line only. Raises ChipError
        when two polls in a row fail; then call `begin` again.
        """
        if self._state == _IDLE:
            self._start_poll(now_ms)
            return None
        if self._state == _REST:
            if self._over(now_ms):
                self._start(self._list, _IN_LIST_PASSIVE_TARGET, now_ms, _LIST_LIMIT_MS)
            return None
        try:
            if not self._step(now_ms):
                return None
            return self._end_poll(now_ms)
        except ChipError:
            self._strikes += 1
            if self._strikes >= _STRIKES:
                self._forget()
                raise
            self._abort()
            self._rest(now_ms, _ABORT_REST_MS)
            return None

    def exchange(self, target, data):
        """Send `data` (at most 252 bytes) to card 1 or 2; return its answer, None if it gave none. Raises ChipError."""
        if len(data) > _MAX_DATA:
            raise ValueError("a card command holds at most 252 bytes")
        answer = self._command(_IN_DATA_EXCHANGE, bytes((target,)) + data, _EXCHANGE_LIMIT_MS)
        if not answer or answer[0] & _CARD_STATUS:
            return None
        return answer[1:]

    def release(self, target):
        """Let go of card 1 or 2, or of both with 0 (UM 7.3.11). Raises ChipError."""
        self._command(_IN_RELEASE, bytes((target,)), _EXCHANGE_LIMIT_MS)

    def _forget(self):
        self._state = _IDLE
        self._code = 0
        self._since_ms = 0
        self._wait_ms = 0
        self._limit_ms = 0
        self._looks = 0
        self._nacks = 0
        self._strikes = 0
        self._activated = False

    def _identify(self):
        for left in range(_BEGIN_TRIES - 1, -1, -1):
            try:
                answer = self._command(_GET_FIRMWARE_VERSION, b"", _COMMAND_LIMIT_MS)
                break
            except ChipError:
                if not left:
                    raise
        if len(answer) < 3 or answer[0] != _IC_PN532:
            raise ChipError("pn532", "the chip identifies as another part")
        return answer[0], answer[1], answer[2]

    def _start_poll(self, now_ms):
        # A card that was activated no longer answers a new search: take its power away first.
        if self._activated:
            self._start(self._field_off, _RF_CONFIGURATION, now_ms, _COMMAND_LIMIT_MS)
        else:
            self._start(self._list, _IN_LIST_PASSIVE_TARGET, now_ms, _LIST_LIMIT_MS)

    def _end_poll(self, now_ms):
        if self._code == _RF_CONFIGURATION:
            self._strikes = 0
            self._activated = False
            self._rest(now_ms, _REST_MS)
            return None
        self._state = _IDLE
        if self._wire.size < 3:
            raise ChipError("pn532", "the list of cards is cut short")
        if self._wire.data[self._wire.first + 2] == 0:
            self._strikes = 0
            return self._nobody
        self._activated = True
        found = self._targets()
        self._strikes = 0
        return found

    def _targets(self):
        """Read NbTg x [Tg, SENS_RES, SEL_RES, NFCIDLength, NFCID1, ATS if ISO 14443-4] (UM 7.3.5)."""
        data = self._wire.data
        at = self._wire.first + 2
        end = self._wire.first + self._wire.size
        found = []
        count = data[at]
        at += 1
        for _ in range(count):
            if at + 5 > end or at + 5 + data[at + 4] > end:
                raise ChipError("pn532", "the list of cards is cut short")
            atqa = data[at + 1] << 8 | data[at + 2]
            sak = data[at + 3]
            uid_at = at + 5
            at = uid_at + data[at + 4]
            found.append((bytes(self._wire.view[uid_at:at]), atqa, sak))
            if sak & _ISO14443_4 and at < end:
                at += data[at]  # an ATS counts its own length byte
        return found

    # One command at a time: frame out, acknowledgement in, answer in.

    def _command(self, code, data, limit_ms):
        """Run a command to its end, bounded; return the answer's data after the command byte."""
        if self._state == _ACK or self._state == _ANSWER:
            self._abort()
            self._ticks.sleep_ms(_ABORT_REST_MS)
        self._start(self._wire.frame(code, data), code, self._ticks.ticks_ms(), limit_ms)
        try:
            while not self._step(self._ticks.ticks_ms()):
                self._ticks.sleep_ms(1)
        except ChipError:
            self._abort()
            raise
        self._state = _IDLE
        return bytes(self._wire.view[self._wire.first + 2 : self._wire.first + self._wire.size])

    def _start(self, frame, code, now_ms, limit_ms):
        self._code = code
        if code == _IN_LIST_PASSIVE_TARGET:
            self.asked_ms = now_ms
        self._limit_ms = limit_ms
        self._nacks = 0
        self._wire.send(frame)
        self._state = _ACK
        self._wait(now_ms, _ACK_LIMIT_MS)

    def _step(self, now_ms):
        """Take what the chip has ready; return True when the answer is in the buffer."""
        if self._irq.value() or not self._wire.ready():
            self._looks += 1
            if self._looks > _LOOKS and self._over(now_ms):
                self._late()
            return False
        if self._state == _ACK:
            if not self._wire.read_ack():
                raise ChipError("pn532", "no acknowledgement")
            self._state = _ANSWER
        elif self._wire.read_answer():
            self._check_answer()
            return True
        else:
            self._nacks += 1
            if self._nacks > _NACKS:
                raise ChipError("pn532", "answers are damaged")
            self._wire.send(self._again)
        self._wait(now_ms, self._limit_ms)
        return False

    def _wait(self, now_ms, limit_ms):
        self._looks = 0
        self._since_ms = now_ms
        self._wait_ms = limit_ms

    def _over(self, now_ms):
        """Return True once the wait is over; a leap of half the ticks' period looks like a step back, and ends it."""
        return not 0 <= self._ticks.ticks_diff(now_ms, self._since_ms) < self._wait_ms

    def _late(self):
        if self._wire.ready():
            raise ChipError("pn532", "the interrupt line does not move")
        raise ChipError("pn532", "no acknowledgement" if self._state == _ACK else "no answer in time")

    def _abort(self):
        """Stop what the chip is doing: the host sends an ACK (UM 6.2.2)."""
        self._wire.send(self._stop)
        self._state = _IDLE

    def _rest(self, now_ms, rest_ms):
        self._state = _REST
        self._since_ms = now_ms
        self._wait_ms = rest_ms

    def _check_answer(self):
        """Raise ChipError unless the frame answers the command that was sent."""
        data = self._wire.data
        first = self._wire.first
        if data[first] == _ERROR:
            raise ChipError("pn532", "a command was refused")  # syntax error frame (UM 6.2.1.5)
        if self._wire.size < 2 or data[first] != _FROM_CHIP or data[first + 1] != self._code + 1:
            raise ChipError("pn532", "the answer belongs to another command")
