"""What goes into the next batch, and what the centre's reply means for the store. Runs in the writer's thread."""

from collections.abc import Container

from checkpost import chain
from gateway.contract import MAX_BATCH, MAX_SEALS, Batch, BatchReply, Gap, RecordRun, Seal
from gateway.store.gaps import GapRow
from gateway.store.records import Chain
from gateway.store.store import Store

MAX_RUNS = 64  # the contract's limit of a batch
WALK = 4096  # records read at once when a head must be found again: 128 KiB

Key = tuple[int, int]


def next_batch(store: Store, leave_out: Container[Key] = ()) -> Batch | None:
    """Return up to MAX_BATCH records that the centre lacks, each board's oldest first; None when it has all."""
    behind = [held for held in store.records.behind(MAX_RUNS) if (held.board, held.epoch) not in leave_out]
    share = MAX_BATCH // len(behind) if behind else 0
    runs = [_run(store, held, share) for held in behind]
    return Batch(runs=runs, seals=_seals(store, runs), gaps=_gaps(store, runs)) if runs else None


def take_reply(store: Store, batch: Batch, reply: BatchReply) -> bool:
    """Write down what the centre holds after a batch; return True if it holds more than before, or less."""
    heads = {(run.board, run.epoch, last_seq(run)): bytes.fromhex(run.head) for run in batch.runs}
    moved = False
    with store.transaction():
        for held in reply.held:
            head = heads.get((held.board, held.epoch, held.seq))
            given = [one.seq for one in batch.seals if (one.board, one.epoch) == (held.board, held.epoch)]
            store.seals.note_sent(held.board, held.epoch, [seq for seq in given if seq <= held.seq])
            store.seals.note_missing(held.board, held.epoch, held.seq)
            moved |= store.records.set_centre(held.board, held.epoch, held.seq, head)
    return moved


def last_seq(run: RecordRun) -> int:
    """Return the sequence of a run's last record."""
    return run.first_seq + len(run.records) - 1


def _run(store: Store, held: Chain, limit: int) -> RecordRun:
    before_seq = max(held.centre_seq, held.base_seq)
    gaps = store.gaps.of(held.board, held.epoch)
    end = next((gap.seq for gap in gaps if gap.seq > before_seq), before_seq + limit)
    raws = store.records.raw(held.board, held.epoch, before_seq + 1, min(limit, end - before_seq))
    known = held.centre_seq >= held.base_seq and before_seq not in [gap.seq for gap in gaps]
    before = held.centre_head if known and held.centre_head else _head_at(store, held, before_seq, gaps)
    return RecordRun(
        board=held.board,
        epoch=held.epoch,
        first_seq=before_seq + 1,
        records=[raw.hex() for raw in raws],
        head=chain.extend(before, b"".join(raws)).hex(),
    )


def _seals(store: Store, runs: list[RecordRun]) -> list[Seal]:
    """Return the seals over records that go with these runs, or went before them."""
    share = MAX_SEALS // len(runs)
    waiting = [row for run in runs for row in store.seals.waiting(run.board, run.epoch, last_seq(run), share)]
    return [
        Seal(board=row.board, epoch=row.epoch, seq=row.seq, generation=row.generation, seal=row.seal.hex())
        for row in waiting
    ]


def _gaps(store: Store, runs: list[RecordRun]) -> list[Gap]:
    """Return the gaps at the ends of these runs."""
    found = []
    for run in runs:
        ends = (run.first_seq - 1, last_seq(run))
        rows = [gap for gap in store.gaps.of(run.board, run.epoch) if gap.seq in ends]
        found += [Gap(**gap._asdict() | {"head": gap.head.hex()}) for gap in rows]
    return found


def _head_at(store: Store, held: Chain, seq: int, gaps: list[GapRow]) -> bytes:
    """Return the head after `seq` that the next record continues, rebuilt from the last place where it is known."""
    head = held.base_head or chain.start(held.board, held.epoch)
    at = held.base_seq
    for gap in gaps:
        if gap.seq <= seq:
            at, head = gap.seq, gap.head
    while at < seq:
        raws = store.records.raw(held.board, held.epoch, at + 1, min(WALK, seq - at))
        head = chain.extend(head, b"".join(raws))
        at += len(raws)
    return head
