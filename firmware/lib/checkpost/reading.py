"""What a raw record means to a gateway and to the centre. What is not understood is kept as it is, never guessed.

No board imports this: it knows what it wrote.
"""

from checkpost import record
from checkpost.reasons import VERDICTS
from checkpost.record_names import KINDS, TRUSTS
from checkpost.source import SOURCES, TAP, source_of

NEWER_KIND = "of a newer kind"


class Outcome:
    """What a guard recorded for an earlier crossing of the same board and epoch; `head`: of its record."""

    def __init__(self, head: record.Record):
        self.head = head
        self.seq = head.seq
        self.crossing_seq, self.outcome, self.party = record.unpack_outcome(head.body)


class Passage:
    """A crossing record: its head and its body. `in_sequence`: its place in the log says when it was, as at a board."""

    def __init__(self, head: record.Record):
        self.head = head
        self.crossing = record.unpack_crossing(head.body)
        self.source = source_of(head.body)
        self.in_sequence = self.source == TAP

    def order_s(self, before_s: int, utc_s: int | None) -> int:
        """Return its order time behind `before_s`, when it was at `utc_s` (None: nobody can tell)."""
        if self.in_sequence or utc_s is None:
            return max(before_s, utc_s or 0)
        return utc_s


class Other:
    """A record that makes no crossing. `head`: None where it cannot be read; `odd`: why it was not understood.

    `hides`: it may have been a crossing or an outcome, so histories that it could belong to are incomplete.
    """

    def __init__(self, head: record.Record | None, odd: str = ""):
        self.head = head
        self.odd = odd
        self.hides = bool(odd) and odd != NEWER_KIND


def read(raw: bytes, seq: int) -> Passage | Outcome | Other:
    """Return what a 32-byte record says; `seq` is where it stands in its board's log."""
    try:
        head = record.unpack(raw)
    except ValueError:
        return Other(None, "torn")
    if head.seq != seq:
        return Other(None, "out of its place")
    if head.version != record.VERSION or head.kind not in KINDS:
        return Other(head, NEWER_KIND)
    if head.kind == record.CROSSING:
        return _passage(head)
    if head.kind == record.OUTCOME:
        return _outcome(head)
    return Other(head)


STAMPED_WITHIN = 16  # records beside one that nobody can read: at a start of the board one has the time


def stamped_s(raws: list[bytes]) -> int:
    """Return the time (Unix UTC s) of the first record that a clock stamped which a gateway had set, else 0."""
    for raw in raws:
        try:
            head = record.unpack(raw)
        except ValueError:
            continue
        if head.version == record.VERSION and head.trust == record.SYNCED:
            return head.seconds
    return 0


def _passage(head: record.Record) -> Passage | Other:
    passage = Passage(head)
    crossing = passage.crossing
    if head.trust >= len(TRUSTS) or crossing.verdict >= len(VERDICTS) or crossing.party < 1:
        return Other(head, "a crossing out of range")
    if passage.source >= len(SOURCES):
        return Other(head, "a crossing of a newer source")
    return passage


def _outcome(head: record.Record) -> Outcome | Other:
    said = Outcome(head)
    if not (0 < said.crossing_seq < head.seq and said.outcome < len(record.OUTCOMES)):
        return Other(head, "an outcome out of range")
    if not 1 <= said.party <= record.MAX_PARTY:
        return Other(head, "an outcome out of range")
    return said
