"""One crossing as the centre holds it: the record's words, the outcome, the verdict; and how it is shown."""

from dataclasses import dataclass, fields
from operator import attrgetter

from pydantic_core import from_json, to_json

from checkpost import reasons as why
from checkpost.anchor import CLOCKS, Told
from checkpost.dates import format_local
from checkpost.permit import POINT_KINDS
from checkpost.reasons import CARD_NOT_GENUINE, VERDICTS
from checkpost.record import ASSURANCES, DIRECTIONS, NO_OUTCOME, OUTCOMES, Crossing, Record
from checkpost.source import SOURCES, source_of

NOT_JUDGED = -1
KEY_FIELDS = ("board", "epoch", "seq")
CORRECTABLE = ("crossing_point", "direction", "outcome", "party")  # bit 0 first


@dataclass(slots=True)
class CrossingState:
    """One row; the fields are the columns of the table, in its order. `position` 0: not yet in the feed."""

    board: int
    epoch: int
    seq: int
    order_utc_s: int
    utc_s: int
    offset_quarters: int
    trust: int  # of `checkpost.anchor.CLOCKS`
    uncertainty: int
    crossing_point: str
    kind: int
    zone: str
    card_uid: str
    permit: str
    direction: int
    assurance: int
    genuine: bool
    recorded_party: int
    board_verdict: int
    outcome_seq: int = 0
    outcome: int = NO_OUTCOME
    party: int = 0
    verdict: int = NOT_JUDGED
    reasons: int = 0
    causes: int = 0
    notes: int = 0
    waived: int = 0
    rule_version: int = 0
    position: int = 0
    source: int = 0
    unchecked: int = 0
    arrived_s: int = 0
    corrected: int = 0  # bits of CORRECTABLE: what a person put right; no record counts against that

    @property
    def key(self) -> tuple[int, int, int, int]:
        """What orders crossings: (order of time, board, epoch, sequence)."""
        return self.order_utc_s, self.board, self.epoch, self.seq

    def reason_names(self) -> list[str]:
        """Return the reasons, or the causes of an `unverifiable`, primary first."""
        return why.names(self.reasons, why.REASONS) + why.names(self.causes, why.CAUSES)

    def note_names(self) -> list[str]:
        """Return the notes, then the reasons that the policy lists as notes."""
        return why.names(self.notes, why.NOTES) + why.names(self.waived, why.REASONS)

    def take_outcome(self, seq: int, outcome: int, party: int) -> bool:
        """Take an outcome record; the one with the highest sequence counts. Return True if something changed."""
        if seq <= self.outcome_seq:
            return False
        self.outcome_seq = seq
        if "outcome" not in self.corrected_names():
            self.outcome = outcome
        if "party" not in self.corrected_names():
            self.party = party
        return True

    def corrected_names(self) -> list[str]:
        """Return the fields that a person put right."""
        return why.names(self.corrected, CORRECTABLE)

    def copied(self) -> "CrossingState":
        """Return this state as it is now."""
        return CrossingState(*_FIELDS(self))

    def same_time(self, other: "CrossingState") -> bool:
        """Return True if nothing about its time differs, be it seen or not."""
        here = self.order_utc_s, self.utc_s, self.trust, self.uncertainty
        return here == (other.order_utc_s, other.utc_s, other.trust, other.uncertainty)

    def looks_like(self, other: "CrossingState") -> bool:
        """Return True if the office would see no difference."""
        return self.shown() == other.shown()

    def shown(self) -> dict[str, object]:
        """Return the crossing as in `gateway.contract.Crossing`, without its position."""
        corrected = {"corrected": self.corrected_names()} if self.corrected else {}
        return {
            "board": self.board,
            "epoch": self.epoch,
            "seq": self.seq,
            "crossing_point": self.crossing_point,
            "direction": DIRECTIONS[self.direction],
            "local_time": format_local(self.utc_s, self.offset_quarters),
            "utc": format_local(self.utc_s, 0)[:19] + "Z",
            "clock": CLOCKS[self.trust],
            "card_uid": self.card_uid,
            "permit": self.permit,
            "party": self.party,
            "assurance": ASSURANCES[self.assurance],
            "board_verdict": VERDICTS[self.board_verdict],
            "verdict": VERDICTS[self.verdict],
            "reasons": self.reason_names(),
            "notes": self.note_names(),
            "outcome": OUTCOMES[self.outcome],
            "source": SOURCES[self.source],
            "unchecked": why.names(self.unchecked, why.CAUSES),
            "rule_version": self.rule_version,
        } | corrected

    def is_told(self, line: str) -> bool:
        """Return True if a line of the feed says of this crossing what stands here; later versions may show more."""
        shown = from_json(self.body())
        told = from_json(line) if line else {}
        return bool(told) and all(name in shown and shown[name] == value for name, value in told.items())

    def body(self) -> str:
        """Return `shown` as JSON."""
        return to_json(self.shown()).decode()


_FIELDS = attrgetter(*(field.name for field in fields(CrossingState)))


def state_of(
    place: tuple[int, int, str, str, str],
    record: Record,
    crossing: Crossing,
    told: Told,
    order_utc_s: int,
    arrived_s: int,
) -> CrossingState:
    """Return the state of a new crossing, not yet judged; `place`: board, epoch, point code, its kind, its zone.

    Where nobody can tell the time, the crossing stands where its sequence puts it.
    """
    board, epoch, point, kind, zone = place
    return CrossingState(
        board=board,
        epoch=epoch,
        seq=record.seq,
        order_utc_s=order_utc_s,
        utc_s=order_utc_s if told.utc_s is None else told.utc_s,
        offset_quarters=record.offset,
        trust=told.trust,
        uncertainty=told.uncertainty,
        crossing_point=point,
        kind=POINT_KINDS.index(kind),
        zone=zone,
        card_uid=crossing.uid.hex().upper(),
        permit="",
        direction=crossing.direction,
        assurance=crossing.assurance,
        genuine=not crossing.reasons & CARD_NOT_GENUINE,  # the proof happens at the reader and nowhere else
        recorded_party=crossing.party,
        board_verdict=crossing.verdict,
        party=crossing.party,
        source=source_of(record.body),
        arrived_s=arrived_s,
    )
