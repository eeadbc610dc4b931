"""Rows of crossings: read by key, by permit or by card; written as they are judged."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import fields
from itertools import takewhile
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from checkpost.calendar import DAY_S
from checkpost.permit import BORDER
from gateway.central.crossing import KEY_FIELDS, CrossingState
from gateway.central.store.add import Add, Row
from gateway.central.store.among import Among
from gateway.central.store.ask import Ask
from gateway.central.store.parts import MAX_VALUES, chunks
from gateway.central.store.tables import CROSSINGS, FEED, WAITS_FOR_NEWS

QUARTER_S = 900
COLUMNS = [field.name for field in fields(CrossingState)]

PLACE = (*KEY_FIELDS, "arrived_s")  # the instant leads to the month's table at once

# What may change after the record arrived.
CHANGING = [
    "crossing_point",
    "kind",
    "zone",
    "direction",
    "order_utc_s",
    "utc_s",
    "trust",
    "uncertainty",
    "permit",
    "outcome_seq",
    "outcome",
    "party",
    "verdict",
    "reasons",
    "causes",
    "notes",
    "waived",
    "rule_version",
    "position",
    "unchecked",
    "corrected",
]

# Built once: each tap asks these, and building a statement costs more than running it.
_OF_BOARD = Among(
    select(CROSSINGS).where(CROSSINGS.c.board == bindparam("board"), CROSSINGS.c.epoch == bindparam("epoch")),
    CROSSINGS.c.seq,
)
_BETWEEN = Ask(
    select(CROSSINGS).where(
        CROSSINGS.c.board == bindparam("board"),
        CROSSINGS.c.epoch == bindparam("epoch"),
        CROSSINGS.c.seq.between(bindparam("first_seq"), bindparam("last_seq")),
    )
)
_NEWEST_FIRST = (
    select(CROSSINGS)
    .where(CROSSINGS.c.board == bindparam("board"), CROSSINGS.c.epoch == bindparam("epoch"))
    .order_by(CROSSINGS.c.seq.desc())
)
_OF_PERMITS = Among(select(CROSSINGS), CROSSINGS.c.permit)
_OF_CARDS = Among(select(CROSSINGS), CROSSINGS.c.card_uid)
_NEWEST = select(CROSSINGS).order_by(*(CROSSINGS.c[name].desc() for name in ("order_utc_s", *KEY_FIELDS)))
_TOLD = CROSSINGS.c.permit != "", (CROSSINGS.c.kind == BORDER) | (CROSSINGS.c.corrected != 0)
_TO_TELL = Ask(
    select(CROSSINGS)
    .where(CROSSINGS.c.position > bindparam("after"), *_TOLD)
    .order_by(CROSSINGS.c.position)
    .limit(bindparam("limit"))
)
_NEWEST_TO_TELL = Ask(select(CROSSINGS.c.position).where(*_TOLD).order_by(CROSSINGS.c.position.desc()).limit(1))
_WITH_LINES = select(CROSSINGS, FEED.c.body).outerjoin(FEED, FEED.c.position == CROSSINGS.c.position)
_WAITING = (
    select(CROSSINGS.c.permit, CROSSINGS.c.order_utc_s)
    .where(WAITS_FOR_NEWS, CROSSINGS.c.order_utc_s > bindparam("after_s"), CROSSINGS.c.order_utc_s <= bindparam("to_s"))
    .order_by(CROSSINGS.c.order_utc_s)
)
_WAITING_EDGE = Ask(_WAITING.limit(1).offset(bindparam("skip")))
_WAITING_TO = Ask(_WAITING)
_ADD = Add(CROSSINGS, COLUMNS)
_ROW = attrgetter(*COLUMNS)
_GENUINE = COLUMNS.index("genuine")
_CHANGE = Ask(
    update(CROSSINGS)
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
    .where(*(CROSSINGS.c[name] == bindparam(f"of_{name}") for name in PLACE))
)


class CrossingRows:
    """One row a crossing, keyed by (board, epoch, sequence)."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def of_board(self, board: int, epoch: int, seqs: Iterable[int]) -> list[CrossingState]:
        """Return those of the given sequences of a board's epoch that are crossings."""
        return self._among(_OF_BOARD, seqs, board=board, epoch=epoch)

    def between(self, board: int, epoch: int, first_seq: int, last_seq: int) -> list[CrossingState]:
        """Return the crossings in a range of a board's sequences."""
        span = {"first_seq": first_seq, "last_seq": last_seq}
        return _states(_BETWEEN.run(self._connection, board=board, epoch=epoch, **span))

    def later(self, board: int, epoch: int, order_utc_s: int) -> list[CrossingState]:
        """Return the crossings whose order is later than an instant: the newest of the board."""
        place = {"board": board, "epoch": epoch}
        rows = self._connection.execute(_NEWEST_FIRST, place, execution_options={"yield_per": MAX_VALUES})
        # The order never falls along the sequence, so the reading ends at the first that is not later.
        with rows:
            return list(takewhile(lambda state: state.order_utc_s > order_utc_s, (CrossingState(*row) for row in rows)))

    def of_permits(self, permits: Iterable[str]) -> list[CrossingState]:
        """Return every crossing of these permits."""
        return self._among(_OF_PERMITS, permits)

    def of_cards(self, uids: Iterable[str]) -> list[CrossingState]:
        """Return every crossing of these cards, by UID."""
        return self._among(_OF_CARDS, uids)

    def to_tell(self, after: int, limit: int) -> list[CrossingState]:
        """Return at most `limit` crossings with a permit's card that changed after a position, in its order.

        Those at borders, and whatever was corrected: it may have been at a border before, and its gateway has it, too.
        """
        return _states(_TO_TELL.run(self._connection, after=after, limit=limit))

    def newest_to_tell(self) -> int:
        """Return the newest position of such a crossing, 0 for none."""
        return _NEWEST_TO_TELL.value(self._connection) or 0

    def waiting(self, after_s: int, until_s: int, limit: int) -> list[tuple[str, int]]:
        """Return (permit, order of time) of crossings between two instants whose verdict lacked news of a point.

        They come in the order of time, up to `limit` and whatever shares the last one's second.
        """
        edge = _WAITING_EDGE.first(self._connection, after_s=after_s, to_s=until_s, skip=limit - 1)
        rows = _WAITING_TO.run(self._connection, after_s=after_s, to_s=edge[1] if edge else until_s)
        return [(permit, order_s) for permit, order_s in rows]

    def newest_of_card(self, card_uid: str, limit: int) -> list[CrossingState]:
        """Return at most `limit` crossings of a card, newest first."""
        return _states(self._connection.execute(_NEWEST.where(CROSSINGS.c.card_uid == card_uid).limit(limit)))

    def newest_of_permit(self, permit: str, limit: int) -> list[CrossingState]:
        """Return at most `limit` crossings of a permit, newest first."""
        return _states(self._connection.execute(_NEWEST.where(CROSSINGS.c.permit == permit).limit(limit)))

    def last_days(self) -> list[tuple[str, str, int]]:
        """Return (card, permit, local day of its last crossing) of every card that was ever seen."""
        day = func.max((CROSSINGS.c.utc_s + CROSSINGS.c.offset_quarters * QUARTER_S) // DAY_S)
        keys = CROSSINGS.c.card_uid, CROSSINGS.c.permit
        rows = self._connection.execute(select(*keys, day).where(CROSSINGS.c.card_uid != "").group_by(*keys))
        return [(uid, permit, int(last)) for uid, permit, last in rows]

    def with_lines(self) -> Iterator[tuple[CrossingState, str]]:
        """Yield every crossing, and what the feed says of it at its position: nothing ('') if no line is there."""
        rows = self._connection.execute(_WITH_LINES, execution_options={"yield_per": MAX_VALUES})
        with rows:
            yield from ((CrossingState(*row[:-1]), row[-1] or "") for row in rows)

    def adding(self, states: list[CrossingState]) -> AbstractContextManager[None]:
        """Add crossings that were not held, while a block works that asks the store nothing: `Add.running`."""
        return _ADD.running(self._connection, [_row(state) for state in states])

    def change(self, states: list[CrossingState]) -> None:
        """Store what changed of crossings that are held."""
        if states:
            _CHANGE.each(self._connection, [_parameters(state) for state in states])

    def _among(self, query: Among, values: Iterable[Any], **more: int) -> list[CrossingState]:
        return [
            CrossingState(*row)
            for some in chunks(sorted(set(values)))
            for row in query.run(self._connection, some, **more)
        ]


def _states(rows: Any) -> list[CrossingState]:
    return [CrossingState(*row) for row in rows.fetchall()]


def _row(state: CrossingState) -> Row:
    row: Row = _ROW(state)
    # PostgreSQL takes no truth value for a number.
    return (*row[:_GENUINE], int(state.genuine), *row[_GENUINE + 1 :])


def _parameters(state: CrossingState) -> dict[str, Any]:
    values: dict[str, Any] = {f"new_{name}": getattr(state, name) for name in CHANGING}
    return values | {f"of_{name}": getattr(state, name) for name in PLACE}
