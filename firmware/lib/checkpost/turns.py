"""Who may speak on the line, and for how long to wait: the board speaks, then listens. SPEC.md, "Turns"."""

from checkpost.frames import encode
from checkpost.limits import BACKOFF_MAX_MS, BURST_MS, DOWN_TURN_BYTES, POLL_MS, REPLY_LOOKS, REPLY_MS, SHORT_BURST_MS
from checkpost.ticks import elapsed_ms

_BITS_A_BYTE = 10  # start, eight, stop
_DELIMITER = b"\0"
_MAX_SHIFT = 8  # of a wait that doubles: far beyond the longest


class Turns:
    """The board's turns on one line."""

    def __init__(self, baud: int):
        """`baud`: of the line; it bounds a burst and stretches the waits."""
        self._baud = baud
        self._burst_bytes = 0
        self._wait_ms = 0
        self._since_ms = 0
        self._looks = 0
        self._due = True
        self.short = False  # the gateway has more to say: speak less at a time
        self.speaking = False  # in the middle of a burst
        self.listening = False  # the gateway has the word
        self.tries = 0  # unanswered turns in a row
        self.asked = b""  # the frame that gave the word to the gateway
        self.said_ms = 0  # when that was

    def say(self, frame: bytes, turn: bool, now_ms: int) -> bytes:
        """Return a frame as it goes on the line; with `turn` the gateway has the word then."""
        coded = encode(frame)
        if not self.speaking:
            coded = _DELIMITER + coded  # what the line caught in the silence ends here
            self._burst_bytes = 0
        self._burst_bytes += len(coded)
        self.speaking = not turn
        if turn:
            self.listening = True
            self.asked = frame
            self.said_ms = now_ms
            self._since_ms = now_ms
            self._looks = 0
            self._wait_ms = min(REPLY_MS << min(self.tries, _MAX_SHIFT), BACKOFF_MAX_MS) + self._on_line_ms()
        return coded

    def full(self) -> bool:
        """Return True when the burst is as long as it may be."""
        limit_ms = SHORT_BURST_MS if self.short else BURST_MS
        return self._burst_bytes * _BITS_A_BYTE * 1000 >= self._baud * limit_ms

    def heard(self, now_ms: int) -> None:
        """Note that the gateway lives; inside its turn the wait starts anew."""
        self.tries = 0
        if self.listening:
            self._since_ms = now_ms

    def answered(self, now_ms: int) -> None:
        """End the gateway's turn."""
        self.tries = 0
        self.listening = False
        self._due = False
        self._since_ms = now_ms

    def timed_out(self, now_ms: int, urgent: bool) -> bool:
        """End a wait that took too long and return True, once; `urgent` things do not wait out a back-off."""
        if not self.listening:
            return False
        wait_ms = REPLY_MS + self._on_line_ms() if urgent else self._wait_ms
        self._looks += 1
        if elapsed_ms(now_ms, self._since_ms) < wait_ms or self._looks < REPLY_LOOKS:
            return False
        self.listening = False
        self._due = True
        self.tries += 1
        return True

    def poll_due(self, now_ms: int) -> bool:
        """Return True if a turn is to be taken even with nothing to say."""
        return self._due or elapsed_ms(now_ms, self._since_ms) >= POLL_MS

    def restart(self) -> None:
        """Take the word back: what was asked belongs to a session that is gone."""
        self.speaking = False
        self.listening = False
        self._due = True

    def _on_line_ms(self) -> int:
        return (self._burst_bytes + DOWN_TURN_BYTES) * _BITS_A_BYTE * 1000 // self._baud
