"""Holes in a board's log: where in the order of time they lie, and what is judged again when that is known better."""

from checkpost.reading import STAMPED_WITHIN, stamped_s
from gateway.contract import CONSOLE_LANE, Hole
from gateway.store.holes import HoleRow, Span
from gateway.store.store import Store


def note(store: Store, board: int, epoch: int, seq: int, crossing_point: str) -> None:
    """Note a record of travellers' passages that nobody can read; what hands wrote could be of any time."""
    lanes = {one.board: one.lane for one in store.knowledge.boards()}
    if lanes.get(board) != CONSOLE_LANE:
        store.holes.add(board, epoch, seq, crossing_point)


def measure(store: Store, board: int) -> None:
    """Find the spans of a board's holes anew, in the transaction of whoever wrote its records or their times.

    Where one changed, every card that crossed anywhere from its beginning on is to be judged again.
    """
    earliest: list[int] = []
    for span in store.holes.spans(board):
        after_s, before_s = _span(store, board, span)
        if (after_s, before_s) != (span.was_after_s, span.was_before_s):
            store.holes.set_span(board, span.epoch, span.seq, after_s, before_s)
            earliest.append(after_s if span.was_after_s is None else min(after_s, span.was_after_s))
    if earliest:
        store.holes.judge_from(min(earliest))


def _span(store: Store, board: int, span: Span) -> tuple[int, int | None]:
    after_s, before_s = span.after_s, span.before_s
    if after_s is None:
        after_s = stamped_s(store.records.between(board, span.epoch, span.seq - STAMPED_WITHIN, span.seq - 1)[::-1])
    if before_s is None:
        before_s = stamped_s(store.records.between(board, span.epoch, span.seq + 1, span.seq + STAMPED_WITHIN)) or None
    return after_s, before_s


def take_told(store: Store, told: list[Hole]) -> None:
    """Take what the centre tells of holes anywhere, in the transaction of the caller."""
    now = {HoleRow(*one.model_dump().values()) for one in told}
    changed = now ^ set(store.holes.told())
    if changed:
        store.holes.set_told(sorted(now, key=lambda row: row[:3]))
        store.holes.judge_from(min(row.after_s for row in changed))
