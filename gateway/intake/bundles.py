"""Takes a board's log in from a bundle: the same records, through the same intake, as over the board's link."""

from pathlib import Path
from typing import NamedTuple

from checkpost import bundle
from checkpost.fields import MessageError
from checkpost.messages import Base, Batch, parse
from checkpost.record import SIZE
from checkpost.upward import Sealed
from gateway.errors import OperatorError
from gateway.intake.records import Intake, Run
from gateway.store.store import Store

AT_ONCE = 24  # runs a transaction, as over a link


class Imported(NamedTuple):
    """What a bundle brought: `new` of its `records`; up to `held` the epoch is durable here now."""

    board: int
    epoch: int
    records: int
    new: int
    held: int


def import_bundle(store: Store, path: Path, now_s: int) -> Imported:
    """Take in a bundle; again changes nothing. OperatorError for one that is not whole, signed and of a board here."""
    keys = {board.board: bytes.fromhex(board.link_key) for board in store.knowledge.boards()}
    try:
        manifest, payloads = bundle.read(path.read_bytes(), keys.get)
        messages = [message for payload in payloads for message in parse(payload, True)]
    except (bundle.BundleError, MessageError) as error:
        raise OperatorError(f"{path}: {error}") from error
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
    board, epoch = manifest.board, manifest.epoch
    intake = Intake(store)
    seals = [(one.seq, one.generation, one.seal) for one in messages if isinstance(one, Sealed)]
    for base in (one for one in messages if isinstance(one, Base)):
        intake.adopt_base(board, epoch, base.first_seq, base.head, now_s)
    runs = [_run(board, epoch, one, seals) for one in messages if isinstance(one, Batch)]
    new = 0
    for at in range(0, len(runs), AT_ONCE):
        for taken in intake.take(runs[at : at + AT_ONCE], now_s):
            if taken.refused:
                raise OperatorError(
                    f"{path}: records of board {board}, epoch {epoch} do not fit those that are held "
                    f"({taken.refused}); {new} were taken in before"
                )
            new += taken.new
    count = max(0, manifest.last_seq - manifest.first_seq + 1)
    return Imported(board, epoch, count, new, intake.held(board, epoch).seq)


def _run(board: int, epoch: int, batch: Batch, seals: list[tuple[int, int, bytes]]) -> Run:
    last = batch.first_seq + len(batch.records) // SIZE - 1
    of_run = tuple(one for one in seals if batch.first_seq <= one[0] <= last)
    return Run(board, epoch, batch.first_seq, batch.records, batch.head4, seals=of_run)
