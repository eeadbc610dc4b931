"""One session: its key, the counters of both directions, the replay window and its end. SPEC.md, "Frames"."""

from checkpost.aes import ccm_open, ccm_seal
from checkpost.frames import SEALED, Header
from checkpost.limits import HEADER_SIZE, RENEW_AT_FRAMES, RENEW_AT_S, REPLAY_WINDOW, SESSION_FRAMES, SESSION_S
from checkpost.ticks import elapsed_ms

# Why something was dropped; every link counts each.
DROPS = (
    "garbage",  # not COBS
    "long",  # longer than any frame
    "short",  # too short for its type
    "version",  # another protocol version: a downgrade, or a peer to update
    "type",  # no such frame type
    "direction",  # our own words come back
    "board",  # addressed to another board, or from one without a key
    "no-session",  # sealed for a session that is not known here
    "forged",  # the tag does not fit: another key, a changed bit, or no seal at all
    "twin",  # of a session that a newer one replaced: two boards speak with one identity
    "replay",  # seen before, or older than the window
    "message",  # well sealed, but no message that this version can read
    "compact",  # a compact batch that cannot be rebuilt here: its records come again in full
    "early",  # records before the gateway said what it holds
    "epoch",  # records or acks of another epoch than the session's
    "late",  # a time or a verdict for a turn or a question that is over
    "ahead",  # records too far beyond what is acknowledged to be kept
    "known",  # records that were acknowledged before
    "left-out",  # messages that did not fit a turn; they come again
)


def new_counters() -> dict[str, int]:
    """Return a counter for each cause of a drop."""
    return dict.fromkeys(DROPS, 0)


class Session:
    """Seals what one end says and opens what the other says, until frames or days run out."""

    def __init__(self, key: bytes, board: int, down: bool, now_ms: int):
        """`key`: 16 bytes, fresh; `down`: True at the gateway."""
        self._key = key
        self._board = board
        self._down = down
        self._sent = 0
        self._top = -1
        self._seen = [-1] * REPLAY_WINDOW
        self._age_ms = 0
        self._age_s = 0
        self._stamp_ms = now_ms

    def tick(self, now_ms: int) -> None:
        """Let the session age; call at least once in ten days."""
        self._age_ms += elapsed_ms(now_ms, self._stamp_ms)
        self._stamp_ms = now_ms
        self._age_s += self._age_ms // 1000
        self._age_ms %= 1000

    def worn(self) -> bool:
        """Return True when it is time to make the next session."""
        return max(self._sent, self._top) >= RENEW_AT_FRAMES or self._age_s >= RENEW_AT_S

    def ended(self) -> bool:
        """Return True when nothing more may be sealed or opened."""
        return self._sent >= SESSION_FRAMES or self._age_s >= SESSION_S

    @property
    def next_counter(self) -> int:
        """The counter of the next frame that `seal` makes."""
        return self._sent

    def newest(self, counter: int) -> bool:
        """Return True if no frame that was accepted is newer than the one with this counter."""
        return counter >= self._top

    def seal(self, payload: bytes, turn: bool) -> bytes:
        """Return a sealed frame; the caller has asked `ended` before."""
        if self.ended():
            raise ValueError("the session has ended")
        header = Header(SEALED, self._board, self._sent, self._down, turn).pack()
        self._sent += 1
        return header + ccm_seal(self._key, _nonce(header), header, payload)

    def open(self, frame: bytes) -> bytes | None:
        """Return the payload of a frame of the other end, or None when it is not sealed by this session's key."""
        if self._age_s >= SESSION_S:
            return None
        header = frame[:HEADER_SIZE]
        return ccm_open(self._key, _nonce(header), header, frame[HEADER_SIZE:])

    def accept(self, counter: int) -> bool:
        """Note the counter of a frame that `open` opened; False when it came before or is older than the window."""
        slot = counter % REPLAY_WINDOW
        if counter <= self._top - REPLAY_WINDOW or self._seen[slot] == counter:
            return False
        self._seen[slot] = counter
        self._top = max(self._top, counter)
        return True


def _nonce(header: bytes) -> bytes:
    """Return the 13 bytes of direction, board and counter: never twice under one key, since no counter wraps."""
    return bytes([header[0] & 0x20]) + header[1:HEADER_SIZE] + bytes(8)
