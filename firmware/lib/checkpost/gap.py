"""Records that a board wrote and cannot read any more, named to its gateway. Loaded by a board that has such a record.

SPEC.md, "Gaps".
"""

from checkpost.backlog import Journal
from checkpost.fields import exact, put
from checkpost.record import SIZE, valid

GAP = 0x0A


class Gap:
    """What a board cannot read, and its chain behind what the gateway holds. Board to gateway."""

    TYPE = GAP

    def __init__(self, epoch: int, first_seq: int, last_seq: int, seq: int, head: bytes, board: int = 0):
        """`first_seq`, `last_seq`: the first and the last unreadable record of a sector; `head`: 32 bytes, the board's
        own chain head after record `seq`; `board` is filled in at the gateway."""
        self.epoch = epoch
        self.first_seq = first_seq
        self.last_seq = last_seq
        self.seq = seq
        self.head = head
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        exact(self.head, 32)
        out = bytearray()
        put(out, self.epoch, 2)
        put(out, self.first_seq, 4)
        put(out, self.last_seq, 4)
        put(out, self.seq, 4)
        out.extend(self.head)
        return bytes(out)


def find(source: object, seq: int) -> Gap | None:
    """Return what a journal (as backlog.Journal) says to a gateway that holds it up to `seq`: None where all of the
    sector of that record can be read."""
    journal: Journal = source  # type: ignore[assignment]
    raw = bytearray(SIZE)
    at = begin = journal.section()[0] if journal.read_into(max(1, seq), raw) else 0
    first = last = 0
    while 0 < at < journal.next_seq and journal.read_into(at, raw) and journal.section()[0] == begin:
        if not valid(bytes(raw)):
            first = first or at
            last = at
        at += 1
    head = journal.head_at(seq) if first else None
    return Gap(journal.epoch, first, last, seq, head) if head else None
