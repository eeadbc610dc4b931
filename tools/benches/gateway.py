"""The gateway: records taken in a second, durable and judged, and the time to answer a card among many permits."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benches.figures import Figure, Limit
from checkpost import chain, record
from gateway.contract import Application, Board, Card, CrossingPoint, Policy
from gateway.intake import Intake, Run
from gateway.judging import AS_OF
from gateway.learning import Learning
from gateway.query import Asked, answer
from gateway.store.store import Store, open_store

NAME = "gateway"
PERMITS, QUICK_PERMITS = 10_000, 1_000
RECORDS, QUICK_RECORDS = 20_000, 2_000
QUERIES = 500
RUN_RECORDS = 256  # taken in one transaction: sixteen frames of a board's burst
NOW_S = 1_793_000_000
ANSWER_MS = 10  # of the 700 that a board waits
IMPORT_ROWS = 1000
CENTS = 100


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the gateway's figures."""
    permits, records = (QUICK_PERMITS, QUICK_RECORDS) if quick else (PERMITS, RECORDS)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), roster_id=1)
        try:
            tell(f"  {permits} permits")
            teach(store, permits)
            tell(f"  {records} records, {RUN_RECORDS} a transaction")
            took_s = take(store, runs(records, permits))
            how = f"crossings and outcomes of {permits} permits, on disk, judged"
            yield Figure(NAME, "intake", records / took_s, "records/s", None, how)
            answers = sorted(ask(store, number % permits) for number in range(QUERIES))
        finally:
            store.close()
    how = f"{permits} permits, {records} records"
    yield Figure(NAME, "query", answers[len(answers) // 2] * 1000, "ms", Limit(ANSWER_MS), f"median, {how}")
    yield Figure(NAME, "query-99", answers[len(answers) * 99 // CENTS] * 1000, "ms", None, f"99 in 100, {how}")


def uid(number: int) -> str:
    """Return a permit's card."""
    return f"06{number:012d}"


def teach(store: Store, permits: int) -> None:
    """Tell a store of a crossing point with a board, and of permits with a card each."""
    learning = Learning(store)
    point = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north-hamgyong")
    learning.take_imported(
        [point, Board(board=1, epoch=1, crossing_point="ONS", gateway="g", link_key="01" * 16)], NOW_S
    )
    for at in range(0, permits, IMPORT_ROWS):
        numbers = range(at, min(at + IMPORT_ROWS, permits))
        learning.take_imported([Application(application_id=f"B{n}", decision="approved") for n in numbers], NOW_S)
        cards = [Card(card_uid=uid(n), application_id=f"B{n}", status="active") for n in numbers]
        learning.take_imported(cards, NOW_S)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)


def runs(records: int, permits: int) -> Iterator[Run]:
    """Yield a board's records as it sends them: a crossing and its outcome in turn."""
    head = chain.start(1, 1)
    held = b""
    for seq in range(1, records + 1):
        number = seq // 2
        if seq % 2:
            crossing = record.Crossing(bytes.fromhex(uid(number * 7919 % permits)), number % 2, 1, record.UID)
            kind, body = record.CROSSING, crossing.pack()
        else:
            kind, body = record.OUTCOME, record.pack_outcome(seq - 1, record.ADMITTED, 1)
        raw = record.Record(kind, seq, NOW_S - records + seq, 36, record.SYNCED, 2, body).pack()
        head = chain.link(head, raw)
        held += raw
        if len(held) == RUN_RECORDS * record.SIZE or seq == records:
            yield Run(1, 1, seq + 1 - len(held) // record.SIZE, held, head[: chain.SHORT_SIZE])
            held = b""


def take(store: Store, given: Iterator[Run]) -> float:
    """Take runs one by one; return the seconds that the store took."""
    intake = Intake(store)
    took_s = 0.0
    for run in given:
        begun = time.perf_counter()
        [taken] = intake.take([run], NOW_S)
        took_s += time.perf_counter() - begun
        assert not taken.refused, taken.refused
    return took_s


def ask(store: Store, number: int) -> float:
    """Ask about a card; return the seconds to the answer."""
    crossing = record.Crossing(bytes.fromhex(uid(number)), record.ENTRY, 1, record.UID)
    raw = record.Record(record.CROSSING, 1, NOW_S, 36, record.SYNCED, 2, crossing.pack()).pack()
    begun = time.perf_counter()
    found = answer(store, Asked(1, 1, raw, NOW_S, 0))
    took_s = time.perf_counter() - begun
    assert found is not None
    return took_s
