"""Who may speak on the carrier, and for how long to wait: the board speaks, then listens. SPEC.md, "Turns"."""

from checkpost.carrier import Carrier
from checkpost.const import const
from checkpost.frames import encode
from checkpost.limits import REPLY_LOOKS
from checkpost.ticks import elapsed_ms

_DELIMITER = b"\0"
_MAX_SHIFT = const(8)  # of a wait that doubles: far beyond the longest
_MAX_JITTER_SHIFT = const(4)  # 16 frames: more boards than that do not start on one channel at once


class Turns:
    """The board's turns on one carrier."""

    def __init__(self, carrier: Carrier, random: object):
        """`carrier` bounds a burst and stretches the waits; `random(n)` -> n bytes."""
        self._carrier = carrier
        self._random = random
        self._burst_bytes = 0
        self._burst_frames = 0
        self._wait_ms = 0
        self._urgent_ms = 0
        self._poll_ms = carrier.poll_ms
        self._since_ms = 0
        self._looks = 0
        self._due = True
        self.short = False  # the gateway has more to say: speak less at a time
        self.fed = False  # it said some of it in this turn
        self.hungry = False  # it has not said yet what it holds
        self._fasts = 0  # turns in a row that brought nothing of what is waited for
        self.speaking = False  # in the middle of a burst
        self.listening = False  # the gateway has the word
        self.tries = 0  # unanswered turns in a row
        self.asked = b""  # the frame that gave the word to the gateway
        self.said_ms = 0  # when that was

    def say(self, frame: bytes, turn: bool, now_ms: int) -> bytes:
        """Return a frame as the carrier takes it; with `turn` the gateway has the word then."""
        if not self.speaking:
            self._burst_bytes = 0
            self._burst_frames = 0
        coded = frame
        if not self._carrier.packets:
            coded = encode(frame)
            if not self.speaking:
                coded = _DELIMITER + coded  # what the line caught in the silence ends here
        self._burst_bytes += len(coded)
        self._burst_frames += 1
        self.speaking = not turn
        if turn:
            self.listening = True
            self.asked = frame
            self.sent(now_ms)
            self._looks = 0
            self._set_waits()
        return coded

    def sent(self, now_ms: int) -> None:
        """Note that the frame that gave the word away leaves only now: the wait for the reply counts from here."""
        self.said_ms = now_ms
        self._since_ms = now_ms

    def last(self) -> bool:
        """Return True if the frame that is said next has to end the burst."""
        carrier = self._carrier
        most = carrier.short_burst_bytes if self.short else carrier.burst_bytes
        if not self.speaking:
            return carrier.burst_frames == 1
        return self._burst_bytes >= most or self._burst_frames + 1 >= carrier.burst_frames

    def _set_waits(self) -> None:
        """Reckon how long to wait for the reply: an urgent try does not wait out the back-off."""
        carrier = self._carrier
        jitter_ms = self._jitter(carrier.jitter_ms << min(self.tries, _MAX_JITTER_SHIFT)) if self.tries else 0
        self._urgent_ms = carrier.reply_ms(self._burst_bytes) + jitter_ms
        first_ms = carrier.backoff_ms
        self._wait_ms = (
            self._urgent_ms + min(first_ms << min(self.tries, _MAX_SHIFT), carrier.backoff_max_ms) - first_ms
        )

    def _jitter(self, most_ms: int) -> int:
        """Return a random time below `most_ms`, 0 on a carrier that is not shared."""
        if not most_ms:
            return 0
        drawn = self._random(2)  # type: ignore[operator]
        return most_ms * (drawn[0] | drawn[1] << 8) >> 16  # type: ignore[no-any-return]

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
        waiting = self.short or self.hungry
        self._fasts = self._fasts + 1 if waiting and not self.fed else 0
        self.fed = False
        poll_ms = self._carrier.poll_ms
        if waiting:  # something was lost on the way: ask sooner than a quiet board, and more and more rarely
            poll_ms = min(poll_ms, self._carrier.stall_ms << min(self._fasts, _MAX_SHIFT))
        self._poll_ms = poll_ms - self._jitter(poll_ms >> 3 if self._carrier.packets else 0)

    def timed_out(self, now_ms: int, urgent: bool) -> bool:
        """End a wait that took too long and return True, once; `urgent` things do not wait out a back-off."""
        if not self.listening:
            return False
        wait_ms = self._urgent_ms if urgent else self._wait_ms
        self._looks += 1
        if elapsed_ms(now_ms, self._since_ms) < wait_ms or self._looks < REPLY_LOOKS:
            return False
        self.listening = False
        self._due = True
        self.tries += 1
        return True

    def poll_due(self, now_ms: int) -> bool:
        """Return True if a turn is to be taken even with nothing to say."""
        return self._due or elapsed_ms(now_ms, self._since_ms) >= self._poll_ms

    def restart(self) -> None:
        """Take the word back: what was asked belongs to a session that is gone."""
        self.speaking = False
        self.listening = False
        self._due = True
