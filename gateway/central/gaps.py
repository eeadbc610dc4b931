"""Records that a board cannot read any more: what it says of them is evidence, and its chain goes on behind them."""

import json
from dataclasses import replace

import structlog

from gateway.central.proof.leaf import gap_entry
from gateway.central.store import Transaction
from gateway.central.store.gaps import GapRow
from gateway.central.store.log import Head
from gateway.contract import Gap, RecordRun


class Joiner:
    """Takes the gaps of one batch where their place is the last record that is held."""

    def __init__(self, gaps: list[Gap]):
        self._gaps = gaps
        self._log = structlog.get_logger("checkpost.gaps")

    def join(self, transaction: Transaction, run: RecordRun, held: Head) -> Head:
        """Return where a run's board stands: behind a gap that is told for this very place its chain is the board's.

        What was held before stays as it was; what the gap says is a leaf, and a second word on a place changes nothing.
        """
        for gap in self._gaps:
            if (gap.board, gap.epoch, gap.seq) != (run.board, run.epoch, held.seq):
                continue
            body = json.dumps({"first_seq": gap.first_seq, "last_seq": gap.last_seq, "head": gap.head})
            if not transaction.gaps.add(GapRow(gap.board, gap.epoch, gap.seq, bytes.fromhex(gap.head), body)):
                continue
            transaction.tree.append([gap_entry((gap.board, gap.epoch, gap.seq), body)])
            self._log.error("unreadable records", board=gap.board, first=gap.first_seq, last=gap.last_seq)
            held = replace(held, head=bytes.fromhex(gap.head))
            transaction.log.put_head(gap.board, gap.epoch, held)
        return held
