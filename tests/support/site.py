"""A site on the air: kiosks with radios, a board as the gateway's modem, a gateway's link, in time that tests move."""

import random
from collections.abc import Callable

from settings import ModemSettings

from checkpost import modemline
from checkpost.downward import Acked, Answer, RosterPiece, Time
from checkpost.gateway_link import GatewayLink, Opened, Records, Send, StatusUpdate, Turn
from checkpost.lora import lora
from checkpost.proofs import Sun
from checkpost.regions import max_frame_bytes, region
from checkpost.upward import Query
from drivers import sx1262
from drivers.w25q import W25Q
from modem.modem import make_modem
from tests.support.airworld import Air, SharedBench
from tests.support.kiosk import LINK_KEY, UID, Kiosk, radio_driver
from virtualboard import wiring
from virtualboard.bench import Bench, Card, Pin
from virtualboard.ether import most_in_a_window

HOUR_US = 3_600_000_000


class Site:
    """`boards` kiosks on one channel; `answer_ms`: of the gateway's disk; `assurance`: what is asked of cards."""

    def __init__(
        self,
        boards: int = 1,
        link: dict | None = None,
        answer_ms: int = 20,
        step_ms: int = 3,
        assurance: str = "uid",
        **ether: object,
    ) -> None:
        self.air = Air(**ether)
        self.link = {"carrier": "lora", "region": "EU868", "spreading_factor": 7} | (link or {})
        self.modem = ModemBoard(self)
        self.gateway = AirGateway(self)
        self.answer_ms = answer_ms
        self.step_ms = step_ms  # of the loops at rest
        self.kiosks: dict[int, Kiosk] = {}
        for number in range(1, boards + 1):
            bench = self.bench(f"board{number}")
            own = {"board": number, "lane": str(number), "assurance": assurance}
            self.kiosks[number] = Kiosk(bench=bench, link=self.link, **own)

    def bench(self, name: str) -> Bench:
        """Return a new board's bench on the air."""
        bench = SharedBench(self.air, self.air.ether.join(name))
        self.air.stations.append(Powered(bench))
        return bench

    def tap(self, board: int = 1, uid: bytes = UID, ms: int = 300, card: Card | None = None) -> "Site":
        """Hold a card to a board's reader for `ms`, and take it away."""
        field = self.kiosks[board].bench.circuit.field
        field.put(card or Card(uid))
        self.run(ms)
        field.lift()
        return self.run(self.step_ms)

    def run(self, ms: int) -> "Site":
        """Turn all loops for some milliseconds."""
        until = self.air.clock.seconds + ms / 1000
        while self.air.clock.seconds < until:
            busy = [kiosk.app.step() for kiosk in self.kiosks.values()]
            self.modem.turn()
            self.air.pass_ms(0.2 if any(busy) else self.step_ms)
        return self

    def leap(self, ms: int) -> "Site":
        """Let time pass at once, as a demo's clock does."""
        self.air.clock.seconds += ms / 1000
        return self.run(50)

    def until(self, done, limit_ms: int = 60_000) -> "Site":
        """Run until something holds."""
        for _ in range(limit_ms // 50):
            if done():
                return self
            self.run(50)
        raise AssertionError("it never came to that")

    def utc_ms(self) -> int:
        """Return the true time."""
        return int(self.air.stations[0].bench.clock.utc() * 1000)

    def up(self) -> bool:
        """Return True when every board has a session."""
        return all(kiosk.app.uplink.up() for kiosk in self.kiosks.values())

    def quiet(self) -> bool:
        """Return True while no board waits for an answer."""
        return not any(kiosk.app.uplink.link._turns.listening for kiosk in self.kiosks.values())

    def lawful(self) -> bool:
        """Return True if by the ether's own log no sender broke its duty cycle in any hour."""
        rules = region(self.link["region"])
        for name in {one.radio for one in self.air.ether.log}:
            for band in range(len(rules.bands)):
                log = [one for one in self.air.ether.log if one.radio == name and rules.band_of(one.hz) == band]
                if most_in_a_window(log, HOUR_US) > 3600 * rules.duty_ppm(band):
                    return False
        return True


class Powered:
    """What Air wants of a station."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench


class ModemBoard:
    """The firmware in the modem's role, and its USB line."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.bench = site.bench("modem")
        self.settings = ModemSettings({"role": "modem", "link": site.link})
        self.inbox: list[bytes] = []
        self.boot()

    def boot(self) -> None:
        """Start the firmware anew on the same chips."""
        bench = self.bench
        select = bench.pin(wiring.SIGNALS["JOURNAL_CS_N"], Pin.OUT, 1)
        flash = W25Q(bench.spi(1), select, bench, bench.sleep_us)
        driver = radio_driver(bench), sx1262
        dice = random.Random(11)
        self.core = make_modem(self.settings, flash, driver, bytes(range(8)), dice.randbytes, bench.ticks_ms())

    def turn(self) -> None:
        """One turn of its loop."""
        lines, self.inbox = self.inbox, []
        for line in self.core.step(lines, self.bench.ticks_ms()):
            self._site.gateway.hear(line)


class AirGateway:
    """The gateway's link: acknowledges everything, answers queries, tells the time."""

    def __init__(self, site: Site) -> None:
        self._site = site
        factor = site.link["spreading_factor"]
        radio = site.modem.core._radio
        carrier = lora(max_frame_bytes(factor), radio.airtime_ms)
        self.link = GatewayLink(lambda board: LINK_KEY, random.Random(9).randbytes, carrier)
        self.held: dict[int, dict[int, bytes]] = {}
        self.statuses: dict[int, object] = {}
        self.queries: list[Query] = []
        self.messages: list[Sun] = []
        self.said_of: Callable[[Query], list[object]] = lambda query: []  # of the queried card, before the answer
        self.rosters: dict[int, list[RosterPiece]] = {}
        self.reports: list[dict[str, object]] = []
        self.done: list[tuple[int, int, int]] = []
        self.silent = False
        self._answers: dict[int, list[object]] = {}

    def hear(self, line: bytes) -> None:
        """Take a line of the modem."""
        kind, body = modemline.parse(line) or (0, b"")
        if kind == modemline.HEARD:
            self._heard(modemline.parse_heard(body)[2])
        elif kind == modemline.REPORT:
            self.reports.append(modemline.parse_report(body))
        elif kind == modemline.DONE:
            self.done.append(modemline.parse_done(body))

    def _heard(self, frame: bytes) -> None:
        if self.silent:
            return
        now_ms = self._site.air.now_ms()
        for event in self.link.receive_frame(frame, now_ms):
            if isinstance(event, Send):
                self._send([event.frame])
            elif isinstance(event, Opened | StatusUpdate):
                self.statuses[event.board] = event.status
            elif isinstance(event, Records):
                held = self.held.setdefault(event.board, {})
                for at in range(0, len(event.records), 32):
                    held[event.first_seq + at // 32] = event.records[at : at + 32]
            elif isinstance(event, Query):
                self.queries.append(event)
                answer = Answer(event.query_id, 0, 0, 0, 0, 1, 0)
                self._answers.setdefault(event.board, []).extend([*self.said_of(event), answer])
            elif isinstance(event, Sun):
                self.messages.append(event)
            elif isinstance(event, Turn):
                self._send(self.link.answer_frames(self._messages(event.board), now_ms, event.board))

    def _messages(self, board: int) -> list[object]:
        utc_s, ms = divmod(self._site.utc_ms(), 1000)
        said: list[object] = [Acked(1, max(self.held.get(board, {}), default=0), 0), *self._answers.pop(board, [])]
        said.append(Time(utc_s, ms, 36))
        status, pieces = self.statuses.get(board), self.rosters.get(board, [])
        return said + [piece for piece in pieces if piece.from_rev >= status.roster_revision][:1]

    def _send(self, frames: list[bytes]) -> None:
        lines, within_ms = [], 1000
        for number, frame in enumerate(frames):
            lines.append(modemline.pack_send(number, within_ms, True, frame))
            within_ms += 2 * self._site.modem.core._radio.airtime_ms(len(frame))
        bench = self._site.modem.bench
        bench.circuit.later(self._site.answer_ms / 1000, lambda: self._site.modem.inbox.extend(lines))
