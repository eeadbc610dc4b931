"""What a run of records says by itself: read before anybody is kept from the store by it."""

from collections.abc import Callable
from typing import NamedTuple

from checkpost.reading import Other, Outcome, Passage, read
from gateway.central.proof.leaf import Leaf, record_entry, salted
from gateway.contract import RecordRun


class Arrived(NamedTuple):
    """A run with its records as bytes, what each means, and the leaf of each; all in the run's order."""

    run: RecordRun
    raws: list[bytes]
    said: list[Passage | Outcome | Other]
    leaves: list[Leaf]

    def after(self, known: int) -> "Arrived":
        """Return it without the first records."""
        return Arrived(self.run, self.raws[known:], self.said[known:], self.leaves[known:]) if known else self


def arrived(run: RecordRun, random_bytes: Callable[[int], bytes]) -> Arrived:
    """Read a run as it came."""
    raws = [bytes.fromhex(text) for text in run.records]
    numbered = list(enumerate(raws, start=run.first_seq))
    entries = [record_entry(run.board, run.epoch, seq, raw) for seq, raw in numbered]
    return Arrived(run, raws, [read(raw, seq) for seq, raw in numbered], salted(entries, random_bytes))
