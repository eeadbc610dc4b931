"""What a gateway's link keeps of one board, and of a handshake that is not proven yet."""

from checkpost.compact import Compact, generation_of
from checkpost.fields import MessageError
from checkpost.messages import Reader
from checkpost.reorder import Reorder
from checkpost.session import Session
from checkpost.upward import Batch, Sealed, Status


class Peer:
    """What the link keeps of one board."""

    def __init__(self, board: int, link_key: bytes, counters: dict[str, int], now_ms: int):
        self.board = board
        self.link_key = link_key
        self.session: Session | None = None
        self.replaced: Session | None = None  # what a newer session took the place of
        self.candidates: list[Candidate] = []  # newest first
        self.status: Status | None = None
        self.reader = Reader(True)
        self.reorder = Reorder(counters)
        self.brought = False  # records came since the last turn
        self.cuts = 0  # messages that were cut into parts
        self.asked = b"\0"  # low byte of the counter of the frame that gave us the word
        self.heard_ms = now_ms

    def speaks_twice(self, frame: bytes, counter: int) -> bool:
        """Return True for a fresh frame of the session that a newer one replaced: a board leaves the old one at once,
        so there are two of them."""
        replaced = self.replaced
        return replaced is not None and replaced.open(frame) is not None and replaced.accept(counter)


class Candidate:
    """A handshake that no frame has proven yet. The same hello gets the same welcome."""

    def __init__(self, hello: bytes, welcome: bytes, session: Session):
        self.hello = hello
        self.welcome = welcome
        self.session = session


def rebuild(compact: Compact, peer: Peer, cards: object) -> tuple[Batch, Sealed | None]:
    """Return what a compact batch stands for; MessageError when it cannot be told here.

    `cards(board, roster_id, slot)` -> UID or b"". The chain proves the records where they are taken in."""
    status = peer.status
    expected = peer.reorder.expected
    if status is None or expected is None:
        raise MessageError("records before the gateway said what it holds")

    def uid_of(slot: int) -> bytes:
        return cards(peer.board, status.roster_id, slot) if cards else b""  # type: ignore[operator]

    first = compact.first_seq(expected)
    records = compact.records(first, status.utc_s, uid_of)
    batch = Batch(status.epoch, first, records, compact.head4, True)
    if not compact.seal:
        return batch, None
    last = first + compact.count - 1
    return batch, Sealed(status.epoch, last, generation_of(compact.excess, last), compact.seal, peer.board)
