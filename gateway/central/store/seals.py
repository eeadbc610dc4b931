"""Rows of seals: the boards' keys, and what was found of each seal."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from gateway.central.store.add import Add
from gateway.central.store.ask import Ask
from gateway.central.store.put import Put
from gateway.central.store.tables import SEAL_KEYS, SEALS

_PUT_KEY = Put(SEAL_KEYS)
# Built once: each seal asks these.
_KEY = Ask(
    select(SEAL_KEYS.c.key).where(SEAL_KEYS.c.board == bindparam("board"), SEAL_KEYS.c.epoch == bindparam("epoch"))
)
_OF_BOARD = select(SEALS).where(SEALS.c.board == bindparam("board"), SEALS.c.epoch == bindparam("epoch"))
_AT = Ask(_OF_BOARD.where(SEALS.c.seq == bindparam("seq")))
_BEFORE = Ask(_OF_BOARD.where(SEALS.c.seq < bindparam("seq")).order_by(SEALS.c.seq.desc()).limit(1))
_ADD = Add(SEALS)


@dataclass(frozen=True)
class SealRow:
    """A seal as it came, the chain head over which it was checked, and the result (`proof.leaf.SEAL_RESULTS`)."""

    board: int
    epoch: int
    seq: int
    generation: int
    seal: bytes
    head: bytes
    result: int


class SealRows:
    """Keys never leave the centre."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put_key(self, board: int, epoch: int, key: bytes) -> None:
        """Keep the first seal key of a board's epoch; one that is there stays."""
        _PUT_KEY.run(self._connection, [{"board": board, "epoch": epoch, "key": key}])

    def key(self, board: int, epoch: int) -> bytes | None:
        """Return the first seal key of a board's epoch."""
        key: bytes | None = _KEY.value(self._connection, board=board, epoch=epoch)
        return key

    def keyed(self) -> list[tuple[int, int]]:
        """Return (board, epoch) of which the centre has a seal key."""
        query = select(SEAL_KEYS.c.board, SEAL_KEYS.c.epoch).order_by(SEAL_KEYS.c.board, SEAL_KEYS.c.epoch)
        return [(board, epoch) for board, epoch in self._connection.execute(query)]

    def get(self, board: int, epoch: int, seq: int) -> SealRow | None:
        """Return the seal at a sequence."""
        return self._one(_AT, board, epoch, seq)

    def before(self, board: int, epoch: int, seq: int) -> SealRow | None:
        """Return the newest seal before a sequence."""
        return self._one(_BEFORE, board, epoch, seq)

    def _one(self, query: Ask, board: int, epoch: int, seq: int) -> SealRow | None:
        row = query.first(self._connection, board=board, epoch=epoch, seq=seq)
        return SealRow(*row) if row else None

    def add(self, row: SealRow) -> None:
        """Add a seal."""
        _ADD.run(self._connection, [tuple(getattr(row, column.name) for column in SEALS.c)])

    def count(self, result: int) -> int:
        """Return how many seals have a result."""
        query = select(func.count()).select_from(SEALS).where(SEALS.c.result == result)
        return self._connection.execute(query).scalar_one()
