"""Cards at the reader: when is a card a new tap, and when does it only still lie there."""

from checkpost.ticks import elapsed_ms

AGAIN_MS = 3000  # a card seen again within this is the same tap: hands shake, and fields have edges
RESET_EVERY_MS = 2000  # how often a reader that failed is started again: it is down for 0.6 s then
UID_SIZES = (4, 7, 10)


class Cards:
    """`reader` has begin and poll_targets as the PN532 driver."""

    def __init__(self, reader, faults):
        self._reader = reader
        self._faults = faults
        self._last = b""
        self._seen_ms = 0
        self._crowd = False
        self._reset_ms = None
        self.dropped = 0
        self.sak = 0  # of the card that was tapped last

    def start(self, now_ms):
        """Start the reader, or start it again after a fault; it blocks up to 0.6 s."""
        self._reset_ms = now_ms
        self._faults.attempt("reader", None, self._reader.begin)

    def step(self, now_ms):
        """Return the UID of a card that was just tapped, else None."""
        if self._faults.has("reader"):
            if elapsed_ms(now_ms, self._reset_ms) >= RESET_EVERY_MS:
                self.start(now_ms)
            return None
        try:
            found = self._reader.poll_targets(now_ms)
        except self._faults.part_errors as error:
            self._faults.note("reader", error)
            self._reset_ms = now_ms
            return None
        return None if found is None else self._judge(found, now_ms)

    def crowded(self):
        """Return True while two cards lie there, and until the field was empty once."""
        return self._crowd

    def answered(self, now_ms):
        """The card that was tapped answered until now, while nobody searched for cards."""
        self._seen_ms = now_ms

    def _judge(self, found, now_ms):
        if not found:
            self._crowd = False
            if elapsed_ms(now_ms, self._seen_ms) > AGAIN_MS:
                self._last = b""  # so that ticks that came round cannot bring an old tap near
            return None
        if len(found) > 1:
            self._crowd = True
        if self._crowd:
            return None  # whose card is left nobody can say: both are taken away first
        uid = found[0][0]
        if len(uid) not in UID_SIZES:
            self.dropped += 1  # pulled away in the middle of its identifier; it is asked again
            return None
        self.sak = found[0][2]
        return uid if self._is_new(uid, now_ms) else None

    def _is_new(self, uid, now_ms):
        """Return True for another card, and for the same one if it was away for three seconds.

        It was seen when the search began, for all that is known: an answer that lay there while the board did
        something else says nothing about the time since, and the next search tells whether the card came back.
        """
        asked_ms = self._reader.asked_ms
        if uid == self._last and elapsed_ms(asked_ms, self._seen_ms) <= AGAIN_MS:
            self._seen_ms = asked_ms
            return False
        self._last = uid
        self._seen_ms = now_ms
        return True
