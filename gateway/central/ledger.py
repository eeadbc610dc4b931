"""The ledger: takes records exactly once, in their board's order, and proves the chain before it keeps them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import urandom
from typing import Any

import structlog

from checkpost import chain
from checkpost.anchor import Times, unpack_times
from checkpost.reading import Other, Outcome, Passage
from gateway.central.anchoring import Anchoring
from gateway.central.arriving import Arrived, arrived
from gateway.central.cases.questions import ask
from gateway.central.crossing import CrossingState, state_of
from gateway.central.desk import Desk
from gateway.central.gaps import Joiner
from gateway.central.holes import found
from gateway.central.knowledge import was_home
from gateway.central.problems import Problem
from gateway.central.rights.erasing import come_again
from gateway.central.rights.holders import every_holder
from gateway.central.seals import Sealer
from gateway.central.store import Store, Transaction
from gateway.central.store.log import Head
from gateway.central.store.reviews import Question
from gateway.contract import Batch, BatchReply, Held, RecordRun

# Refusals that say that somebody rewrote a log: kinds of problems, and of the questions about the board's epoch.
NOT_FITTING = ("chain-broken", "record-differs")
NOT_UNDERSTOOD = "record-not-understood"
NO_CROSSING = "outcome-without-crossing"
Place = tuple[int, int, str, str, str]  # board, epoch, code of its point, kind, zone


@dataclass
class Taken:
    """What the runs of one batch brought."""

    arrived_s: int
    joiner: Joiner
    new: int = 0
    known: int = 0
    heads: dict[tuple[int, int], Head] = field(default_factory=dict)
    ends: dict[tuple[int, int, int], bytes] = field(default_factory=dict)  # by the last record of a run: its chain head
    outcomes: dict[tuple[int, int], list[Outcome]] = field(default_factory=dict)
    erased: set[tuple[int, int, int]] = field(default_factory=set)  # places whose records shall not stay


class Ledger:
    """Writes through one store; a batch is taken as a whole or not at all."""

    def __init__(self, store: Store, utc_ms: Callable[[], int]):
        """`utc_ms`: the time at which records are noted as arrived."""
        self._store = store
        self._utc_ms = utc_ms
        self._sealer = Sealer()
        self._log = structlog.get_logger("checkpost.ledger")

    def take(self, batch: Batch, gateway: str) -> BatchReply:
        """Take what is new in a batch; Problem when a run contradicts what is held or breaks its board's chain.

        A run that starts after a gap is left alone: the reply says up to where the centre holds that board.
        """
        try:
            return self._take(batch, gateway)
        except Problem as problem:
            if problem.kind in NOT_FITTING:  # the batch left nothing behind, so the question is written by itself
                self._ask_why(problem, gateway)
            raise

    def _take(self, batch: Batch, gateway: str) -> BatchReply:
        came = [arrived(run, urandom) for run in batch.runs]
        with self._store.write() as transaction:
            taken = Taken(self._utc_ms() // 1000, Joiner(batch.gaps))
            desk = Desk(transaction)
            for one in came:
                self._take_run(transaction, desk, one, gateway, taken)
            for (board, epoch), outcomes in taken.outcomes.items():
                self._attach(transaction, desk, board, epoch, outcomes)
            self._sealer.take(transaction, batch.seals, taken.ends)
            desk.settle()
            come_again(transaction, every_holder(), taken.erased, self._utc_ms() // 1000)
        held = [Held(board=board, epoch=epoch, seq=head.seq) for (board, epoch), head in taken.heads.items()]
        return BatchReply(held=held, new=taken.new, known=taken.known)

    def held(self) -> list[Held]:
        """Return up to where each board's epoch is held."""
        with self._store.read() as transaction:
            return [Held(board=board, epoch=epoch, seq=seq) for board, epoch, seq in transaction.log.held()]

    def _take_run(self, transaction: Transaction, desk: Desk, came: Arrived, gateway: str, taken: Taken) -> None:
        run = came.run
        key = run.board, run.epoch
        registered = transaction.knowledge.get("board", [str(run.board)]).get(str(run.board))
        if registered is None or not _may_bring(transaction, registered, run, gateway):
            raise _refused(
                403, "not-your-board", run, f"Board {run.board}, epoch {run.epoch}, is not registered for this gateway."
            )
        stored = transaction.log.head(*key)
        held = taken.joiner.join(transaction, run, stored or Head(0, chain.start(*key), 0))
        taken.heads[key] = held
        known = min(len(came.raws), held.seq + 1 - run.first_seq)
        if known < 0:
            self._log.info("gap", board=run.board, epoch=run.epoch, held=held.seq, first_seq=run.first_seq)
            return
        self._check_known(transaction, run, came.raws[:known])
        taken.known += known
        fresh = came.after(known)
        if not fresh.raws:
            return
        head = chain.extend(held.head, b"".join(fresh.raws))
        if head.hex() != run.head:
            raise _refused(
                409,
                "chain-broken",
                run,
                f"The records do not continue the chain of board {run.board} after {held.seq}.",
            )
        transaction.log.add_records(run.board, run.epoch, held.seq + 1, fresh.raws, taken.arrived_s)
        transaction.tree.add(fresh.leaves)
        place = _place(transaction, run, registered["crossing_point"])
        anchoring = Anchoring(transaction, desk, *key)
        order_utc_s, times = self._read(transaction, place, desk, held, fresh, taken, anchoring)
        last_seq = held.seq + len(fresh.raws)
        stands = Head(last_seq, head, order_utc_s, times.pack())
        taken.ends[*key, last_seq] = head  # before a gap puts another in its place
        transaction.log.put_head(run.board, run.epoch, stands)
        taken.heads[key] = taken.joiner.join(transaction, run, stands)
        taken.new += len(fresh.raws)
        gone = transaction.erasing.erased(*key, held.seq + 1, last_seq)
        taken.erased |= {(*key, seq) for seq in gone}

    def _check_known(self, transaction: Transaction, run: RecordRun, raws: list[bytes]) -> None:
        """Refuse a run whose records differ from those that are held under the same sequences."""
        held = (
            transaction.log.records(run.board, run.epoch, run.first_seq, run.first_seq + len(raws) - 1) if raws else []
        )
        for seq, (here, there) in enumerate(zip(held, raws, strict=True), start=run.first_seq):
            if here and here != there:  # of an erased one nothing is left to compare
                raise _refused(
                    409, "record-differs", run, f"Record {seq} of board {run.board} differs from the one that is held."
                )

    def _read(
        self,
        transaction: Transaction,
        place: Place,
        desk: Desk,
        held: Head,
        came: Arrived,
        taken: Taken,
        anchoring: Anchoring,
    ) -> tuple[int, Times]:
        """Read new records into `desk` and `taken`; return the board's order of time after them, and its memory."""
        order_utc_s = held.order_utc_s
        times = unpack_times(held.times) if held.times else Times(held.seq + 1)
        fresh: list[CrossingState] = []
        for seq, (raw, said) in enumerate(zip(came.raws, came.said, strict=True), start=held.seq + 1):
            told = times.feed(seq, said.head)
            if told.corrects():
                desk.add_new(fresh)
                fresh = []
                order_utc_s = anchoring.apply(seq, told, order_utc_s)
            if isinstance(said, Passage):
                order_s = said.order_s(order_utc_s, told.utc_s)
                if said.in_sequence:
                    order_utc_s = order_s
                fresh.append(state_of(place, said.head, said.crossing, told, order_s, taken.arrived_s))
            elif isinstance(said, Outcome):
                taken.outcomes.setdefault(place[:2], []).append(said)
            elif isinstance(said, Other) and said.odd:
                self._log.warning("record kept, not understood", board=place[0], epoch=place[1], seq=seq, why=said.odd)
                question = Question(NOT_UNDERSTOOD, "", *place[:2], seq)
                ask(transaction, question, said.odd, {"record": raw.hex()}, place[2])
                if said.hides:
                    found(transaction, place, seq)
        desk.add_new(fresh)
        desk.records_came(place[0])
        return order_utc_s, times

    def _attach(self, transaction: Transaction, desk: Desk, board: int, epoch: int, outcomes: list[Outcome]) -> None:
        """Give outcomes to their crossings; one that names no crossing is kept as a record and said."""
        states = desk.find(board, epoch, {outcome.crossing_seq for outcome in outcomes})
        for outcome in outcomes:
            state = states.get(outcome.crossing_seq)
            if state is None:
                self._log.warning("outcome without its crossing", board=board, epoch=epoch, seq=outcome.seq)
                said = {"outcome": outcome.outcome, "party": outcome.party}
                ask(
                    transaction,
                    Question(NO_CROSSING, "", board, epoch, outcome.seq),
                    f"names {outcome.crossing_seq}",
                    said,
                )
            elif state.take_outcome(outcome.seq, outcome.outcome, outcome.party):
                desk.outcome_came(state)

    def _ask_why(self, problem: Problem, gateway: str) -> None:
        """Ask, once for each board's epoch, who rewrote its log: the board, its gateway, or somebody between."""
        board, epoch = problem.more["board"], problem.more["epoch"]
        question = Question(problem.kind, "", board, epoch, 0)
        with self._store.read() as transaction:
            held = transaction.reviews.newest([question]).get(question)
        if held is None or not (held.waits or held.detail == problem.detail):
            with self._store.write() as transaction:
                ask(transaction, question, problem.detail, {"gateway": gateway} | problem.more)


def _may_bring(transaction: Transaction, registered: dict[str, Any], run: RecordRun, gateway: str) -> bool:
    """Return True for the gateway of a board, and for an earlier one: what it brought there may lie there still."""
    if run.epoch > registered["epoch"]:
        return False
    return bool(registered["gateway"] == gateway) or was_home(transaction, run.board, gateway)


def _place(transaction: Transaction, run: RecordRun, code: str) -> Place:
    point = transaction.knowledge.get("crossing_point", [code])[code]
    return run.board, run.epoch, code, point["kind"], point["zone"]


def _refused(status: int, kind: str, run: RecordRun, detail: str) -> Problem:
    return Problem(status, kind, detail, board=run.board, epoch=run.epoch, first_seq=run.first_seq)
