"""Defects put into the product on purpose: each has to be seen by the simulator, and by the invariant that is meant.

All of them: `python -m tests.simulator.mutations`; the test beside this tries the quick ones.
"""

import contextlib
import random
import sys
from unittest import mock

from simulator.command import _quieten
from simulator.faults import ALL
from simulator.links import SCARCE
from simulator.run import simulate

BOARDS, TAPS, MAX_SEEDS = 2, 16, 12


def _centre_answers_before_its_commit():
    """A batch is answered when it came, and written when the next one comes."""
    from gateway.central.ledger import Ledger

    real, waiting = Ledger.take, []

    def take(self, batch, gateway):
        while waiting:
            real(self, *waiting.pop())
        waiting.append((batch, gateway))
        with mock.patch.object(self, "_store", _Forgetful(self._store)):
            return real(self, batch, gateway)

    return mock.patch.object(Ledger, "take", take)


class _Forgetful:
    """A store whose transactions are rolled back without a word."""

    def __init__(self, store):
        self._store = store

    @contextlib.contextmanager
    def write(self):
        with contextlib.suppress(_Forgotten), self._store.write() as transaction:
            yield transaction
            raise _Forgotten


class _Forgotten(Exception):
    pass


def _gateway_acknowledges_before_its_commit():
    """Every sixth intake is acknowledged and rolled back, in a process that then dies."""
    from gateway.intake import desk

    real, calls = desk._take, []

    def take(store, runs, now_s):
        calls.append(1)
        if len(calls) % 6:
            return real(store, runs, now_s)
        with mock.patch.object(store, "transaction", lambda: _rolled_back(store)):
            return real(store, runs, now_s)

    return mock.patch.object(desk, "_take", take)


@contextlib.contextmanager
def _rolled_back(store):
    store._conn.execute("BEGIN IMMEDIATE")
    yield
    store._conn.execute("ROLLBACK")


def _session_counter_stands_still():
    from checkpost.session import Session

    def seal(self, payload, turn):
        sent = self._sent
        try:
            return real(self, payload, turn)
        finally:
            self._sent = sent

    real = Session.seal
    return mock.patch.object(Session, "seal", seal)


def _keys_without_randomness():
    """Both ends make the same session key at each start."""
    from checkpost import gateway_link, sync

    board, gateway = sync.BoardLink.__init__, gateway_link.GatewayLink.__init__

    def as_board(self, number, key, source, _random, *more):
        board(self, number, key, source, bytes, *more)

    def as_gateway(self, keys, _random, *more):
        gateway(self, keys, bytes, *more)

    both = contextlib.ExitStack()
    both.enter_context(mock.patch.object(sync.BoardLink, "__init__", as_board))
    both.enter_context(mock.patch.object(gateway_link.GatewayLink, "__init__", as_gateway))
    return both


def _outbox_drops_a_row():
    """The gateway believes that the centre holds a board's newest record before it does."""
    from gateway.store.records import Records

    real = Records.set_centre

    def set_centre(self, board, epoch, seq, head):
        return real(self, board, epoch, seq + 1 if seq % 5 == 4 else seq, None)

    return mock.patch.object(Records, "set_centre", set_centre)


def _chain_unchecked_and_a_gateway_that_alters():
    """A gateway gives back another party than the board wrote, and the centre does not compare chains."""
    from checkpost import record
    from gateway.central import ledger
    from gateway.store.records import Records

    real = Records.raw

    def raw(self, *where):
        return [_altered(one) for one in real(self, *where)]

    def _altered(one):
        head = record.unpack(one)
        if head.kind != record.CROSSING:
            return one
        crossing = record.unpack_crossing(head.body)
        crossing.party = 1 + crossing.party % 15
        head.body = crossing.pack()
        return head.pack()

    class Unchecked(str):
        __slots__ = ()

        def __ne__(self, other):
            return False

    class Head(bytes):
        def hex(self):
            return Unchecked(super().hex())

    both = contextlib.ExitStack()
    both.enter_context(mock.patch.object(Records, "raw", raw))
    extend = ledger.chain.extend
    chain = mock.Mock(wraps=ledger.chain, extend=lambda head, raws: Head(extend(head, raws)))
    both.enter_context(mock.patch.object(ledger, "chain", chain))
    both.enter_context(mock.patch.object(ledger.Ledger, "_check_known", lambda *_: None))
    return both


def _verdict_by_order_of_arrival():
    from gateway.central.crossing import CrossingState

    return mock.patch.object(
        CrossingState, "key", property(lambda self: (self.position or 1 << 40, self.seq, self.board, self.epoch))
    )


def _beep_before_the_flash():
    """A record waits in memory until the next one comes."""
    from kiosk.journal import Journal

    real = Journal.append

    def append(self, record):
        waiting = getattr(self, "_mutant_waiting", None)
        if waiting is None or waiting.kind != record.kind:
            self._mutant_waiting = record
            return self.next_seq
        self._mutant_waiting = None
        real(self, waiting)
        return real(self, record)

    return mock.patch.object(Journal, "append", append)


def _recovery_forgets_the_newest():
    from kiosk.journal import Journal

    real = Journal.open

    def forget(self):
        found = real(self)
        if self._state.used > 1 and self._state.next_seq > 2:
            self._state.next_seq -= 1
        return found

    return mock.patch.object(Journal, "open", forget)


def _outcomes_are_not_laid_over_crossings():
    from gateway.central.crossing import CrossingState

    return mock.patch.object(CrossingState, "take_outcome", lambda *_: False)


def _entry_is_read_as_exit():
    from gateway.central.crossing import CrossingState

    real = CrossingState.body

    def body(self):
        return (
            real(self)
            .replace('"direction":"entry"', '"direction":"exit"')
            .replace('"direction": "entry"', '"direction": "exit"')
        )

    return mock.patch.object(CrossingState, "body", body)


def _feed_skips_the_last_of_a_page():
    from gateway.central.store.log import LogRows

    real = LogRows.feed

    def feed(self, after, limit):
        rows = real(self, after, limit)
        return rows[:-2] + rows[-1:] if after and len(rows) > 2 else rows

    return mock.patch.object(LogRows, "feed", feed)


def _nothing_is_sent_again():
    from checkpost.turns import Turns

    return mock.patch.object(Turns, "timed_out", lambda *_: False)


def _ack_of_another_epoch_counts():
    """A board frees what no gateway acknowledged: it thinks that all is held."""
    from checkpost.backlog import Backlog

    real = Backlog.acked

    def acked(self, gateway_seq, centre_seq, held):
        return real(self, gateway_seq + 1 if gateway_seq % 3 == 2 else gateway_seq, centre_seq, held)

    return mock.patch.object(Backlog, "acked", acked)


def _crossings_are_shown_twice():
    from gateway.central.store.log import LogRows

    real = LogRows.current
    return mock.patch.object(LogRows, "current", lambda self, after, limit: 2 * real(self, after, limit))


def _ledger_is_not_asked():
    """A radio sends whenever its channel is free."""
    from kiosk.airledger import AirLedger

    return mock.patch.object(AirLedger, "ready", lambda *_: True)


def _restart_forgets_the_airtime():
    """After each start the whole hour's share is there again."""
    from checkpost.dutycycle import DutyCycle
    from kiosk.airledger import AirLedger

    real = AirLedger.open

    def open_(self, now_ms):
        real(self, now_ms)
        self.duty = DutyCycle(self.duty.limit_ms * 1000 // 3600, now_ms)

    return mock.patch.object(AirLedger, "open", open_)


def _verdicts_wait_for_ever():
    """What lacked news of a gateway is not judged again when they are there."""
    from gateway.central.settling import Settling

    return mock.patch.object(Settling, "_settle", lambda *_: None)


ON_SCARCE_AIR = ("the airtime ledger is not asked", "a restart forgets the airtime")
MUTATIONS = {
    "the centre answers before its commit": (_centre_answers_before_its_commit, {"gap", "lost"}),
    "a gateway acknowledges before its commit": (_gateway_acknowledges_before_its_commit, {"gap", "lost"}),
    "a session's counter stands still": (_session_counter_stands_still, {"nonce"}),
    "session keys without randomness": (_keys_without_randomness, {"nonce"}),
    "an outbox row is dropped": (_outbox_drops_a_row, {"gap", "lost"}),
    "a gateway alters, and the chain is not checked": (_chain_unchecked_and_a_gateway_that_alters, {"altered"}),
    "verdicts by the order of arrival": (_verdict_by_order_of_arrival, {"verdict"}),
    "verdicts wait for ever": (_verdicts_wait_for_ever, {"verdict"}),
    "the beep comes before the flash": (_beep_before_the_flash, {"unwritten", "changed", "lost"}),
    "recovery forgets the newest record": (
        _recovery_forgets_the_newest,
        {"changed", "altered", "chain", "gap", "lost"},
    ),
    "outcomes are not laid over crossings": (_outcomes_are_not_laid_over_crossings, {"misread"}),
    "an entry is read as an exit": (_entry_is_read_as_exit, {"misread"}),
    "the feed skips a change": (_feed_skips_the_last_of_a_page, {"feed"}),
    "nothing is sent again": (_nothing_is_sent_again, {"gap", "lost"}),
    "a board takes more as acknowledged than is": (_ack_of_another_epoch_counts, {"gap", "lost"}),
    "crossings are shown twice": (_crossings_are_shown_twice, {"doubled"}),
    "the airtime ledger is not asked": (_ledger_is_not_asked, {"law"}),
    "a restart forgets the airtime": (_restart_forgets_the_airtime, {"law"}),
}


def caught(name, seeds=MAX_SEEDS):
    """Return (number of seeds, what was broken) of the first run that sees a mutation; (seeds, nothing) if none."""
    make, _ = MUTATIONS[name]
    for seed in range(1, seeds + 1):
        random.seed(seed)
        with make():
            if name in ON_SCARCE_AIR:
                broken = simulate(seed, BOARDS, 2 * TAPS, ALL, SCARCE).broken
            else:
                broken = simulate(seed, BOARDS, TAPS, ALL).broken
        if broken:
            return seed, sorted({words.split(":")[0].split(" ")[0] for words in broken})
    return seeds, []


def main(names):
    """Try mutations and print a line for each; return how many were not seen as they should be."""
    _quieten()
    missed = 0
    for name in names or MUTATIONS:
        seeds, broken = caught(name)
        seen = bool(set(broken) & MUTATIONS[name][1])
        missed += not seen
        print(
            f"{'seen' if seen else 'MISSED'}: {name}: {', '.join(broken) or 'nothing'} after {seeds} seed(s)",
            flush=True,
        )
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
