"""A run of records becomes crossings, outcomes, verdicts, flags, the centre's backlog: one transaction, or nothing."""

from dataclasses import dataclass, field
from typing import NamedTuple

from checkpost import chain, record
from checkpost.anchor import Times, Told, unpack_times
from checkpost.reading import Outcome, Passage, read
from gateway.intake.anchoring import Anchoring
from gateway.intake.holes import measure, note
from gateway.intake.judging import Judging, Ruling
from gateway.intake.readings import compare
from gateway.review.flags import about_record, raise_flag
from gateway.store.counters import Seen
from gateway.store.gaps import GapRow
from gateway.store.records import Chain, OutcomeRow
from gateway.store.seals import SealRow
from gateway.store.store import Store

CHAIN_MISMATCH = "chain-mismatch"
REBUILT_OTHERWISE = "compact-mismatch"
DAMAGED = "damaged-record"
LOST = "records-missing"
UNREADABLE = "records-unreadable"
NO_CROSSING = "outcome-without-crossing"
NOT_UNDERSTOOD = "record-not-understood"
RESTORED = "board-restored"
OTHER_EPOCH = "epoch-changed"
EPOCH_BACK = "epoch-went-back"


NO_OUTCOME_YET = (record.NO_OUTCOME, None, None)  # outcome, party, its record's sequence: the last values of a crossing


class Run(NamedTuple):
    """Consecutive records of a board's epoch, 32 bytes each end to end; `head4`: of the chain head after the last.

    `rebuilt`: from a compact batch, so that a chain that does not match is no board's fault; `seals`: (sequence, key
    generation, seal) over records of the run."""

    board: int
    epoch: int
    first_seq: int
    records: bytes
    head4: bytes
    rebuilt: bool = False
    seals: tuple[tuple[int, int, bytes], ...] = ()


class Taken(NamedTuple):
    """What is durable of a board's epoch after a run. `rulings`: new verdicts on that board's crossings, by all runs
    that were taken together; `refused`: why nothing of the run was taken."""

    board: int
    epoch: int
    seq: int
    centre_seq: int
    new: int = 0
    rulings: tuple[Ruling, ...] = ()
    refused: str = ""


@dataclass
class _Reading:
    """One run being read: where its board stands, the board's order of time so far, and what is to be judged."""

    board: int
    epoch: int
    crossing_point: str
    order_s: int
    place: tuple[str | None, str | None]  # the point's kind and zone
    times: Times
    now_s: int
    cards: dict[str, None] = field(default_factory=dict)
    without_card: dict[tuple[int, int, int], None] = field(default_factory=dict)
    crossings: dict[int, tuple[int | str | None, ...]] = field(default_factory=dict)  # by sequence, not yet written
    outcomes: list[OutcomeRow] = field(default_factory=list)
    late_outcomes: list[OutcomeRow] = field(default_factory=list)  # those whose crossings are written already

    def touch(self, seq: int, card_uid: str) -> None:
        """Note a crossing whose verdict has to be looked at."""
        if card_uid:
            self.cards[card_uid] = None
        else:
            self.without_card[self.board, self.epoch, seq] = None


class Intake:
    """Takes runs of records into the store."""

    def __init__(self, store: Store):
        self._store = store

    def take(self, runs: list[Run], now_s: int) -> list[Taken]:
        """Take runs in one transaction and return, run by run, what is held then; `now_s`: Unix UTC.

        A run that is refused leaves no trace but a flag; the others are taken all the same.
        """
        with self._store.transaction():
            return self.take_within(runs, now_s)

    def take_within(self, runs: list[Run], now_s: int) -> list[Taken]:
        """Do as `take`, in the transaction of the caller."""
        readings: list[_Reading] = []
        taken = [self._take(run, now_s, readings) for run in runs]
        rulings = self._judge(readings, now_s) if readings else []
        found = {
            board: tuple(one for one in rulings if one.row.board == board) for board in {run.board for run in runs}
        }
        return [one._replace(rulings=found[one.board]) if one.new else one for one in taken]

    def held(self, board: int, epoch: int) -> Taken:
        """Return what is held of a board's epoch."""
        return _held(self._store.records.chain(board, epoch) or _empty(board, epoch))

    def adopt_base(self, board: int, epoch: int, first_seq: int, head: bytes, now_s: int) -> Taken:
        """Begin a board's epoch at `first_seq`, since nobody can send its earlier records; flag what is missing."""
        with self._store.transaction():
            held = self._store.records.chain(board, epoch) or _empty(board, epoch)
            if first_seq <= held.seq + 1:
                return _held(held)
            missing = f"{held.seq + 1} to {first_seq - 1}"
            self._flag(LOST, board, epoch, first_seq, now_s, missing)
            held = held._replace(seq=first_seq - 1, head=head, base_seq=first_seq - 1, base_head=head, times=None)
            self._store.records.set_chain(held)
            return _held(held)

    def take_gap(self, gap: GapRow, now_s: int) -> Taken:
        """Go on from the board's own chain behind records that it cannot read; keep what it said, and flag it.

        What is held stays as it is: the flag names the records, and until the board's next seal nothing proves the
        chain there. A word that is not about the last record held, or says nothing new, changes nothing.
        """
        with self._store.transaction():
            held = self._store.records.chain(gap.board, gap.epoch) or _empty(gap.board, gap.epoch)
            if gap.seq == held.seq and gap.head != held.head:
                self._store.gaps.add(gap)
                detail = f"{gap.first_seq} to {gap.last_seq}, chain from {gap.seq}"
                self._flag(UNREADABLE, gap.board, gap.epoch, gap.first_seq, now_s, detail)
                self._store.records.set_chain(held._replace(head=gap.head))
            return _held(held)

    def notice(self, board: int, epoch: int, next_seq: int, now_s: int) -> list[str]:
        """Compare what a board says of its journal with what is held; flag and return what does not fit."""
        found: list[tuple[str, str]] = []
        held = self._store.records.chain(board, epoch)
        if held and next_seq <= held.seq:
            found.append((RESTORED, f"next is {next_seq}, held is {held.seq}"))
        newest = max((chain.epoch for chain in self._store.records.chains() if chain.board == board), default=epoch)
        if epoch != newest:
            found.append((EPOCH_BACK if epoch < newest else OTHER_EPOCH, f"epoch {epoch}, held is {newest}"))
        if found:
            with self._store.transaction():
                for kind, detail in found:
                    self._flag(kind, board, epoch, next_seq, now_s, detail)
        return [kind for kind, _ in found]

    def _take(self, run: Run, now_s: int, readings: list[_Reading]) -> Taken:
        held = self._store.records.chain(run.board, run.epoch) or _empty(run.board, run.epoch)
        raws = [run.records[at : at + record.SIZE] for at in range(0, len(run.records), record.SIZE)]
        known = held.seq + 1 - run.first_seq
        if known < 0:
            return _held(held)._replace(refused="gap")
        fresh = raws[known:]
        head = chain.extend(held.head, b"".join(fresh))
        if self._contradicts(held, run, raws[:known]) or (fresh and head[: chain.SHORT_SIZE] != run.head4):
            if run.rebuilt:  # another roster than the board's: it sends these again, in full
                return _held(held)._replace(refused=REBUILT_OTHERWISE)
            self._flag(CHAIN_MISMATCH, run.board, run.epoch, run.first_seq, now_s, f"after {held.seq}")
            return _held(held)._replace(refused=CHAIN_MISMATCH)
        self._store.seals.add([SealRow(run.board, run.epoch, *one) for one in run.seals])
        if not fresh:
            return _held(held)
        reading = self._keep(held, fresh, head, now_s)
        readings.append(reading)
        return _held(held)._replace(seq=held.seq + len(fresh), new=len(fresh))

    def _contradicts(self, held: Chain, run: Run, known: list[bytes]) -> bool:
        """Return True if a record that came again differs from the one that is held, as far as it was ever here."""
        first = max(run.first_seq, held.base_seq + 1)
        known = known[first - run.first_seq :]
        return bool(known) and self._store.records.raw(run.board, run.epoch, first, len(known)) != known

    def _keep(self, held: Chain, fresh: list[bytes], head: bytes, now_s: int) -> _Reading:
        self._store.records.add(held.board, held.epoch, held.seq + 1, fresh, now_s)
        code = self._store.knowledge.code_of(held.board)
        times = unpack_times(held.times) if held.times else Times(held.seq + 1)
        place = self._store.knowledge.place_of(code)
        reading = _Reading(held.board, held.epoch, code, held.order_s, place, times, now_s)
        for seq, raw in enumerate(fresh, held.seq + 1):
            self._read(reading, seq, raw)
        self._flush(reading)
        seq = held.seq + len(fresh)
        stands = held._replace(seq=seq, head=head, order_s=reading.order_s, times=times.pack())
        self._store.records.set_chain(stands)
        measure(self._store, held.board)
        return reading

    def _read(self, reading: _Reading, seq: int, raw: bytes) -> None:
        """Lay out one record by its kind; what is not understood is only kept, and flagged where it cannot be read."""
        said = read(raw, seq)
        if said.head is None:
            self._flag(DAMAGED, reading.board, reading.epoch, seq, reading.now_s)
        told = reading.times.feed(seq, said.head)
        if told.corrects():
            self._correct(reading, seq, told)
        if isinstance(said, Passage):
            self._add_crossing(reading, said, told)
        elif isinstance(said, Outcome):
            self._add_outcome(reading, said)
        elif said.hides:
            note(self._store, reading.board, reading.epoch, seq, reading.crossing_point)
            if said.head is not None:
                self._flag(NOT_UNDERSTOOD, reading.board, reading.epoch, seq, reading.now_s, said.odd)

    def _correct(self, reading: _Reading, seq: int, told: Told) -> None:
        """Lay over earlier crossings what a record says of time."""
        self._flush(reading)
        anchoring = Anchoring(self._store.records, reading.board, reading.epoch)
        reading.order_s, touched = anchoring.apply(seq, told, reading.order_s)
        for earlier_seq, card_uid in touched:
            reading.touch(earlier_seq, card_uid)

    def _add_crossing(self, reading: _Reading, said: Passage, told: Told) -> None:
        head, crossing = said.head, said.crossing
        card_uid = crossing.uid.hex().upper()
        order_s = said.order_s(reading.order_s, told.utc_s)
        if said.in_sequence:
            reading.order_s = order_s
        utc_s = order_s if told.utc_s is None else told.utc_s
        place = (reading.board, reading.epoch, head.seq, reading.crossing_point, card_uid)
        time = (order_s, utc_s, head.offset, told.trust, told.uncertainty)
        passage = (crossing.direction, crossing.party, crossing.assurance)
        shown = (crossing.verdict, crossing.reasons, crossing.causes)
        reading.crossings[head.seq] = (
            *place,
            *time,
            *passage,
            *shown,
            said.source,
            *reading.place,
            *NO_OUTCOME_YET,
        )
        reading.touch(head.seq, card_uid)
        if crossing.assurance == record.SUN and told.utc_s is not None:
            self._flush(reading)  # a question about the card shows this crossing, too
            compare(self._store, card_uid, Seen(crossing.counter, utc_s), reading.now_s)

    def _add_outcome(self, reading: _Reading, said: Outcome) -> None:
        board, epoch, crossing_seq = reading.board, reading.epoch, said.crossing_seq
        row = (said.seq, crossing_seq, said.outcome, said.party)
        reading.outcomes.append(row)
        waiting = reading.crossings.get(crossing_seq)
        if waiting:  # touched already
            shown = waiting[: -len(NO_OUTCOME_YET)]
            reading.crossings[crossing_seq] = (*shown, said.outcome, said.party, said.seq)
            return
        card_uid = self._store.records.card_of(board, epoch, crossing_seq)
        if card_uid is None:
            self._flag(NO_CROSSING, board, epoch, said.seq, reading.now_s, f"names {crossing_seq}")
            return
        reading.late_outcomes.append(row)
        reading.touch(crossing_seq, card_uid)

    def _flush(self, reading: _Reading) -> None:
        """Write the crossings and outcomes that were read: many rows a statement."""
        self._store.records.add_crossings(list(reading.crossings.values()))
        self._store.records.add_outcomes(reading.board, reading.epoch, reading.outcomes)
        self._store.records.lay_outcomes(reading.board, reading.epoch, reading.late_outcomes)
        self._store.elsewhere.put_right_again(reading.board, reading.epoch)
        reading.crossings, reading.outcomes, reading.late_outcomes = {}, [], []

    def _flag(self, kind: str, board: int, epoch: int, seq: int, now_s: int, detail: str = "") -> None:
        raise_flag(self._store, about_record(kind, board, epoch, seq), now_s, detail)

    def _judge(self, readings: list[_Reading], now_s: int) -> list[Ruling]:
        """Judge what the runs touched, each permit once."""
        judging = Judging(self._store, now_s)
        rulings = judging.judge_cards(card_uid for reading in readings for card_uid in reading.cards)
        for key in (key for reading in readings for key in reading.without_card):
            rulings += judging.judge_single(key)
        return rulings


def _empty(board: int, epoch: int) -> Chain:
    return Chain(board, epoch, 0, chain.start(board, epoch))


def _held(held: Chain) -> Taken:
    # The centre may hold more than this store after it was replaced: a board is only told what both hold.
    return Taken(held.board, held.epoch, held.seq, min(held.centre_seq, held.seq))
