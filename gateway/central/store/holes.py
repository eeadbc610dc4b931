"""Rows of holes: records that nobody can read, between which crossings of their board."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from gateway.central.store.ask import Ask
from gateway.central.store.tables import CROSSINGS, HOLES

_TAP = 0  # of `checkpost.source.SOURCES`: what is entered by hand has no place in the order of its log
_ALL = Ask(select(HOLES).order_by(HOLES.c.board, HOLES.c.epoch, HOLES.c.seq))  # each batch asks it, and each poll
_PLACE = CROSSINGS.c.epoch, CROSSINGS.c.seq
_TAPS = (
    select(*_PLACE, CROSSINGS.c.order_utc_s)
    .where(CROSSINGS.c.board == bindparam("board"), CROSSINGS.c.source == _TAP)
    .limit(1)
)
_SAME = CROSSINGS.c.epoch == bindparam("epoch")
_BEFORE = Ask(_TAPS.where(_SAME, CROSSINGS.c.seq < bindparam("seq")).order_by(CROSSINGS.c.seq.desc()))
_BEHIND = Ask(_TAPS.where(_SAME, CROSSINGS.c.seq > bindparam("seq")).order_by(CROSSINGS.c.seq))
_SINCE = Ask(_TAPS.where(CROSSINGS.c.epoch > bindparam("epoch")).order_by(*_PLACE))

Tap = tuple[tuple[int, int], int]  # epoch and sequence; order of time


@dataclass(frozen=True)
class HoleRow:
    """One hole, as `gateway.contract.Hole`. `after_s` None: its span is not known yet."""

    board: int
    epoch: int
    seq: int
    crossing_point: str
    after_s: int | None
    before_s: int | None


class HoleRows:
    """Few, ever: a record that cannot be read is a flash that wears out."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def all(self) -> list[HoleRow]:
        """Return every hole, by board, epoch and sequence."""
        return [HoleRow(*row) for row in _ALL.run(self._connection)]

    def add(self, row: HoleRow) -> None:
        """Add a hole; its record came once."""
        self._connection.execute(insert(HOLES), [vars(row)])

    def set_span(self, row: HoleRow, after_s: int, before_s: int | None) -> None:
        """Write a hole's span."""
        place = (HOLES.c.board == row.board, HOLES.c.epoch == row.epoch, HOLES.c.seq == row.seq)
        self._connection.execute(update(HOLES).where(*place).values(after_s=after_s, before_s=before_s))

    def around(self, row: HoleRow) -> list[Tap]:
        """Return the last stored tap of a hole's board before it, and the first behind it, of its epoch and later."""
        place = {"board": row.board, "epoch": row.epoch}
        asked = (_BEFORE, place | {"seq": row.seq}), (_BEHIND, place | {"seq": row.seq}), (_SINCE, place)
        rows = [ask.first(self._connection, **values) for ask, values in asked]
        return [((row[0], row[1]), row[2]) for row in rows if row]

    def permits_from(self, order_s: int) -> set[str]:
        """Return the permits with a crossing from an instant on; one look through the crossings, for when one rots."""
        query = select(CROSSINGS.c.permit).where(
            CROSSINGS.c.order_utc_s >= order_s, func.length(CROSSINGS.c.permit) > 0
        )
        return {permit for (permit,) in self._connection.execute(query.distinct())}
