"""Lays the tree over a store that was filled before there was one."""

from gateway.central.proof.leaf import record_entry, state_entry
from gateway.central.store import Store

RUN = 4096  # records or feed rows at a time


def backfill(store: Store) -> None:
    """Add every record and feed row as leaves if the tree is empty: records board by board, then the feed."""
    with store.read() as transaction:
        if transaction.tree.size() or not transaction.log.held():
            return
    with store.write() as transaction:
        if transaction.tree.size():
            return  # another process was faster
        for board, epoch, last in transaction.log.held():
            for first in range(1, last + 1, RUN):
                raws = transaction.log.records(board, epoch, first, min(last, first + RUN - 1))
                transaction.tree.append(
                    [record_entry(board, epoch, seq, raw) for seq, raw in enumerate(raws, start=first)]
                )
        after = 0
        while rows := transaction.log.feed(after, RUN):
            transaction.tree.append([state_entry(*row) for row in rows])
            after = rows[-1][0]
