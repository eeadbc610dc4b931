"""A whole kiosk in CPython: the firmware's parts over the chip models, in time that only tests move, and a gateway."""

import random
from collections.abc import Callable

from settings import Settings

from checkpost.downward import Acked, Answer, RosterPiece, Time
from checkpost.gateway_link import GatewayLink, Opened, Records, Send, Turn
from checkpost.permit import Card as PermitCard
from checkpost.permit import Permit, Usage
from checkpost.proofs import Sun
from checkpost.record import CROSSING, OUTCOME, unpack, unpack_crossing, unpack_outcome
from checkpost.roster_pack import pack_entry
from checkpost.upward import Query
from drivers import ntag424_status, sx1262
from drivers.battery import Battery
from drivers.buttons import Button
from drivers.buzzer import Buzzer
from drivers.ds3231 import DS3231
from drivers.errors import ChipError
from drivers.ledbar import LedBar
from drivers.ntag424_plain import PlainNTAG424
from drivers.oled import OLED
from drivers.pn532 import PN532
from drivers.rs485 import RS485
from drivers.w25q import W25Q
from kiosk.app import App, Hardware
from tests.support import framebuf
from virtualboard import wiring
from virtualboard.bench import Bench, Card, Pin

LINK_KEY = bytes(range(16))
UID = bytes.fromhex("04B5539801CEC8")
OTHER = bytes.fromhex("0474D57D6159AF")
SOUNDS = {1200: "click", 2000: "go", 800: "ask", 500: "cannot-verify", 1600: "recorded", 300: "fault"}


SETTINGS: dict[str, object] = {
    "board": 1,
    "epoch": 1,
    "crossing_point": {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north-hamgyong"},
    "lane": "1",
    "direction": "entry",
    "offset_quarters": 36,
    "link": {"carrier": "serial", "baud": 921600},
    "link_key": LINK_KEY.hex(),
    "seal_key": "01" * 32,
    "assurance": "uid",
    "language": "en",
    "oled": "sh1106",
}


def settings(**changes: object) -> Settings:
    """Return the settings of a board at Onsong with some fields changed."""
    return Settings({**SETTINGS, **changes})


class SilentLetters(framebuf.FrameBuffer):
    """A picture without letters: words are looked at in the golden pictures, which MicroPython draws."""

    def text(self, words: str, x: int, y: int, c: int = 1) -> None:
        """Draw nothing."""


class Kiosk:
    """A running board. `gateway` is None or a Gateway at the other end of its line."""

    def __init__(self, gateway: "Gateway | None" = None, bench: Bench | None = None, **changes: object) -> None:
        self.bench = bench or Bench()
        self.gateway = gateway
        self.settings = settings(**changes)
        self.pages: list[str] = []
        self.watchdog = Watchdog()
        self.boot()

    def boot(self) -> None:
        """Start the firmware anew on the same chips."""
        self.hardware = _hardware(self.bench, self.watchdog)
        self.app = App(self.hardware, self.settings, self.bench, random.Random(6 + self.settings.board).randbytes)
        show = self.app.panel.show
        self.app.panel.show = lambda page, view, *more: (self.pages.append(page), show(page, view, *more))
        self.bench.circuit.uart.to_line = self._to_gateway
        self.app.start()

    def restart(self) -> None:
        """Cut the power and start again."""
        self.bench.power_cut()
        self.boot()

    def run(self, ms: int) -> "Kiosk":
        """Turn the loop for some milliseconds."""
        until = self.bench.clock.seconds + ms / 1000
        while self.bench.clock.seconds < until:
            if not self.app.step():
                self.bench.step_ms(2)
        return self

    def leap(self, ms: int) -> "Kiosk":
        """Let time pass without the loop turning, as a demo's clock does; then turn it once."""
        self.bench.clock.seconds += ms / 1000
        self.app.step()
        return self

    def tap(self, uid: bytes = UID, ms: int = 300, card: Card | None = None) -> "Kiosk":
        """Hold a card to the reader and take it away; by default one that has nothing but its UID."""
        card = card or Card(uid)
        self.bench.circuit.field.put(card)
        self.run(ms)
        self.bench.circuit.field.lift(card.uid)
        return self.run(300)

    def press(self, name: str, ms: int = 60) -> "Kiosk":
        """Press a button for some milliseconds."""
        button = self.bench.circuit.buttons[name]
        button.press()
        self.run(ms)
        button.release()
        return self.run(60)

    def sounds(self) -> list[str]:
        """Return what began to sound since the last call, each pattern once."""
        found = [SOUNDS[fields["hz"]] for name, fields in self.bench.events if name == "sound" and fields["hz"]]
        self.bench.events.clear()
        return [sound for at, sound in enumerate(found) if not at or found[at - 1] != sound]

    def lights(self) -> list[int]:
        """Return which lights of the bar are on, left is 0."""
        return [place for place, colour in enumerate(self.bench.circuit.leds.colours) if any(colour)]

    def records(self) -> list:
        """Return all records of the journal."""
        journal = self.app.journal
        return [unpack(journal.read(seq)) for seq in range(journal.oldest_seq, journal.next_seq)]

    def crossings(self) -> list:
        """Return the crossings in the journal."""
        return [unpack_crossing(record.body) for record in self.records() if record.kind == CROSSING]

    def outcomes(self) -> list[tuple[int, int, int]]:
        """Return (place of the crossing among all, outcome, party) of each outcome record."""
        seqs = [record.seq for record in self.records() if record.kind == CROSSING]
        found = [unpack_outcome(record.body) for record in self.records() if record.kind == OUTCOME]
        return [(seqs.index(seq), outcome, party) for seq, outcome, party in found]

    def _to_gateway(self, data: bytes) -> None:
        if self.gateway is not None:
            for answer in self.gateway.hear(data, self.bench):
                self.bench.circuit.later(0.003, lambda out=answer: self.bench.circuit.uart.line_in(out))


class Gateway:
    """The far end: acknowledges everything, answers queries with `verdict` (None: never), tells the time."""

    def __init__(self) -> None:
        self.verdict: tuple[int, int] | None = (0, 0)
        self.skew_s = 0
        self.delay_answer = 0
        self.next_turn: list[object] = []
        self.held: dict[int, bytes] = {}
        self.queries: list[Query] = []
        self.of_the_card: list[object] = []  # what is said of the queried card, before the answer
        self.said_of: Callable[[int], list[object]] = lambda query_id: []
        self.messages: list[Sun] = []
        self.statuses: list[object] = []
        self.silent = False
        self.centre_seq = 0
        self._link = GatewayLink(lambda board: LINK_KEY, random.Random(9).randbytes)

    def hear(self, data: bytes, bench: Bench) -> list[bytes]:
        """Take bytes from the line; return what to send."""
        if self.silent:
            return []
        now_ms = bench.ticks_ms()
        out = []
        for event in self._link.receive(data, now_ms):
            if isinstance(event, Send):
                out.append(event.data)
            elif isinstance(event, Opened):
                self.statuses.append(event.status)
            elif isinstance(event, Records):
                for at in range(0, len(event.records), 32):
                    self.held[event.first_seq + at // 32] = event.records[at : at + 32]
            elif isinstance(event, Query):
                self.queries.append(event)
                for said in self.of_the_card:
                    said.query_id = event.query_id
                    self.next_turn.append(said)
                self.next_turn += self.said_of(event.query_id)
                if self.verdict is not None:
                    self.next_turn.append(Answer(event.query_id, self.verdict[0], self.verdict[1], 0, 0, 1, 0))
            elif isinstance(event, Sun):
                self.messages.append(event)
            elif isinstance(event, Turn):
                utc_s, ms = divmod(int(bench.clock.utc() * 1000), 1000)
                said = [Acked(1, max(self.held, default=0), self.centre_seq), Time(utc_s + self.skew_s, ms, 36)]
                out.append(self._link.answer(said + self.next_turn, now_ms))
                self.next_turn = []
        return out


class Watchdog:
    """Counts how often it was fed."""

    def __init__(self) -> None:
        self.fed = 0

    def feed(self) -> None:
        """Count."""
        self.fed += 1


def entry(uid: bytes = UID, **permit: object) -> bytes:
    """Return a roster entry for the board at Onsong."""
    return pack_entry(uid, PermitCard(), Permit(**permit), Usage(), b"tag1", "ONS", "north-hamgyong")  # type: ignore[arg-type]


def roster_piece(*entries: bytes) -> RosterPiece:
    """Return a whole roster as one message."""
    return RosterPiece(77, 0, 1, True, True, list(entries))


def _hardware(bench: Bench, watchdog: Watchdog) -> Hardware:
    """Join pins to parts as firmware/wiring.py does."""
    pin = wiring.SIGNALS
    parts = Hardware()
    parts.errors = (ChipError, OSError)
    parts.cause = 1
    i2c = bench.i2c()
    parts.oled = OLED(i2c)
    parts.oled.fb = SilentLetters(parts.oled.buffer, 128, 64, framebuf.MONO_VLSB)
    parts.rtc = DS3231(i2c)
    nfc_pins = (
        bench.pin(pin["NFC_CS_N"], Pin.OUT, 1),
        bench.pin(pin["NFC_IRQ_N"]),
        bench.pin(pin["NFC_RST_N"], Pin.OUT, 1),
    )
    parts.reader = PN532(bench.spi(0), *nfc_pins, bench)
    parts.flash = W25Q(bench.spi(1), bench.pin(pin["JOURNAL_CS_N"], Pin.OUT, 1), bench, bench.sleep_us)
    parts.bar = LedBar(bench.pin(pin["LED_DATA"], Pin.OUT), bench.bitstream)
    parts.buzzer = Buzzer(bench.pwm(pin["BUZZER"]))
    parts.buttons = {
        "admit": Button(bench.pin(pin["BTN_ADMIT_N"]), bench),
        "refer": Button(bench.pin(pin["BTN_REFER_N"]), bench),
        "no_card": Button(bench.pin(pin["BTN_NO_CARD_N"]), bench),
        "direction": Button(bench.pin(pin["BTN_DIR_N"]), bench),
    }
    parts.line = RS485(bench.uart(rxbuf=4096, txbuf=4096), bench, 921600, bench.pin(pin["RS485_DE"], Pin.OUT, 0))
    parts.battery = Battery(bench.adc())
    parts.watchdog = watchdog
    parts.card = lambda: (PlainNTAG424, ntag424_status)
    parts.radio = lambda: (radio_driver(bench), sx1262)
    return parts


def radio_driver(bench: Bench) -> sx1262.SX1262:
    """Return the radio's driver at a bench's pins."""
    pin = wiring.SIGNALS
    pins = [bench.pin(pin["LORA_CS_N"], Pin.OUT, 1), bench.pin(pin["LORA_BUSY"]), bench.pin(pin["LORA_DIO1"])]
    reset = bench.pin(pin["LORA_RST_N"], Pin.OUT, 1)
    return sx1262.SX1262(bench.spi(1, 16_000_000), *pins, reset, bench.sleep_us)
