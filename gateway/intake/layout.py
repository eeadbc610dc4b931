"""A board's new records laid out by kind, in sequence: crossings, outcomes, holes, and what is to be judged."""

from checkpost import record
from checkpost.anchor import Times, Told, unpack_times
from checkpost.reading import Outcome, Passage, read
from gateway.intake.anchoring import Anchoring
from gateway.intake.holes import measure, note
from gateway.intake.readings import OUT_OF_ORDER, compare
from gateway.review.flags import about_card, about_record, raise_flag
from gateway.store.counters import Seen
from gateway.store.records import UNJUDGED, Chain, Columns, OutcomeRow
from gateway.store.store import Store

DAMAGED = "damaged-record"
NO_CROSSING = "outcome-without-crossing"
NOT_UNDERSTOOD = "record-not-understood"

_UNSAID = (record.NO_OUTCOME, None, None)  # outcome, party, its record's sequence: of a crossing without an outcome


class Layout:
    """Lays out new records of one epoch, in the transaction of the caller.

    Crossings wait for their verdicts, so that each is written once; what asks the store for them first has them written
    before. `cards`, and keys `without_card`: whose crossings are to be judged.
    """

    def __init__(self, store: Store, held: Chain, now_s: int):
        """`held`: where the epoch stands before; `now_s`: Unix UTC."""
        self._store = store
        self._board, self._epoch = held.board, held.epoch
        self._now_s = now_s
        self.order_s = held.order_s
        self._times = unpack_times(held.times) if held.times else Times(held.seq + 1)
        self._point = store.knowledge.code_of(held.board)
        self._place = store.knowledge.place_of(self._point)
        self.cards: dict[str, None] = {}
        self.without_card: dict[tuple[int, int, int], None] = {}
        self._crossings: dict[int, Columns] = {}  # by sequence, up to `source`
        self._said: dict[int, tuple[int, int, int]] = {}  # the last outcome of each, as in _UNSAID
        self._outcomes: list[OutcomeRow] = []
        self._late: list[OutcomeRow] = []  # those whose crossings are written already
        self._out_of_order: list[tuple[str, str]] = []  # card, what was found

    def read(self, first_seq: int, raws: list[bytes]) -> None:
        """Lay out records by their kind; what is not understood is only kept, and flagged where it cannot be read."""
        for seq, raw in enumerate(raws, first_seq):
            said = read(raw, seq)
            if said.head is None:
                self._flag(DAMAGED, seq)
            told = self._times.feed(seq, said.head)
            if told.corrects():
                self._correct(seq, told)
            if isinstance(said, Passage):
                self._add_crossing(said, told)
            elif isinstance(said, Outcome):
                self._add_outcome(said)
            elif said.hides:
                note(self._store, self._board, self._epoch, seq, self._point)
                if said.head is not None:
                    self._flag(NOT_UNDERSTOOD, seq, said.odd)

    def times(self) -> bytes:
        """Return what the next run's records are read with, packed."""
        return self._times.pack()

    def settle(self) -> list[Columns]:
        """Write what was laid out; return the crossings that wait on, to be written with their verdicts."""
        waiting: list[Columns] = []
        if self._store.elsewhere.corrects(self._board, self._epoch) or self._store.holes.of(self._board):
            self._write()
        else:
            waiting = self._rows()
            self._write_outcomes()
        measure(self._store, self._board)
        return waiting

    def ask(self) -> None:
        """Raise the questions about cards, when all that was laid out is written: they show it."""
        for card_uid, detail in self._out_of_order:
            raise_flag(self._store, about_card(OUT_OF_ORDER, card_uid), self._now_s, detail)

    def _correct(self, seq: int, told: Told) -> None:
        """Lay over earlier crossings what a record says of time."""
        self._write()
        anchoring = Anchoring(self._store.records, self._board, self._epoch)
        self.order_s, touched = anchoring.apply(seq, told, self.order_s)
        for earlier_seq, card_uid in touched:
            self._touch(earlier_seq, card_uid)

    def _add_crossing(self, said: Passage, told: Told) -> None:
        head, crossing = said.head, said.crossing
        seq = head.seq
        card_uid = crossing.uid.hex().upper()
        order_s = said.order_s(self.order_s, told.utc_s)
        if said.in_sequence:
            self.order_s = order_s
        self._crossings[seq] = (
            self._board,
            self._epoch,
            seq,
            self._point,
            card_uid,
            order_s,
            order_s if told.utc_s is None else told.utc_s,
            head.offset,
            told.trust,
            told.uncertainty,
            crossing.direction,
            crossing.party,
            crossing.assurance,
            crossing.verdict,
            crossing.reasons,
            crossing.causes,
            said.source,
        )
        self._touch(seq, card_uid)
        if crossing.assurance == record.SUN and told.utc_s is not None:
            found = compare(self._store, card_uid, Seen(crossing.counter, told.utc_s))
            if found:
                self._out_of_order.append((card_uid, found))

    def _add_outcome(self, said: Outcome) -> None:
        crossing_seq = said.crossing_seq
        row = (said.seq, crossing_seq, said.outcome, said.party)
        self._outcomes.append(row)
        if crossing_seq in self._crossings:  # touched already
            self._said[crossing_seq] = (said.outcome, said.party, said.seq)
            return
        card_uid = self._store.records.card_of(self._board, self._epoch, crossing_seq)
        if card_uid is None:
            self._flag(NO_CROSSING, said.seq, f"names {crossing_seq}")
            return
        self._late.append(row)
        self._touch(crossing_seq, card_uid)

    def _touch(self, seq: int, card_uid: str) -> None:
        """Note a crossing whose verdict has to be looked at."""
        if card_uid:
            self.cards[card_uid] = None
        else:
            self.without_card[self._board, self._epoch, seq] = None

    def _rows(self) -> list[Columns]:
        """Take out the crossings that wait, as columns of their rows."""
        said = self._said
        tail = (*UNJUDGED, *self._place)
        rows = [(*shown, *said.get(seq, _UNSAID), *tail) for seq, shown in self._crossings.items()]
        self._crossings, self._said = {}, {}
        return rows

    def _write(self) -> None:
        """Write the crossings and outcomes that were read: many rows a statement."""
        self._store.records.add_crossings(self._rows())
        self._write_outcomes()
        self._store.elsewhere.put_right_again(self._board, self._epoch)

    def _write_outcomes(self) -> None:
        self._store.records.add_outcomes(self._board, self._epoch, self._outcomes)
        self._store.records.lay_outcomes(self._board, self._epoch, self._late)
        self._outcomes, self._late = [], []

    def _flag(self, kind: str, seq: int, detail: str = "") -> None:
        raise_flag(self._store, about_record(kind, self._board, self._epoch, seq), self._now_s, detail)
