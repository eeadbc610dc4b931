"""Lays what a record says of time over the crossings that came before it; SPEC.md, "Time of a record"."""

from checkpost import record
from checkpost.anchor import ANCHORED, Anchor, Told, place_between
from gateway.store.records import Moment, Records

Touched = list[tuple[int, str]]  # (sequence, card UID) of crossings whose time is another now


class Anchoring:
    """Works on one board's epoch, within the transaction of its caller."""

    def __init__(self, records: Records, board: int, epoch: int):
        self._records = records
        self._place = board, epoch

    def apply(self, seq: int, told: Told, order_s: int) -> tuple[int, Touched]:
        """Correct what came before record `seq`; return the board's order of time after it, and what was touched.

        The work is bounded by the crossings whose time changes and those that stand between them.
        """
        touched: Touched = []
        if told.anchor is not None:
            order_s, touched = self._anchor(seq, told.anchor, order_s)
        if told.doubt is not None:
            touched += self._doubt(*told.doubt, seq)
        if told.not_after is not None and told.not_after < order_s:
            touched += self._lower(told.not_after)
            order_s = told.not_after
        return order_s, touched

    def _anchor(self, seq: int, anchor: Anchor, order_s: int) -> tuple[int, Touched]:
        """Give the crossings that waited for this anchor their time, and places between the others."""
        held = self._records.moments(*self._place, anchor.first_seq, seq - 1)
        times = [self._time_of(moment, anchor) for moment in held]
        found = [utc_s for utc_s, _ in times]
        orders = place_between(found, [moment.order_s for moment in held], anchor.utc_s) if held else []
        changed = []
        for moment, (utc_s, uncertainty), placed_s in zip(held, times, orders, strict=True):
            if utc_s is not None:
                at_last = moment._replace(order_s=placed_s, utc_s=utc_s)
                changed.append(at_last._replace(trust=ANCHORED, uncertainty=uncertainty))
        self._records.set_moments(*self._place, changed)
        return max([order_s, *orders]), [(moment.seq, moment.card_uid) for moment in changed]

    def _time_of(self, moment: Moment, anchor: Anchor) -> tuple[int | None, int]:
        if moment.trust != record.UNSET:
            return None, 0
        return anchor.time_of(record.unpack(moment.raw).seconds)

    def _doubt(self, first_seq: int, uncertainty: int, seq: int) -> Touched:
        """Note how far a clock that no gateway had confirmed was off, at the crossings that it stamped."""
        held = self._records.moments(*self._place, first_seq, seq - 1)
        changed = [
            moment._replace(uncertainty=uncertainty)
            for moment in held
            if moment.trust == record.HOLDOVER and moment.uncertainty < uncertainty
        ]
        self._records.set_moments(*self._place, changed)
        return [(moment.seq, moment.card_uid) for moment in changed]

    def _lower(self, not_after: int) -> Touched:
        """Let no crossing so far count as later than what was confirmed after it."""
        changed = []
        for moment in self._records.moments_after(*self._place, not_after):
            unset = moment.trust == record.UNSET
            changed.append(moment._replace(order_s=not_after, utc_s=not_after if unset else moment.utc_s))
        self._records.set_moments(*self._place, changed)
        return [(moment.seq, moment.card_uid) for moment in changed]
