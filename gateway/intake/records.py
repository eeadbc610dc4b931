"""A run of records becomes crossings, outcomes, verdicts, flags, the centre's backlog: one transaction, or nothing."""

from collections.abc import Collection
from typing import NamedTuple

from checkpost import chain, record
from gateway.intake.judging import Judging
from gateway.intake.layout import Layout
from gateway.review.flags import about_record, raise_flag
from gateway.store.gaps import GapRow
from gateway.store.records import Chain
from gateway.store.seals import SealRow
from gateway.store.store import Store
from gateway.verdict.judge import Ruling

CHAIN_MISMATCH = "chain-mismatch"
REBUILT_OTHERWISE = "compact-mismatch"
LOST = "records-missing"
UNREADABLE = "records-unreadable"
RESTORED = "board-restored"
OTHER_EPOCH = "epoch-changed"
EPOCH_BACK = "epoch-went-back"


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
        layouts: dict[tuple[int, int], Layout] = {}  # by board and epoch: its runs follow each other
        taken = [self._take(run, now_s, layouts) for run in runs]
        rulings = self._judge(layouts.values(), now_s) if layouts else []
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

    def _take(self, run: Run, now_s: int, layouts: dict[tuple[int, int], Layout]) -> Taken:
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
        place = run.board, run.epoch
        if place not in layouts:
            layouts[place] = Layout(self._store, held, now_s)
        self._keep(held, fresh, head, now_s, layouts[place])
        return _held(held)._replace(seq=held.seq + len(fresh), new=len(fresh))

    def _contradicts(self, held: Chain, run: Run, known: list[bytes]) -> bool:
        """Return True if a record that came again differs from the one that is held, as far as it was ever here."""
        first = max(run.first_seq, held.base_seq + 1)
        known = known[first - run.first_seq :]
        return bool(known) and self._store.records.raw(run.board, run.epoch, first, len(known)) != known

    def _keep(self, held: Chain, fresh: list[bytes], head: bytes, now_s: int, layout: Layout) -> None:
        if held.centre_seq > held.seq:  # this store was put back: if the centre's records are the same, the centre says
            self._store.records.set_centre(held.board, held.epoch, held.seq, held.head)
        self._store.records.add(held.board, held.epoch, held.seq + 1, fresh, now_s)
        layout.read(held.seq + 1, fresh)
        seq = held.seq + len(fresh)
        self._store.records.set_chain(held._replace(seq=seq, head=head, order_s=layout.order_s, times=layout.times()))

    def _flag(self, kind: str, board: int, epoch: int, seq: int, now_s: int, detail: str = "") -> None:
        raise_flag(self._store, about_record(kind, board, epoch, seq), now_s, detail)

    def _judge(self, layouts: Collection[Layout], now_s: int) -> list[Ruling]:
        """Judge what the runs touched, each permit once, and write the crossings with their verdicts."""
        waiting = [row for layout in layouts for row in layout.settle()]
        judging = Judging(self._store, now_s, waiting=waiting)
        rulings = judging.judge_cards(card_uid for layout in layouts for card_uid in layout.cards)
        for key in (key for layout in layouts for key in layout.without_card):
            rulings += judging.judge_single(key)
        for layout in layouts:
            layout.ask()
        return rulings


def _empty(board: int, epoch: int) -> Chain:
    return Chain(board, epoch, 0, chain.start(board, epoch))


def _held(held: Chain) -> Taken:
    # The centre may hold more than this store after it was replaced: a board is only told what both hold.
    return Taken(held.board, held.epoch, held.seq, min(held.centre_seq, held.seq))
