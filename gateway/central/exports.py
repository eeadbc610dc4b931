"""Exports: the current state of every crossing, or what the tables say beside the log, from one snapshot each."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from gateway.central.marks import Marks
from gateway.central.problems import Problem
from gateway.central.proofs import Proofs
from gateway.central.standing import standing
from gateway.central.store import Store, Transaction

ROWS = 10_000  # of a piece, and of a row group of Parquet: some megabytes
MAX_OPEN = 4  # at once: each keeps a connection and a snapshot of the store


@dataclass(frozen=True)
class Export:
    """An export that is under way; `pieces` must be read to its end or closed."""

    pieces: Generator[bytes]
    crossings: int
    position: int


class Exports:
    """Counts what is open."""

    def __init__(self, store: Store, marks: Marks):
        self._store = store
        self._marks = marks
        self._open = 0

    def begin(self, form: str) -> Export:
        """Return an export in a form of `tabular.FORMS`; Problem when too many run."""
        return self._begin(lambda transaction: _formed(form, transaction.log.current_lines(ROWS)))

    def standing(self, proofs: Proofs) -> Export:
        """Return what the tables say beside the log; Problem when too many run."""
        return self._begin(lambda transaction: standing(transaction, proofs, self._marks))

    def _begin(self, what: Callable[[Transaction], Iterator[bytes]]) -> Export:
        if self._open >= MAX_OPEN:
            raise Problem(503, "too-many-exports", f"{MAX_OPEN} exports run already; ask again in a minute.")
        with ExitStack() as stack:
            transaction = stack.enter_context(self._store.read())
            position = transaction.log.position()
            crossings = transaction.tally.crossings() - transaction.erasing.crossings()
            pieces = what(transaction)
            self._open += 1
            stack.callback(self._ended)
            kept = stack.pop_all()
        written = _written(pieces, kept)
        next(written)  # begun: from here on its end, however it comes, lets go of the snapshot
        return Export(written, crossings, position)

    def _ended(self) -> None:
        self._open -= 1


def _formed(form: str, lines: Iterator[bytes]) -> Iterator[bytes]:
    from gateway.central.tabular import FORMS  # pyarrow takes half a second to load: only where it is used

    yield from FORMS[form](lines)


def _written(pieces: Iterator[bytes], stack: ExitStack) -> Generator[bytes]:
    with stack:
        yield b""
        yield from pieces
