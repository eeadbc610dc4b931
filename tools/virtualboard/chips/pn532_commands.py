"""PN532 commands: what each does to the field and what it answers. "UM" is NXP UM0701-02 revision 02."""

from collections import deque
from collections.abc import Callable
from math import ceil

from .cards import SAK_ISO14443_4, Card, Field

FIRMWARE = b"\x32\x01\x06\x07"  # IC PN532, version 1.6, ISO 18092 and 14443 A and B (UM 7.2.2)
TALK_KEPT = 1024  # exchanges that the model remembers: a hundred taps with some to spare
MAX_TARGETS = 2  # UM 7.3.5

# Times in seconds; the manual gives none, these are usual on the air (ISO/IEC 14443-3: REQA, anticollision,
# select; guard time after switching the field on).
T_ANSWER = 0.0003
T_GUARD = 0.005
T_ATTEMPT = 0.005
T_FOUND = 0.0025
T_RATS = 0.003
T_SILENCE = 0.0512  # fRetryTimeout of InDataExchange by default, 0Ah (UM 7.3.1)

# Status bytes (UM 7.1).
OK, TIMEOUT, CONTEXT = 0x00, 0x01, 0x27
_FOREVER = 0xFF


class Outcome:
    """What a command answers: its code and data, or a syntax error."""

    def __init__(self, code: int, data: bytes = b"", syntax_error: bool = False) -> None:
        self.code = code
        self.data = data
        self.syntax_error = syntax_error


class Commands:
    """The chip's command interpreter: `start` a command, ask `done_at`, then `finish` it.

    Stricter than the chip in one point: searching before SAMConfiguration is a syntax error.
    """

    def __init__(self, field: Field, now: Callable[[], float], pace: float) -> None:
        self._field = field
        self._now = now
        self._pace = pace
        self.talk: deque[tuple[bytes, bytes | None]] = deque(maxlen=TALK_KEPT)  # APDUs and their answers, newest last
        self.empty_searches = 0  # ended with nobody found, since the model was made
        self.restart()

    def restart(self) -> None:
        """Return to the state after reset."""
        self.drives_irq = True  # default of SAMConfiguration's third parameter (UM 7.2.10)
        self.sleeping = False
        self._sam_done = False
        self._rf_on = False
        self._retries = _FOREVER  # MxRtyPassiveActivation (UM 7.3.1)
        self._targets: dict[int, Card] = {}
        self._running: bytes | None = None
        self._started = 0.0
        self._changed_at = 0.0
        self._active: set[bytes] = set()
        self._fixed: tuple[float, Outcome] | None = None

    def start(self, data: bytes) -> None:
        """Begin the command in `data` (code, parameters)."""
        self._running = data
        self._started = self._now()
        self._fixed = None
        if data[0] == 0x4A and self._search_is_valid(data):
            self._started += 0.0 if self._rf_on else T_GUARD * self._pace
            self._rf_on = True
            self._targets.clear()
        else:
            self._fixed = self._run(data[0], data[1:])

    def field_changed(self) -> None:
        """A card came or went just now: an attempt under way misses it, the next one finds it."""
        self._changed_at = self._now()
        self._active &= {card.uid for card in self._field.cards}

    def abort(self) -> None:
        """Drop the command under way."""
        self._running = None
        self._fixed = None

    def done_at(self) -> float | None:
        """Return when the command's answer is ready, or None if that waits for a card."""
        if self._fixed is not None:
            return self._started + self._fixed[0] * self._pace
        if self._running is None:
            return None
        return self._search_done_at()

    def finish(self) -> Outcome:
        """Return the answer of the command under way."""
        fixed, data = self._fixed, self._running
        self._running = self._fixed = None
        if fixed is not None:
            return fixed[1]
        return self._found(data or b"\x4a\x01\x00")

    def _search_is_valid(self, data: bytes) -> bool:
        return self._sam_done and len(data) >= 3 and 1 <= data[1] <= MAX_TARGETS and data[2] <= 4

    def _matching(self, data: bytes) -> list[Card]:
        """Return the type A cards that a search finds; the initiator data may name one UID (UM 7.3.5)."""
        if data[2] != 0:
            return []
        wanted = data[3:].replace(b"\x88", b"", 1) if len(data) > 7 else data[3:]
        return [card for card in self._field.cards if not wanted or card.uid == wanted][: data[1]]

    def _search_done_at(self) -> float | None:
        data = self._running or b"\x4a\x01\x00"
        attempt = T_ATTEMPT * self._pace
        cards = self._matching(data)
        if cards:
            late = max(0.0, self._changed_at - self._started)
            begun = ceil(late / attempt) if attempt else 0
            if any(card.uid in self._active for card in cards):
                # ISO/IEC 14443-3 6.4: a selected card takes a request for an error and only answers the next one.
                begun = max(begun, 1)
            if self._retries == _FOREVER or begun <= self._retries:
                takes = sum(T_FOUND + (T_RATS if card.sak & SAK_ISO14443_4 else 0.0) for card in cards)
                return self._started + begun * attempt + takes * self._pace
        if self._retries == _FOREVER:
            return None
        return self._started + (self._retries + 1) * attempt

    def _found(self, data: bytes) -> Outcome:
        cards = self._matching(data)
        self.empty_searches += not cards
        out = bytearray([len(cards)])
        for number, card in enumerate(cards, 1):
            self._targets[number] = card
            card.activated()
            self._active.add(card.uid)
            out += bytes([number]) + card.atqa.to_bytes(2, "big") + bytes([card.sak, len(card.uid)]) + card.uid
            if card.sak & SAK_ISO14443_4:
                out += card.ats
        return Outcome(0x4A, bytes(out))

    def _run(self, code: int, data: bytes) -> tuple[float, Outcome]:
        handlers: dict[int, Callable[[bytes], tuple[float, bytes] | None]] = {
            0x00: self._diagnose, 0x02: lambda _: (T_ANSWER, FIRMWARE), 0x04: self._general_status,
            0x12: lambda d: (T_ANSWER, b"") if d else None, 0x14: self._configure_sam, 0x16: self._power_down,
            0x32: self._configure_rf, 0x40: self._exchange, 0x42: self._communicate, 0x44: self._deselect,
            0x52: self._release, 0x54: self._select,
        }  # fmt: skip
        handler = handlers.get(code)
        answer = handler(data) if handler else None
        if answer is None:
            return T_ANSWER, Outcome(code, syntax_error=True)
        return answer[0], Outcome(code, answer[1])

    def _diagnose(self, data: bytes) -> tuple[float, bytes] | None:
        """Test 0 echoes (UM 7.2.1); the other tests are not modelled."""
        return (T_ANSWER, data) if data[:1] == b"\x00" else None

    def _general_status(self, data: bytes) -> tuple[float, bytes]:
        out = bytearray([0x00, 0x01 if self._rf_on else 0x00, len(self._targets)])
        for number in self._targets:
            out += bytes([number, 0x00, 0x00, 0x10])
        return T_ANSWER, bytes(out) + b"\x00"

    def _configure_sam(self, data: bytes) -> tuple[float, bytes] | None:
        if not data or not 1 <= data[0] <= 4 or (data[0] == 2 and len(data) < 2):
            return None
        self.drives_irq = len(data) < 3 or data[2] != 0
        self._sam_done = True
        self.sleeping = False
        return T_ANSWER, b""

    def _power_down(self, data: bytes) -> tuple[float, bytes] | None:
        """Sleep after the answer was read; only a wake-up by SPI (bit 5) is wired (UM 7.2.11)."""
        if not data:
            return None
        self.sleeping = True
        self._switch_field(False)
        return T_ANSWER, bytes([OK])

    def _configure_rf(self, data: bytes) -> tuple[float, bytes] | None:
        sizes = {0x01: 1, 0x02: 3, 0x04: 1, 0x05: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}
        if not data or sizes.get(data[0]) != len(data) - 1:
            return None
        if data[0] == 0x01:
            self._switch_field(bool(data[1] & 1))
        elif data[0] == 0x05:
            self._retries = data[3]
        return T_ANSWER, b""

    def _switch_field(self, on: bool) -> None:
        """Without the field every card loses its power and forgets."""
        if self._rf_on and not on:
            for card in self._field.cards:
                card.removed()
            self._targets.clear()
            self._active.clear()
        self._rf_on = on

    def _target(self, number: int) -> Card | None:
        return self._targets.get(number & 0x07)

    def _exchange(self, data: bytes) -> tuple[float, bytes] | None:
        if not data:
            return None
        card = self._target(data[0])
        if card is None:
            return T_ANSWER, bytes([CONTEXT])
        return self._talk(card, data[1:])

    def _communicate(self, data: bytes) -> tuple[float, bytes]:
        card = next(iter(self._targets.values()), None)
        return self._talk(card, data) if card is not None else (T_SILENCE, bytes([TIMEOUT]))

    def _talk(self, card: Card, command: bytes) -> tuple[float, bytes]:
        """One exchange on the air: the card's answer, or status 01h after the time-out."""
        answer = card.exchange(command) if card in self._field.cards else None
        self.talk.append((command, answer[0] if answer else None))
        if answer is None:
            return T_SILENCE, bytes([TIMEOUT])
        return answer[1] + T_ANSWER, bytes([OK]) + answer[0]

    def _deselect(self, data: bytes) -> tuple[float, bytes] | None:
        return self._status_for(data)

    def _select(self, data: bytes) -> tuple[float, bytes] | None:
        return self._status_for(data)

    def _release(self, data: bytes) -> tuple[float, bytes] | None:
        answer = self._status_for(data)
        if data and data[0] == 0:
            self._targets.clear()
        elif data:
            self._targets.pop(data[0] & 0x07, None)
        return answer

    def _status_for(self, data: bytes) -> tuple[float, bytes] | None:
        """Return status 00h for a known target or for all (0), 27h otherwise (UM 7.3.9 to 7.3.11)."""
        if not data:
            return None
        known = data[0] == 0 or self._target(data[0]) is not None
        return T_ANSWER, bytes([OK if known else CONTEXT])
