"""Radio to USB and back: hands on what it hears, sends what it is given, keeps to the law. SPEC.md, "Modem"."""

from checkpost import modemline, ping
from checkpost.regions import max_frame_bytes
from checkpost.ticks import elapsed_ms
from kiosk.kept import Kept
from kiosk.radio import GIVEN_UP, RECEIVED, SENT
from kiosk.wireless import URGENT_PERCENT, make_radio

REPORT_EVERY_MS = 10_000
OWN = -1  # in the place of a token: a frame of the modem's own
PING_SHARE = 2  # of its hour a modem answers pings up to one part in so many: anybody can send one
PONG_WITHIN_MS = 500  # a board waits a second for it
MAX_QUEUE = 16  # frames that wait: four boards' turns; more could not leave in time
LINE_SETTLES_MS = 5000  # a chip that failed is read again so often: reading its flash blocks some ms


class Modem:
    """`radio` and `ledger` as kiosk.wireless.make_radio returns them, `kept` the small state behind the ledger."""

    def __init__(self, chosen, radio, ledger, kept, flash, identity):
        self._chosen = chosen
        self._radio = radio
        self._ledger = ledger
        self._kept = kept
        self._flash = flash
        self._identity = (identity + bytes(8))[:8]
        self._reserve_ms = ledger.duty.limit_ms * URGENT_PERCENT // 100
        self._queue = []  # (token, within ms, urgent, frame, since ms), oldest first
        self._under_way = None
        self._now_ms = 0
        self._opened_ms = None
        self._reported_ms = None
        self._heard = self._refused = 0
        self.trouble = ""

    def step(self, lines, now_ms):
        """Take lines of the gateway, do one turn; return lines for it. Raises what a driver raises."""
        out = []
        self._now_ms = now_ms
        for text in lines:
            self._take(modemline.parse(text), out, now_ms)
        self._open(now_ms)
        if self._radio.due(now_ms):
            self._hear(self._radio.step(now_ms), out)
        self._ledger.step(now_ms)
        if self._ledger.opened:
            self._kept.step(now_ms)
        self._send(out, now_ms)
        if self._reported_ms is None or elapsed_ms(now_ms, self._reported_ms) >= REPORT_EVERY_MS:
            self._report(out, now_ms)
        return out

    def failed(self, error):
        """Note what a driver raised; the next report tells it."""
        self.trouble = str(error)
        self._reported_ms = None

    def _take(self, message, out, now_ms):
        if message is None:
            return
        kind, body = message
        if kind == modemline.ASK:
            self._reported_ms = None
        elif kind == modemline.SEND:
            asked = modemline.parse_send(body)
            if asked is None:
                return
            if len(self._queue) >= MAX_QUEUE or len(asked[3]) > max_frame_bytes(self._chosen.spreading_factor):
                self._refuse(asked[0], modemline.TOO_MANY, out)
            else:
                self._queue.append(asked + (now_ms,))

    def _open(self, now_ms):
        if self._ledger.opened or (
            self._opened_ms is not None and elapsed_ms(now_ms, self._opened_ms) < LINE_SETTLES_MS
        ):
            return
        self._opened_ms = now_ms
        self._flash.identify()
        self._kept.open()
        self._ledger.open(now_ms)

    def _hear(self, what, out):
        radio = self._radio
        if what == RECEIVED:
            self._heard += 1
            pong = ping.answer(radio.frame, radio.rssi_dbm, radio.snr_db)
            if pong:
                self._answer(pong)
                return
            self._forget(radio.frame[1:3], out)
            out.append(modemline.pack_heard(radio.rssi_dbm, radio.snr_db, radio.frame))
        elif what in (SENT, GIVEN_UP):
            token, airtime_ms = self._under_way
            if token == OWN:
                return
            how = modemline.SENT if what == SENT else modemline.CHANNEL_TAKEN
            out.append(modemline.pack_done(token, how, airtime_ms if what == SENT else 0))
            self.trouble = ""

    def _answer(self, pong):
        """Answer a ping of a technician's range test, as what can wait."""
        duty = self._ledger.duty
        if duty.spent_ms * PING_SHARE < duty.limit_ms and len(self._queue) < MAX_QUEUE:
            self._queue.append((OWN, PONG_WITHIN_MS, False, pong, self._now_ms))

    def _forget(self, board, out):
        """Drop what waits for a board that speaks: it no longer listens for that."""
        for waiting in [one for one in self._queue if one[3][1:3] == board]:
            self._queue.remove(waiting)
            self._refuse(waiting[0], modemline.TOO_LATE, out)

    def _send(self, out, now_ms):
        """Give the radio the oldest frame whose time is not over."""
        while self._queue:
            token, within_ms, urgent, frame, since_ms = self._queue[0]
            waited_ms = elapsed_ms(now_ms, since_ms)
            if waited_ms > within_ms:
                self._queue.pop(0)
                self._refuse(token, modemline.NO_AIRTIME if self._radio.free() else modemline.TOO_LATE, out)
                continue
            if self._radio.may_send(len(frame), 0 if urgent else self._reserve_ms, now_ms):
                self._queue.pop(0)
                self._under_way = token, self._radio.airtime_ms(len(frame))
                self._radio.send(frame, now_ms, within_ms - waited_ms + 1)
            return

    def _refuse(self, token, how, out):
        if token == OWN:
            return
        self._refused += 1
        out.append(modemline.pack_done(token, how, 0))

    def _report(self, out, now_ms):
        self._reported_ms = now_ms
        chosen, radio, duty = self._chosen, self._radio, self._ledger.duty
        fields = [chosen.region, chosen.channel_hz, chosen.spreading_factor, 0 if self.trouble else 1]
        fields += [duty.limit_ms, duty.spent_ms, self._heard, radio.broken_packets(), radio.packets]
        out.append(modemline.pack_report(self._identity, fields + [radio.busy_channel, self._refused]))


def make_modem(chosen, flash, driver, identity, random, now_ms):
    """Return the Modem of a board. `driver`: the radio's chip and its module; `identity`: the chip's own 8 bytes."""
    kept = Kept(flash, 0, 0)
    radio, ledger = make_radio(chosen, flash, driver, kept, random, now_ms)
    return Modem(chosen, radio, ledger, kept, flash, identity)
