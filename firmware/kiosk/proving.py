"""What the card at the reader proves while its answer is awaited. Loaded when the policy asks for more than a UID.

A key is used once and let go; the App then overwrites the heap's free part (kiosk.scrub).
"""

from checkpost import sun_form
from kiosk.proof import FALSE, GONE, LIVE, Proof

_TARGET = 1  # a tap is of one card: cards.py takes no two
_READ, _PROVE, _SEARCH, _REST = range(4)


class Proving:
    """`reader` has exchange and poll_targets as the PN532 driver; `load()` returns the card driver's class and its
    module of errors; `random(n)` gives n bytes."""

    def __init__(self, reader, load, random, faults):
        self._reader = reader
        self._driver, self._errors = load()
        self._random = random
        self._faults = faults
        self._proof = Proof(self._errors)
        self._state = _REST
        self._keys = []
        self._tried = 0
        self.begin(b"", 0)

    def begin(self, uid, sak):
        """Start with a card that was just found: nothing is known of it."""
        self._uid = uid
        self._sak = sak
        self._keys = []
        self._tried = 0  # version of the key that is being tried, or was
        self._state = _REST
        self.result = None  # what the proof came to
        self.message = None  # PICCData and MAC of the card's own message

    def read(self):
        """Read the card's own message with the next step."""
        self._state = _READ

    def offer(self, key, version):
        """A key of the card is at hand: try it, unless the card is settled or this version is tried already."""
        if self.result not in (LIVE, FALSE) and version != self._tried:
            self._keys.append((key, version))

    def busy(self):
        """Return True while a step has something to do."""
        return self._state != _REST or bool(self._keys)

    def reading(self):
        """Return True until the card's own message was read, or was not there."""
        return self._state == _READ

    def live(self):
        """Return True if the card proved that it has the key."""
        return self.result == LIVE

    def false(self):
        """Return True if it is not the card that its UID says."""
        return self.result == FALSE

    def searching(self):
        """Return True while the card gives no answer and is looked for: that has no end of its own."""
        return self._state == _SEARCH

    def end(self):
        """Let go of the keys; what was found stays."""
        self._keys = []
        self._state = _REST

    def step(self, now_ms):
        """Go on by at most two exchanges with the card, some 60 ms."""
        if self._state == _READ:
            self.message = self._message()
            self._state = _REST
        elif self._state == _SEARCH:
            self._look(now_ms)
        elif self._state == _PROVE:
            self._go_on()
        elif self._keys:
            self._start()

    def _start(self):
        key, self._tried = self._keys[0]
        self._proof.begin(self._driver(self._exchange, self._random), self._uid, self._sak, key, self._tried)
        self._state = _PROVE

    def _go_on(self):
        result = self._proof.step()
        if result is None:
            return
        self.result = result
        if result == GONE:
            self._state = _SEARCH
            return
        self._state = _REST
        self._keys = [] if result in (LIVE, FALSE) else self._keys[1:]

    def _look(self, now_ms):
        """Look for the card that fell silent; found again it is asked again."""
        try:
            found = self._reader.poll_targets(now_ms)
        except self._faults.part_errors:  # the next search for cards says what is wrong with the reader
            self.end()
            return
        if found and len(found) == 1 and found[0][0] == self._uid:
            self._start()

    def _message(self):
        """Return PICCData and MAC, or None when the card has no message of ours."""
        card = self._driver(self._exchange, self._random)
        try:
            card.select()
            return sun_form.split_message(card.read_ndef(sun_form.MESSAGE_SIZE))
        except self._errors.CardError:
            return None

    def _exchange(self, apdu):
        """Send an APDU; a reader that fails says as little as a card that left."""
        try:
            return self._reader.exchange(_TARGET, apdu)
        except self._faults.part_errors:
            return None
