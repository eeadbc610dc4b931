"""Defects of the product, each a context manager that puts it in: `mutations.py` tries them."""

import contextlib
from unittest import mock


def centre_answers_before_its_commit():
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


def gateway_acknowledges_before_its_commit():
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


def session_counter_stands_still():
    from checkpost.session import Session

    def seal(self, payload, turn):
        sent = self._sent
        try:
            return real(self, payload, turn)
        finally:
            self._sent = sent

    real = Session.seal
    return mock.patch.object(Session, "seal", seal)


def keys_without_randomness():
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


def outbox_drops_a_row():
    """The gateway believes that the centre holds a board's newest record before it does."""
    from gateway.store.records import Records

    real = Records.set_centre

    def set_centre(self, board, epoch, seq, head):
        return real(self, board, epoch, seq + 1 if seq % 5 == 4 else seq, None)

    return mock.patch.object(Records, "set_centre", set_centre)


def chain_unchecked_and_a_gateway_that_alters():
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

    both, extend = contextlib.ExitStack(), ledger.chain.extend
    both.enter_context(mock.patch.object(Records, "raw", raw))
    chain = mock.Mock(wraps=ledger.chain, extend=lambda head, raws: Head(extend(head, raws)))
    both.enter_context(mock.patch.object(ledger, "chain", chain))
    both.enter_context(mock.patch.object(ledger.Ledger, "_check_known", lambda *_: None))
    return both


def verdict_by_order_of_arrival():
    from gateway.central.crossing import CrossingState

    return mock.patch.object(
        CrossingState, "key", property(lambda self: (self.position or 1 << 40, self.seq, self.board, self.epoch))
    )


def beep_before_the_flash():
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


def recovery_forgets_the_newest():
    from kiosk.journal import Journal

    real = Journal.open

    def forget(self):
        found = real(self)
        if self._state.used > 1 and self._state.next_seq > 2:
            self._state.next_seq -= 1
        return found

    return mock.patch.object(Journal, "open", forget)


def outcomes_are_not_laid_over_crossings():
    from gateway.central.crossing import CrossingState

    return mock.patch.object(CrossingState, "take_outcome", lambda *_: False)


def entry_is_read_as_exit():
    from gateway.central.crossing import CrossingState

    real = CrossingState.body

    def body(self):
        return (
            real(self)
            .replace('"direction":"entry"', '"direction":"exit"')
            .replace('"direction": "entry"', '"direction": "exit"')
        )

    return mock.patch.object(CrossingState, "body", body)


def feed_skips_the_last_of_a_page():
    from gateway.central.store.log import LogRows

    real = LogRows.feed

    def feed(self, after, limit):
        rows = real(self, after, limit)
        return rows[:-2] + rows[-1:] if after and len(rows) > 2 else rows

    return mock.patch.object(LogRows, "feed", feed)


def nothing_is_sent_again():
    from checkpost.turns import Turns

    return mock.patch.object(Turns, "timed_out", lambda *_: False)


def ack_of_another_epoch_counts():
    """A board frees what no gateway acknowledged: it thinks that all is held."""
    from checkpost.backlog import Backlog

    real = Backlog.acked

    def acked(self, gateway_seq, centre_seq, held):
        return real(self, gateway_seq + 1 if gateway_seq % 3 == 2 else gateway_seq, centre_seq, held)

    return mock.patch.object(Backlog, "acked", acked)


def crossings_are_shown_twice():
    from gateway.central.store.log import LogRows

    real = LogRows.current
    return mock.patch.object(LogRows, "current", lambda self, after, limit: 2 * real(self, after, limit))


def ledger_is_not_asked():
    """A radio sends whenever its channel is free."""
    from kiosk.airledger import AirLedger

    return mock.patch.object(AirLedger, "ready", lambda *_: True)


def restart_forgets_the_airtime():
    """After each start the whole hour's share is there again."""
    from checkpost.dutycycle import DutyCycle
    from kiosk.airledger import AirLedger

    real = AirLedger.open

    def open_(self, now_ms):
        real(self, now_ms)
        self.duty = DutyCycle(self.duty.limit_ms * 1000 // 3600, now_ms)

    return mock.patch.object(AirLedger, "open", open_)


def verdicts_wait_for_ever():
    """What lacked news of a gateway is not judged again when they are there."""
    from gateway.central.settling import Settling

    return mock.patch.object(Settling, "_settle", lambda *_: None)


def a_lost_store_s_word_stands():
    """A board thinks that a gateway still holds what it, or another one, held in an earlier session."""
    from checkpost.backlog import Backlog

    real = Backlog.reset

    def reset(self):
        before = getattr(self, "known", False), getattr(self, "gateway_seq", 0), getattr(self, "centre_seq", 0)
        real(self)
        self.known, self.gateway_seq, self.centre_seq = before

    return mock.patch.object(Backlog, "reset", reset)


def no_alarm_is_raised():
    from gateway import describing

    return mock.patch.object(describing, "alarms", lambda *_: [])


def spare_goes_on_in_the_old_epoch():
    """A technician's tool leaves the epoch in a spare's settings as it was."""
    from simulator.technician import Technician

    real = Technician._tell

    async def tell(self, path, body):
        said = await real(self, path, body)
        return said | {"epoch": said["epoch"] - 1} if path.endswith("/epochs") else said

    return mock.patch.object(Technician, "_tell", tell)
