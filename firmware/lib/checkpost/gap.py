"""Records that a board wrote and cannot read any more, named to its gateway. Loaded by a board that has such a record.

SPEC.md, "Gaps".
"""

from checkpost.fields import exact, put

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


def gap_behind(source: object, seq: int) -> Gap | None:
    """Return what a journal (as backlog.Journal) says to a gateway that holds it up to `seq`: None where all of the
    sector of that record can be read."""
    found = source.unreadable(max(1, seq))  # type: ignore[attr-defined]
    head = source.head_at(seq) if found else None  # type: ignore[attr-defined]
    return Gap(source.epoch, found[0], found[1], seq, head) if head else None  # type: ignore[attr-defined]
