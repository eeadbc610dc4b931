"""The gateway's memory for batches that overtook others: hands them on in order, and says what it keeps."""

from checkpost.downward import Acked
from checkpost.limits import HELD_BATCHES, HELD_RANGES, WINDOW_RECORDS
from checkpost.record import SIZE
from checkpost.upward import Batch


class Reorder:
    """Of one board and session. Nothing is handed on before the first ack said where to begin."""

    def __init__(self, counters: dict[str, int]):
        """`counters`: "early" and "known" count batches that came before the first ack, or again."""
        self._counters = counters
        self.reset()

    def reset(self) -> None:
        """A new session: what the gateway holds is to be said anew."""
        self._next: int | None = None
        self._held: dict[int, Batch] = {}

    @property
    def expected(self) -> int | None:
        """The sequence that is next in order; None before the first ack."""
        return self._next

    def take(self, batch: Batch) -> list[Batch]:
        """Return the batches that are next in order, `batch` among them or not; keep it if it is ahead."""
        if self._next is None:
            self._counters["early"] += 1
            return []
        if batch.first_seq + len(batch.records) // SIZE <= self._next:
            self._counters["known"] += 1
        elif batch.first_seq < self._next + WINDOW_RECORDS and len(self._held) < HELD_BATCHES:
            kept = self._held.get(batch.first_seq)
            if kept is None or len(kept.records) < len(batch.records):
                self._held[batch.first_seq] = batch
        else:
            self._counters["ahead"] += 1
        return self._ready(self._next)

    def acked(self, acked: Acked) -> None:
        """Go on after what is durable, backwards too: what was handed on and not kept comes again. Fills in `held`."""
        self._next = acked.gateway_seq + 1
        for first in list(self._held):
            if first + len(self._held[first].records) // SIZE <= self._next:
                del self._held[first]
        acked.held = self._ranges()

    def _ready(self, position: int) -> list[Batch]:
        """Return what continues at `position` without a gap, cut so that nothing comes twice."""
        found: list[Batch] = []
        for first in sorted(self._held):
            if first > position:
                break
            batch = self._held.pop(first)
            known = (position - first) * SIZE
            if known < len(batch.records):
                found.append(Batch(batch.epoch, position, batch.records[known:], batch.head4, batch.rebuilt))
                position = first + len(batch.records) // SIZE
        self._next = position
        return found

    def _ranges(self) -> list[tuple[int, int]]:
        """Return the (first, last) ranges kept, joined and ascending, as many as an ack takes."""
        ranges: list[tuple[int, int]] = []
        for first in sorted(self._held):
            last = first + len(self._held[first].records) // SIZE - 1
            if ranges and first <= ranges[-1][1] + 1:
                ranges[-1] = (ranges[-1][0], max(last, ranges[-1][1]))
            else:
                ranges.append((first, last))
        return ranges[:HELD_RANGES]
