"""The board's part in making a session, in slices: a key of its own, a hello, a welcome, the shared key."""

from checkpost.handshake import hello, read_welcome, session_key
from checkpost.x25519 import KEY_SIZE, Ladder

_MAKING_KEY = 0
_READY = 1
_AGREEING = 2


class Joining:
    """One handshake. The same hello is repeated until it is answered: the gateway answers it the same way."""

    def __init__(self, board: int, link_key: bytes, scalar: bytes):
        """`scalar`: 32 bytes from the system's randomness, for this handshake only."""
        if len(scalar) != KEY_SIZE:
            raise ValueError("a scalar has 32 bytes")
        self._board = board
        self._link_key = link_key
        self._scalar = scalar
        self._ladder = Ladder(scalar)
        self._phase = _MAKING_KEY
        self._welcome = b""
        self.hello = b""  # the frame, once it is ready
        self.asked = False  # it was sent at least once

    @property
    def ready(self) -> bool:
        """True while the hello waits to be sent or answered."""
        return self._phase == _READY

    @property
    def agreeing(self) -> bool:
        """True while the shared key is being computed."""
        return self._phase == _AGREEING

    def step(self, rounds: int) -> bytes | None:
        """Do some rounds of key work; return the session key when it is there."""
        if self._phase == _READY or not self._ladder.step(rounds):
            return None
        if self._phase == _MAKING_KEY:
            self.hello = hello(self._link_key, self._board, self._ladder.result())
            self._phase = _READY
            return None
        return session_key(self._link_key, self._ladder.result(), self.hello, self._welcome)

    def welcomed(self, frame: bytes) -> bool:
        """Take a welcome; False when it does not answer this hello."""
        public = read_welcome(self._link_key, self.hello, frame) if self._phase == _READY and self.asked else None
        if public is None:
            return False
        self._welcome = frame
        self._ladder = Ladder(self._scalar, public)
        self._phase = _AGREEING
        return True
