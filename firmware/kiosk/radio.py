"""One radio channel, shared with others: asks the channel and the ledger before each packet, waits its turn, listens.

EU868 looks for LoRa packets on the channel (activity detection), KR920 senses its energy as the law there asks.
"""

from checkpost.airtime import time_on_air_us
from checkpost.ticks import elapsed_ms

SENT = 1  # the packet has left
RECEIVED = 2  # `frame`, `rssi_dbm`, `snr_db` are of a packet that came
GIVEN_UP = 3  # the channel was never free, or the packet's time was over

BEGIN_EVERY_MS = 5000  # a radio that failed is set up anew this often; a try blocks for 20 ms
TRIES = 12  # looks at a channel that is taken, until the packet is given up: whoever made it asks again
_BACK_OFF_SLOTS = 8  # the first wait is up to this many slots, and twice as many from the third try on
_SLOT_DIVISOR = 4  # of the packet's own time on air: others of its length are then out of step

_OFF = 0
_LISTENING = 1
_WAITING = 2  # for the channel, with a packet
_SENSING = 3
_SENDING = 4


class Radio:
    """`chip` is the SX1262's driver, `events` its codes (SENT, RECEIVED, CLEAR, TAKEN), `ledger` an AirLedger,
    `region` a regions.Region, `random(n)` gives n bytes. Methods raise what the driver raises."""

    def __init__(self, chip, events, ledger, region, channel_hz, spreading_factor, random):
        self._chip = chip
        self._events = events
        self._ledger = ledger
        self._region = region
        self._channel_hz = channel_hz
        self._factor = spreading_factor
        self._random = random
        self._state = _OFF
        self._begun_ms = None
        self._frame = b""
        self._airtime_ms = 0
        self._since_ms = 0
        self._wait_ms = 0
        self._tries = 0
        self._within_ms = 0
        self._asked_ms = 0
        self.frame = b""
        self.rssi_dbm = 0
        self.snr_db = 0
        self.busy_channel = 0  # packets given up
        self.packets = 0  # sent
        self.left_ms = 0  # when the last one had left at the earliest

    def airtime_ms(self, size):
        """Return the time on air of a packet, rounded up."""
        return (time_on_air_us(size, self._factor) + 999) // 1000

    def broken_packets(self):
        """Return how many packets came with a wrong CRC."""
        return self._chip.broken_packets

    def due(self, now_ms):
        """Return True if `step` has something to do: a radio that failed rests until it is tried again."""
        return self._state != _OFF or self._begun_ms is None or elapsed_ms(now_ms, self._begun_ms) >= BEGIN_EVERY_MS

    def free(self):
        """Return True if a packet can be taken."""
        return self._state == _LISTENING

    def may_send(self, size, reserve_ms, now_ms):
        """Return True if a packet of `size` bytes may be sent now and leaves `reserve_ms` of the hour."""
        return self.free() and self._ledger.ready(self.airtime_ms(size), reserve_ms, now_ms)

    def send(self, frame, now_ms, within_ms=0, urgent=True):
        """Take a packet that `may_send` allowed; give it up when it could not begin `within_ms` (0: no such end).

        What is not urgent waits a random time first: boards whose polls fall due together would collide."""
        self._frame = frame
        self._airtime_ms = self.airtime_ms(len(frame))
        self._tries = 0
        self._wait_ms = 0 if urgent else self._draw(_BACK_OFF_SLOTS)
        self._within_ms = within_ms
        self._since_ms = self._asked_ms = now_ms
        self._state = _WAITING

    def step(self, now_ms):
        """Do what is due; return SENT, RECEIVED, GIVEN_UP, or 0."""
        if self._state == _OFF:
            self._begin(now_ms)
            return 0
        try:
            return self._step(now_ms)
        except self._events.ERROR:
            self._state = _OFF
            self._begun_ms = now_ms
            raise

    def _begin(self, now_ms):
        self._begun_ms = now_ms
        power_dbm = self._region.power_dbm(self._region.band_of(self._channel_hz))
        self._chip.begin(self._channel_hz, self._factor, power_dbm)
        self._state = _LISTENING

    def _step(self, now_ms):
        events = self._events
        what = self._chip.step(now_ms)
        if what == events.RECEIVED:
            self.frame = self._chip.frame
            self.rssi_dbm = self._chip.rssi_dbm
            self.snr_db = self._chip.snr_db
            return RECEIVED
        if what == events.SENT:
            self._state = _LISTENING
            return SENT
        if what == events.CLEAR:
            return self._talk(now_ms)
        if what == events.TAKEN:
            return self._back_off(now_ms)
        if self._state == _WAITING and elapsed_ms(now_ms, self._since_ms) >= self._wait_ms:
            return self._ask_channel(now_ms)
        return 0

    def _ask_channel(self, now_ms):
        if self._within_ms and elapsed_ms(now_ms, self._asked_ms) > self._within_ms:
            return self._give_up()
        region = self._region
        if not region.sense_ms:
            self._chip.sense(now_ms)
            self._state = _SENSING
            return 0
        if self._chip.energy_dbm(region.sense_ms) > region.sense_dbm:
            return self._back_off(now_ms)
        return self._talk(now_ms)

    def _talk(self, now_ms):
        """Send: the ledger counts the packet before it begins."""
        self._ledger.note(self._airtime_ms)
        self._chip.send(self._frame, now_ms)
        self.left_ms = now_ms + self._airtime_ms
        self._state = _SENDING
        self.packets += 1
        return 0

    def _back_off(self, now_ms):
        self._tries += 1
        if not self._chip.listening():
            self._chip.listen()
        if self._tries >= TRIES:
            return self._give_up()
        slots = _BACK_OFF_SLOTS if self._tries < 3 else 2 * _BACK_OFF_SLOTS
        self._wait_ms = self._draw(slots)
        self._since_ms = now_ms
        self._state = _WAITING
        return 0

    def _draw(self, slots):
        return (self._airtime_ms // _SLOT_DIVISOR + 1) * (1 + self._random(1)[0] % slots)

    def _give_up(self):
        self.busy_channel += 1
        self._state = _LISTENING
        return GIVEN_UP
