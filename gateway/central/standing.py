"""What the centre's tables say beside the log, from one snapshot, for who compares them with it: JSON lines.

A line is an object with one name: `log` is the first (the checkpoint of the snapshot), `end` the last (how many lines
lie between); a `crossing` is what its row says, not what the feed says of it. The log does not hold
what is `known`: of that the centre itself says which rows have its mark.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pydantic_core import to_json

from gateway.central.crossing import CrossingState
from gateway.central.marks import Marks
from gateway.central.proofs import Proofs
from gateway.central.store import Transaction

LINES = 1000  # of a piece: some hundred kilobytes


def standing(transaction: Transaction, proofs: Proofs, marks: Marks) -> Iterator[bytes]:
    """Yield what stands, in pieces of whole lines; read while it is yielded."""
    size = transaction.tree.size()
    yield _line("log", {"checkpoint": proofs.signed(transaction, size), "position": transaction.log.position()})
    count = 0
    rows = _rows(transaction, marks)
    while some := list(islice(rows, LINES)):
        count += len(some)
        yield b"".join(some)
    yield _line("end", count)


def _rows(transaction: Transaction, marks: Marks) -> Iterator[bytes]:
    for state, _ in transaction.crossings.with_lines():
        yield _line("crossing", _said(state))
    heads = ((board, epoch, seq, head.hex()) for board, epoch, seq, head in transaction.log.heads())
    cells = ((*cell, crossings, persons) for cell, crossings, persons in transaction.tally.cells())
    tables: dict[str, Iterable[tuple[object, ...]]] = {
        "head": heads,
        "cell": cells,
        "day": transaction.tally.days(),
        "frequent": transaction.tally.frequent_permits(),
        "erased": transaction.erasing.places(),
        "erased_day": transaction.erasing.days(),
        "known": ((one.kind, one.key if one.wrong else "", one.revision, one.wrong) for one in marks.look(transaction)),
    }
    for name, rows in tables.items():
        yield from (_line(name, row) for row in rows)


def _said(state: CrossingState) -> dict[str, object]:
    """Return a row in the words of the feed, and what only the board's record says of it beside them."""
    try:
        shown = state.shown()
    except (IndexError, TypeError, ValueError, OverflowError):  # a number that means nothing: nobody but a hand
        shown = {"board": state.board, "epoch": state.epoch, "seq": state.seq}
    return {
        "position": state.position,
        **shown,
        "genuine": bool(state.genuine),
        "recorded_party": state.recorded_party,
        "outcome_seq": state.outcome_seq,
    }


def _line(name: str, value: Any) -> bytes:
    return to_json({name: value}) + b"\n"
