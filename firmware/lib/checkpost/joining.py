"""The board's part in making a session, in slices: a key of its own, a hello, a welcome, the shared key.

Sessions last for days: the code for their keys, 4 KB, is loaded when it is needed and forgotten after it.
"""

from checkpost.const import const
from checkpost.once import forget

SCALAR_SIZE = 32

_MAKING_KEY = const(0)
_READY = const(1)
_AGREEING = const(2)


class Joining:
    """One handshake. The same hello is repeated until it is answered: the gateway answers it the same way."""

    def __init__(self, board: int, link_key: bytes, scalar: bytes):
        """`scalar`: 32 bytes from the system's randomness, for this handshake only."""
        if len(scalar) != SCALAR_SIZE:
            raise ValueError("a scalar has 32 bytes")
        self._board = board
        self._link_key = link_key
        self._scalar = scalar
        self._ladder = _new_ladder(scalar)
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
        if self._ladder is None or not self._ladder.step(rounds):
            return None
        product = self._ladder.result()
        self._ladder = None
        if self._phase == _AGREEING:
            return self._meet(product)
        self._greet(product)
        return None

    def welcomed(self, frame: bytes) -> bool:
        """Take a welcome; False when it does not answer this hello."""
        if self._phase != _READY or not self.asked:
            return False
        from checkpost.handshake import read_welcome

        public = read_welcome(self._link_key, self.hello, frame)
        forget("checkpost.handshake")
        if public is None:
            return False
        self._welcome = frame
        self._ladder = _new_ladder(self._scalar, public)
        self._phase = _AGREEING
        return True

    def _greet(self, public: bytes) -> None:
        from checkpost.handshake import hello

        self.hello = hello(self._link_key, self._board, public)
        forget("checkpost.handshake")
        self._phase = _READY

    def _meet(self, shared: bytes) -> bytes:
        from checkpost.handshake import session_key

        key = session_key(self._link_key, shared, self.hello, self._welcome)
        forget("checkpost.handshake")
        return key


def reopened(link_key: bytes, frame: bytes, asked: bytes) -> bool:
    """Return True if `frame` is the gateway's word that it does not know the session of the frame `asked`."""
    from checkpost.handshake import is_reopen

    found = is_reopen(link_key, frame, asked)
    forget("checkpost.handshake")
    return found


def _new_ladder(scalar: bytes, *point: bytes):  # type: ignore[no-untyped-def]
    from checkpost.x25519 import Ladder

    forget("checkpost.x25519")
    return Ladder(scalar, *point)
