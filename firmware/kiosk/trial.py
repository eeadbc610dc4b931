"""A new firmware proves itself: kept after a working sync and a card that was read, else the board goes back.

Loaded only while a slot is on trial. A technician's yes (`checkpost board update --confirm`) keeps it at once.
"""

from checkpost.ticks import elapsed_ms

SYNC_WITHIN_MS = 1_800_000  # half an hour: a quiet gateway answers within seconds, a restarted one within minutes
CARD_WITHIN_S = 86_400  # a day: each lane sees a card in it
STEP_MS = 1000  # between two looks; also what `elapsed_ms` can count over a day


class Trial:
    """`slots` is the module of that name, `restart()` starts the board anew."""

    def __init__(self, slots, uplink, restart, now_ms):
        self._slots = slots
        self._uplink = uplink
        self._restart = restart
        self._looked_ms = now_ms
        self._seconds = 0
        self.synced = False
        self.card = False
        self.over = False

    def step(self, now_ms):
        """Look once a second; keep the firmware, or leave it when its time is over. Raises OSError."""
        if self.over or elapsed_ms(now_ms, self._looked_ms) < STEP_MS:
            return
        self._looked_ms = now_ms
        self._seconds += 1
        self.synced = self.synced or (self._uplink.up() and self._uplink.queue() == 0)
        if self.synced and self.card:
            self.over = True
            self._slots.confirm()
            self._uplink.bring(None)  # if it came down the link, the gateway hears that it is kept
        elif not self.synced and self._seconds * STEP_MS >= SYNC_WITHIN_MS:
            self._leave("no gateway answered in half an hour")
        elif self._seconds >= CARD_WITHIN_S:
            self._leave("no card was read in a day")

    def _leave(self, why):
        self.over = True
        self._slots.go_back("left: " + why)
        self._restart()
