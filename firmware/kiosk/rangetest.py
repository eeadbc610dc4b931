"""The range test of a board with a radio: pings to the gateway's modem, and how they were heard at both ends.

Run by `checkpost board check`, in the place of the kiosk; its packets count in the airtime ledger like any other.
"""

from checkpost.limits import LORA_REPLY_MS
from checkpost.ping import SIZE, pack_ping, parse_pong
from checkpost.ticks import elapsed_ms
from kiosk.radio import GIVEN_UP, RECEIVED, SENT

_READY = 0
_SENDING = 1
_LISTENING = 2
NO_ROOM_MS = 10_000  # a radio or a ledger that lets nothing out for so long ends the test


class RangeTest:
    """`count` pings of a board. Call `step` until it returns True; then `there` and `here` have (dBm, dB) of each ping
    that was answered, as the modem and as the board heard it, and `sent` how many went out."""

    def __init__(self, radio, ledger, kept, board, count, now_ms):
        self._radio = radio
        self._ledger = ledger
        self._kept = kept
        self._board = board
        self._count = count
        self._since_ms = now_ms
        self._state = _READY
        self._reply_ms = LORA_REPLY_MS + 2 * radio.airtime_ms(SIZE)
        self.sent = 0
        self.there = []
        self.here = []

    def step(self, now_ms):
        """Do what is due; return True at the end. Raises what the radio raises."""
        radio = self._radio
        what = radio.step(now_ms) if radio.due(now_ms) else 0
        self._ledger.step(now_ms)
        self._kept.step(now_ms)
        waited_ms = elapsed_ms(now_ms, self._since_ms)
        if self._state == _READY:
            if self.sent >= self._count or waited_ms > NO_ROOM_MS:
                return True
            if radio.may_send(SIZE, 0, now_ms):
                radio.send(pack_ping(self._board, self.sent), now_ms)
                self._go(_SENDING, now_ms)
        elif self._state == _SENDING and what in (SENT, GIVEN_UP):
            self.sent += 1
            self._go(_LISTENING if what == SENT else _READY, now_ms)
        elif self._state == _LISTENING:
            if what == RECEIVED:
                heard = parse_pong(radio.frame, self._board, self.sent - 1)
                if heard is not None:
                    self.there.append(heard)
                    self.here.append((radio.rssi_dbm, radio.snr_db))
                    self._go(_READY, now_ms)
            elif waited_ms > self._reply_ms:
                self._go(_READY, now_ms)
        return False

    def _go(self, state, now_ms):
        self._state = state
        self._since_ms = now_ms
