"""Holes in boards' logs: where in the order of time they lie, and which permits are judged again because of them."""

from collections.abc import Iterable, Mapping

from checkpost.hole import Hole
from checkpost.reading import STAMPED_WITHIN, stamped_s
from checkpost.source import TAP
from gateway.central.crossing import CrossingState
from gateway.central.store import Transaction
from gateway.central.store.holes import HoleRow
from gateway.contract import CONSOLE_LANE

NO_HOLES: tuple[Hole, ...] = ()
Key = tuple[int, int, int]  # board, epoch, sequence


def found(transaction: Transaction, place: tuple[int, int, str, str, str], seq: int) -> None:
    """Note a record of travellers' passages that nobody can read; what hands wrote could be of any time.

    `place`: board, epoch, code of its point, and more.
    """
    board, epoch, code = place[:3]
    if transaction.knowledge.get("board", [str(board)])[str(board)]["lane"] != CONSOLE_LANE:
        transaction.holes.add(HoleRow(board, epoch, seq, code, None, None))


def measured(
    transaction: Transaction, held: Mapping[Key, CrossingState], moved: set[int]
) -> tuple[tuple[Hole, ...], set[str]]:
    """Return the holes at border points, and the permits that are to be judged again because a span changed.

    `held`: crossings as this transaction has them, stored or not; `moved`: boards of which any record is new, or any
    crossing at another time.
    """
    rows = transaction.holes.all()
    if not rows:
        return NO_HOLES, set()
    earliest: list[int] = []
    holes: list[Hole] = []
    points = transaction.knowledge.get("crossing_point", {row.crossing_point for row in rows})
    for row in rows:
        after_s, before_s = row.after_s, row.before_s
        if row.board in moved:
            after_s, before_s = _span(transaction, row, held.values())
            if (after_s, before_s) != (row.after_s, row.before_s):
                transaction.holes.set_span(row, after_s, before_s)
                earliest.append(after_s if row.after_s is None else min(after_s, row.after_s))
        if points[row.crossing_point]["kind"] == "border":
            holes.append(Hole(row.board, row.epoch, row.seq, row.crossing_point, after_s or 0, before_s))
    permits = transaction.holes.permits_from(min(earliest)) if earliest else set()
    return tuple(holes), permits


def _span(transaction: Transaction, row: HoleRow, held: Iterable[CrossingState]) -> tuple[int, int | None]:
    # By epoch and sequence; of a tap that is held, the time is the one it has now.
    stored = [tap for tap in transaction.holes.around(row) if tap]
    ours = [state for state in held if state.board == row.board and state.source == TAP]
    known = dict(stored + [((state.epoch, state.seq), state.order_utc_s) for state in ours])
    place = row.epoch, row.seq
    after_s = known.get(max((at for at in known if at < place and at[0] == row.epoch), default=place))
    before_s = known.get(min((at for at in known if at > place), default=place))
    if after_s is None:
        after_s = stamped_s(_records(transaction, row, max(1, row.seq - STAMPED_WITHIN), row.seq - 1)[::-1])
    if before_s is None:
        before_s = stamped_s(_records(transaction, row, row.seq + 1, row.seq + STAMPED_WITHIN)) or None
    return after_s, before_s


def _records(transaction: Transaction, row: HoleRow, first_seq: int, last_seq: int) -> list[bytes]:
    return [raw for raw in transaction.log.records(row.board, row.epoch, first_seq, last_seq) if raw]
