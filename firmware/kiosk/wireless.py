"""The board's end of a radio channel to the gateway. Loaded only where the carrier is LoRa."""

from checkpost.lora import lora
from checkpost.regions import max_frame_bytes, region
from checkpost.roster import slot_of
from checkpost.sync import BoardLink
from checkpost.ticks import elapsed_ms
from kiosk.airledger import AirLedger
from kiosk.radio import GIVEN_UP, RECEIVED, SENT, Radio
from kiosk.uplink import Uplink

PATIENCE_MAX_MS = 2500  # a guard and a traveller wait no longer for an answer from afar
UPDATE_PERCENT = 50  # of the hour's airtime an update leaves alone
UPDATE_SPACING = 20  # longest frames between two wishes: where no law counts, an update takes a twentieth of the air
UPDATE_REST_MS = 60_000  # without a tap: a question is not to meet a piece on the air
URGENT_PERCENT = 20  # of the hour's airtime is kept for questions and new sessions
_QUESTION_BYTES = 66  # on the air: a record and its frame
_ANSWER_BYTES = 47  # with the key of the card
_FRAME_BYTES = 13  # of a frame beside its payload, where a question takes two


class AirUplink(Uplink):
    """An Uplink whose line is a Radio; `ledger` is the radio's, `max_frame` the longest frame in bytes."""

    def __init__(self, link, radio, ledger, max_frame, *parts):
        super().__init__(link, radio, *parts)
        self._ledger = ledger
        self._longest_ms = radio.airtime_ms(max_frame)
        self._max_frame = max_frame
        self._wished_ms = None
        self._reserve_ms = ledger.duty.limit_ms * URGENT_PERCENT // 100
        answer_ms = radio.airtime_ms(min(max_frame, _QUESTION_BYTES)) + radio.airtime_ms(_ANSWER_BYTES)
        if max_frame < _QUESTION_BYTES:
            answer_ms += radio.airtime_ms(_QUESTION_BYTES - max_frame + _FRAME_BYTES)
        self._asks = self.patience_ms + answer_ms <= PATIENCE_MAX_MS  # at SF11 an answer comes when nobody waits
        self.patience_ms = min(PATIENCE_MAX_MS, self.patience_ms + answer_ms)

    def begin(self, now_ms):
        """Say that journal and small state were read."""
        super().begin(now_ms)
        if not self._ledger.opened:
            self._faults.attempt("state", None, self._ledger.open, now_ms)

    def busy(self):
        """Return True while the loop is not to idle: keys are made."""
        return self.open and self.link.busy and self._line.free()

    def ask(self, record, now_ms, message=None):
        """Send a query; return its id, 0 when it cannot go or could not be answered in time."""
        duty = self._ledger.duty
        in_time = self._asks and (duty.always or duty.room_ms > self._longest_ms)
        return super().ask(record, now_ms, message) if in_time else 0

    def spare(self, now_ms, rest_ms):
        """Return True if the air can spare a piece: nobody is at the board, and half of the hour's airtime is left."""
        duty = self._ledger.duty
        if rest_ms < UPDATE_REST_MS or not (duty.always or duty.room_ms * 100 > duty.limit_ms * UPDATE_PERCENT):
            return False
        if self._wished_ms is not None and elapsed_ms(now_ms, self._wished_ms) < UPDATE_SPACING * self._longest_ms:
            return False
        self._wished_ms = now_ms
        return True

    def _receive(self, now_ms):
        if not self._line.due(now_ms):
            return ()
        what = self._faults.attempt("link", 0, self._line.step, now_ms)
        if what == RECEIVED:
            return self.link.receive_frame(self._line.frame, now_ms)
        if what == SENT:
            self.link.sent(self._line.left_ms)  # not when it was noticed: the gateway's time may be older than that
        elif what == GIVEN_UP:
            self.link.sent(now_ms)
        return ()

    def _send(self, now_ms):
        self._faults.attempt("state", None, self._ledger.step, now_ms)
        urgent = self.link.urgent
        reserve_ms = 0 if urgent else self._reserve_ms
        at_once = urgent or self.link.busy  # busy: in the middle of a turn, which others let it finish
        if self._line.may_send(self._max_frame, reserve_ms, now_ms):
            frame = self.link.step(now_ms)
            if frame:
                self._line.send(frame, now_ms, 0, at_once)


class SlotOf:
    """The number by which a batch on the air names a card: called with its UID, 0 for one that is not on the roster."""

    def __init__(self, roster, faults):
        self._roster = roster
        self._faults = faults

    def __call__(self, uid):
        raw = self._faults.attempt("roster", None, self._roster.lookup, uid)
        return slot_of(raw) if raw else 0


def make_uplink(chosen, hardware, kept, random, now_ms, parts):
    """Return the AirUplink of a board by its settings. `parts`: as of Uplink, from the log on."""
    radio, ledger = make_radio(chosen, hardware.flash, hardware.radio(), kept, random, now_ms)
    max_frame = max_frame_bytes(chosen.spreading_factor)
    source = parts[0].journal
    link = BoardLink(chosen.board, chosen.link_key, source, random, lora(max_frame, radio.airtime_ms))
    link.name_cards(SlotOf(parts[1], parts[4]))
    return AirUplink(link, radio, ledger, max_frame, *parts)


def make_radio(chosen, flash, driver, kept, random, now_ms):
    """Return (Radio, AirLedger) by a board's settings. `driver`: the chip and its module."""
    rules = region(chosen.region)
    ledger = AirLedger(flash, kept, rules.duty_ppm(rules.band_of(chosen.channel_hz)), now_ms)
    chip, events = driver
    return Radio(chip, events, ledger, rules, chosen.channel_hz, chosen.spreading_factor, random), ledger
