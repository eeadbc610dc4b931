"""What a raw record means to the centre. What is not understood is kept as it is, and counted, never guessed."""

from dataclasses import dataclass

from checkpost import record
from checkpost.reasons import VERDICTS


@dataclass(frozen=True)
class Outcome:
    """What a guard recorded for an earlier crossing of the same board and epoch; `head`: of its record."""

    head: record.Record
    seq: int
    crossing_seq: int
    outcome: int
    party: int


@dataclass(frozen=True)
class Passage:
    """A crossing record: its head and its body."""

    head: record.Record
    crossing: record.Crossing


@dataclass(frozen=True)
class Other:
    """A record that makes no crossing. `head`: None where it cannot be read; `odd`: why it was not understood."""

    head: record.Record | None
    odd: str = ""


def read(raw: bytes, seq: int) -> Passage | Outcome | Other:
    """Return what a 32-byte record says; `seq` is where it stands in its board's log."""
    if not record.valid(raw):
        return Other(None, "torn")
    head = record.unpack(raw)
    if head.seq != seq:
        return Other(None, "out of its place")
    if head.version != record.VERSION or head.kind not in record.KINDS:
        return Other(head, "of a newer kind")
    if head.kind == record.CROSSING:
        return _passage(head)
    if head.kind == record.OUTCOME:
        return _outcome(head)
    return Other(head)


def _passage(head: record.Record) -> Passage | Other:
    crossing = record.unpack_crossing(head.body)
    if head.trust >= len(record.TRUSTS) or crossing.verdict >= len(VERDICTS) or crossing.party < 1:
        return Other(head, "a crossing out of range")
    return Passage(head, crossing)


def _outcome(head: record.Record) -> Outcome | Other:
    crossing_seq, outcome, party = record.unpack_outcome(head.body)
    if not (0 < crossing_seq < head.seq and outcome < len(record.OUTCOMES) and 1 <= party <= record.MAX_PARTY):
        return Other(head, "an outcome out of range")
    return Outcome(head, head.seq, crossing_seq, outcome, party)
