"""Lays what a record says of time over the crossings that came before it; SPEC.md, "Time of a record"."""

from checkpost.anchor import ANCHORED, Anchor, Told, place_between
from checkpost.record import HOLDOVER, UNSET, unpack
from gateway.central.desk import Desk
from gateway.central.store import Transaction


class Anchoring:
    """Works on one board's epoch, on the crossings that a desk holds or finds."""

    def __init__(self, transaction: Transaction, desk: Desk, board: int, epoch: int):
        self._transaction = transaction
        self._desk = desk
        self._place = board, epoch

    def apply(self, seq: int, told: Told, order_utc_s: int) -> int:
        """Correct what came before record `seq`; return the board's order of time after it.

        The work is bounded by the crossings whose time changes and those that stand between them.
        """
        if told.anchor is not None:
            order_utc_s = self._anchor(seq, told.anchor, order_utc_s)
        if told.doubt is not None:
            self._doubt(*told.doubt, seq)
        if told.not_after is not None and told.not_after < order_utc_s:
            self._lower(told.not_after)
            order_utc_s = told.not_after
        return order_utc_s

    def _anchor(self, seq: int, anchor: Anchor, order_utc_s: int) -> int:
        """Give the crossings that waited for this anchor their time, and places between the others."""
        states = self._desk.between(*self._place, anchor.first_seq, seq - 1)
        if not any(state.trust == UNSET for state in states):
            return order_utc_s
        raws = self._transaction.log.records(*self._place, anchor.first_seq, seq - 1)
        for_seq = dict(enumerate(raws, start=anchor.first_seq))
        times: list[int | None] = [None] * len(states)
        for at, state in enumerate(states):
            if state.trust == UNSET:
                times[at], uncertainty = anchor.time_of(unpack(for_seq[state.seq]).seconds)
                state.uncertainty = uncertainty
        orders = place_between(times, [state.order_utc_s for state in states], anchor.utc_s)
        for state, utc_s, placed_s in zip(states, times, orders, strict=True):
            if utc_s is not None:
                state.utc_s, state.order_utc_s, state.trust = utc_s, placed_s, ANCHORED
                self._desk.time_changed(state)
        return max(order_utc_s, *orders)

    def _doubt(self, first_seq: int, uncertainty: int, seq: int) -> None:
        """Note how far a clock that no gateway had confirmed was off, at the crossings that it stamped."""
        for state in self._desk.between(*self._place, first_seq, seq - 1):
            if state.trust == HOLDOVER and state.uncertainty < uncertainty:
                state.uncertainty = uncertainty
                self._desk.time_changed(state)

    def _lower(self, not_after: int) -> None:
        """Let no crossing so far count as later than what was confirmed after it."""
        for state in self._desk.later(*self._place, not_after):
            state.order_utc_s = not_after
            if state.trust == UNSET:
                state.utc_s = not_after
            self._desk.time_changed(state)
