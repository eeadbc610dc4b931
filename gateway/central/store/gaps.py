"""Rows of gaps: where a board's chain goes on behind records that it could not read any more."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from gateway.central.store.tables import GAPS

# Built once: each run and each seal asks these.
_OF_BOARD = select(GAPS).where(GAPS.c.board == bindparam("board"), GAPS.c.epoch == bindparam("epoch"))
_AT = _OF_BOARD.where(GAPS.c.seq == bindparam("seq"))
_BEFORE = _OF_BOARD.where(GAPS.c.seq < bindparam("seq")).order_by(GAPS.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class GapRow:
    """After record `seq` the board's own chain head is `head`; `body`: what the leaf says, as JSON."""

    board: int
    epoch: int
    seq: int
    head: bytes
    body: str


class GapRows:
    """Gaps are only ever added: each is a leaf of the log."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def add(self, row: GapRow) -> bool:
        """Add a gap; False when one is held for that place."""
        place = {"board": row.board, "epoch": row.epoch, "seq": row.seq}
        if self._connection.execute(_AT, place).first():
            return False
        self._connection.execute(insert(GAPS), [place | {"head": row.head, "body": row.body}])
        return True

    def before(self, board: int, epoch: int, seq: int) -> GapRow | None:
        """Return the newest gap before a sequence."""
        row = self._connection.execute(_BEFORE, {"board": board, "epoch": epoch, "seq": seq}).first()
        return GapRow(*row) if row else None
