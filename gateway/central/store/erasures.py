"""Rows of erasures: contents go, places stay, and what only counts is counted on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from checkpost.calendar import DAY_S
from gateway.central.crossing import CrossingState
from gateway.central.proof import leaf
from gateway.central.store.ask import Ask
from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.rights_tables import CHAIN_MARKS, ERASED, ERASED_DAYS, ERASURE_ORDERS
from gateway.central.store.tables import ABOUT, CROSSINGS, FEED, FREQUENT, LEAVES, RECORDS

Place = tuple[int, int, int]  # board, epoch, sequence
DayCell = tuple[str, int, int]  # point, local day, verdict
_COUNT = "erased_crossings"  # in ABOUT: counted on, so that no page of the feed counts rows

_PUT_ABOUT = Put(ABOUT, newest=["value"])
_PUT_ERASED = Put(ERASED, newest=["position", "erasure"])
_ADD_DAYS = Put(ERASED_DAYS, sums=["crossings", "persons"])
_PUT_MARK = Put(CHAIN_MARKS)
# Built once: each tap asks these, and building a statement costs more than running it.
_ERASED = Ask(
    select(ERASED.c.seq).where(
        ERASED.c.board == bindparam("board"),
        ERASED.c.epoch == bindparam("epoch"),
        ERASED.c.seq.between(bindparam("first_seq"), bindparam("last_seq")),
    )
)
_MARKS = (
    CHAIN_MARKS.c.board == bindparam("board"),
    CHAIN_MARKS.c.epoch == bindparam("epoch"),
    CHAIN_MARKS.c.seq <= bindparam("seq"),
)
_NEWEST_MARK = Ask(
    select(CHAIN_MARKS.c.seq, CHAIN_MARKS.c.head).where(*_MARKS).order_by(CHAIN_MARKS.c.seq.desc()).limit(1)
)
_COUNTED = Ask(select(ABOUT.c.value).where(ABOUT.c.name == _COUNT))
_FORGET_MARKS = Ask(delete(CHAIN_MARKS).where(*_MARKS))


@dataclass(frozen=True)
class OrderRow:
    """An erasure that was asked for; `closed_s` 0: not closed; `erasure` 0: nothing was erased."""

    number: int
    opened_s: int
    opened_by: str
    subject: str
    ground: str
    state: str
    closed_by: str
    closed_s: int
    erasure: int


class ErasureRows:
    """What is erased here is gone from the table; `Store.compact` takes it from the files."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def positions_of(self, state: CrossingState) -> list[int]:
        """Return every position of the feed that shows a crossing, without reading the whole feed."""
        first = self._first_position(state)
        head = f'{{"board":{state.board},"epoch":{state.epoch},"seq":{state.seq},'
        span = FEED.c.position.between(first, state.position)
        query = select(FEED.c.position).where(span, func.substr(FEED.c.body, 1, len(head)) == head)
        return [position for (position,) in self._connection.execute(query)]

    def _first_position(self, state: CrossingState) -> int:
        """Return from where on the feed can show a crossing: its record became a leaf before its first state did."""
        place = (LEAVES.c.board == state.board, LEAVES.c.epoch == state.epoch, LEAVES.c.seq == state.seq)
        number = self._connection.execute(select(LEAVES.c.number).where(LEAVES.c.kind == leaf.RECORD, *place)).scalar()
        if number is None:
            return 0
        after = select(LEAVES.c.seq).where(LEAVES.c.number > number, LEAVES.c.kind == leaf.STATE)
        return self._connection.execute(after.order_by(LEAVES.c.number).limit(1)).scalar() or 0

    def blank_records(self, places: Iterable[Place]) -> None:
        """Take away what records said; their places stay."""
        for board, epoch, seq in places:
            at = (RECORDS.c.board == board, RECORDS.c.epoch == epoch, RECORDS.c.seq == seq)
            day = RECORDS.c.arrived_s - RECORDS.c.arrived_s % DAY_S  # no nearer; and in the same month's table
            self._connection.execute(update(RECORDS).where(*at).values(raw=b"", arrived_s=day))

    def remove_feed(self, positions: Iterable[int]) -> None:
        """Take rows of the feed away."""
        for some in chunks(sorted(positions)):
            self._connection.execute(delete(FEED).where(FEED.c.position.in_(some)))

    def remove_crossings(self, states: Iterable[CrossingState]) -> None:
        """Take crossings away."""
        for state in states:
            at = (CROSSINGS.c.board == state.board, CROSSINGS.c.epoch == state.epoch, CROSSINGS.c.seq == state.seq)
            self._connection.execute(delete(CROSSINGS).where(*at))

    def note(self, places: Mapping[Place, int], erasure: int) -> None:
        """Write down that records were erased, by place with the position that says so (0: none does)."""
        rows = [
            {"board": board, "epoch": epoch, "seq": seq, "position": position, "erasure": erasure}
            for (board, epoch, seq), position in sorted(places.items())
        ]
        _PUT_ERASED.run(self._connection, rows)

    def erased(self, board: int, epoch: int, first_seq: int, last_seq: int) -> set[int]:
        """Return which sequences of a range are of records that were erased, or shall be when they come."""
        span = {"first_seq": first_seq, "last_seq": last_seq}
        return {seq for (seq,) in _ERASED.run(self._connection, board=board, epoch=epoch, **span)}

    def said(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return (position, JSON) of at most `limit` feed rows that say that a crossing was erased, oldest first."""
        query = select(ERASED.c.position, FEED.c.body).join(FEED, FEED.c.position == ERASED.c.position)
        query = query.where(ERASED.c.position > after, FEED.c.position > after)  # both: see `LogRows.current`
        query = query.order_by(ERASED.c.position).limit(limit)
        return [(position, body) for position, body in self._connection.execute(query)]

    def count_on(self, days: Mapping[DayCell, tuple[int, int]], crossings: int) -> None:
        """Count erased crossings and their persons on, by point, day and verdict."""
        rows = [
            {"crossing_point": cell[0], "day": cell[1], "verdict": cell[2], "crossings": by[0], "persons": by[1]}
            for cell, by in sorted(days.items())
        ]
        _ADD_DAYS.run(self._connection, rows)
        if crossings:
            _PUT_ABOUT.run(self._connection, [{"name": _COUNT, "value": str(self.crossings() + crossings)}])

    def crossings(self) -> int:
        """Return how many crossings were erased so far."""
        return int(_COUNTED.value(self._connection) or 0)

    def places(self) -> list[tuple[int, int, int, int]]:
        """Return (board, epoch, sequence, position that says so) of every crossing that was erased."""
        columns = ERASED.c.board, ERASED.c.epoch, ERASED.c.seq, ERASED.c.position
        rows = self._connection.execute(select(*columns).where(ERASED.c.position != 0))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def days(self) -> list[tuple[str, int, int, int, int]]:
        """Return (point, local day, verdict, crossings, persons) of what was erased."""
        query = select(ERASED_DAYS).where((ERASED_DAYS.c.crossings != 0) | (ERASED_DAYS.c.persons != 0))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in self._connection.execute(query)]

    def set_flag(self, name: str, on: bool) -> None:
        """Write down whether something is still to be done."""
        _PUT_ABOUT.run(self._connection, [{"name": name, "value": str(int(on))}])

    def flag(self, name: str) -> bool:
        """Return True if something is still to be done."""
        return self._connection.execute(select(ABOUT.c.value).where(ABOUT.c.name == name)).scalar() == "1"

    def rename_frequent(self, permits: Iterable[str], erasure: int) -> None:
        """Let erased permits that carry the note `frequent` count on without their number."""
        for at, permit in enumerate(sorted(permits), start=1):
            order = update(FREQUENT).where(FREQUENT.c.permit == permit).values(permit=f"erased {erasure}/{at}")
            self._connection.execute(order)

    def put_mark(self, board: int, epoch: int, seq: int, head: bytes) -> None:
        """Keep the chain's head after an erased record that no seal covers yet."""
        _PUT_MARK.run(self._connection, [{"board": board, "epoch": epoch, "seq": seq, "head": head}])

    def mark_before(self, board: int, epoch: int, seq: int) -> tuple[int, bytes] | None:
        """Return (sequence, head) of the newest mark up to a sequence."""
        row = _NEWEST_MARK.first(self._connection, board=board, epoch=epoch, seq=seq)
        return (row[0], row[1]) if row else None

    def forget_marks(self, board: int, epoch: int, seq: int) -> None:
        """Forget the marks up to a record that is sealed now."""
        _FORGET_MARKS.run(self._connection, board=board, epoch=epoch, seq=seq)

    def open_order(self, opened_s: int, opened_by: str, subject: str, ground: str) -> OrderRow:
        """Write down that an erasure is asked for."""
        number = (self._connection.execute(select(func.max(ERASURE_ORDERS.c.number))).scalar() or 0) + 1
        row = OrderRow(number, opened_s, opened_by, subject, ground, "open", "", 0, 0)
        self._connection.execute(insert(ERASURE_ORDERS), [row.__dict__])
        return row

    def order(self, number: int) -> OrderRow | None:
        """Return an order."""
        row = self._connection.execute(select(ERASURE_ORDERS).where(ERASURE_ORDERS.c.number == number)).first()
        return OrderRow(*row) if row else None

    def orders(self, after: int, limit: int) -> list[OrderRow]:
        """Return at most `limit` orders after a number, oldest first."""
        query = select(ERASURE_ORDERS).where(ERASURE_ORDERS.c.number > after)
        rows = self._connection.execute(query.order_by(ERASURE_ORDERS.c.number).limit(limit))
        return [OrderRow(*row) for row in rows]

    def close_order(self, number: int, state: str, closed_by: str, closed_s: int, erasure: int) -> None:
        """Close an order: from here on it names nobody but those who decided it."""
        values = {"state": state, "closed_by": closed_by, "closed_s": closed_s, "erasure": erasure}
        order = update(ERASURE_ORDERS).where(ERASURE_ORDERS.c.number == number)
        self._connection.execute(order.values(subject="", ground="", **values))
