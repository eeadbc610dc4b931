"""What a gateway's link keeps of one board, and of a handshake that is not proven yet."""

from checkpost.messages import Reader
from checkpost.reorder import Reorder
from checkpost.session import Session
from checkpost.upward import Status


class Peer:
    """What the link keeps of one board."""

    def __init__(self, board: int, link_key: bytes, counters: dict[str, int], now_ms: int):
        self.board = board
        self.link_key = link_key
        self.session: Session | None = None
        self.candidates: list[Candidate] = []  # newest first
        self.status: Status | None = None
        self.reader = Reader(True)
        self.reorder = Reorder(counters)
        self.brought = False  # records came since the last turn
        self.cuts = 0  # messages that were cut into parts
        self.asked = b"\0"  # low byte of the counter of the frame that gave us the word
        self.heard_ms = now_ms


class Candidate:
    """A handshake that no frame has proven yet. The same hello gets the same welcome."""

    def __init__(self, hello: bytes, welcome: bytes, session: Session):
        self.hello = hello
        self.welcome = welcome
        self.session = session
