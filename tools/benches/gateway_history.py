"""How long a verdict takes among many permits and crossings: it should be the same however long the log is."""

import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benches.figures import Figure, Limit
from checkpost import record
from gateway.boards.query import Asked, answer
from gateway.contract import Board, CrossingPoint, Policy
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.store import database
from gateway.store.store import Store, open_store

SIZES = ((10_000, 100_000), (1_000_000, 10_000_000))  # permits, crossings
QUICK_SIZES = ((1_000, 10_000), (10_000, 100_000))
BYTES_A_CROSSING = 400  # with its indexes and SQLite's log, and room
QUERIES = 2_000
VERDICT_MS = 5  # of the 700 that a board waits
NOW_S = 1_793_000_000
CARDS_BEGIN = 0x06000000000000

# Each permit's crossings are spread over the whole log, as people's are: the worst for caches.
_PERMITS = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
    INSERT INTO applications (application_id, applicant_ref, purpose, decision, crossing_points, zones, entries)
    SELECT 'B' || i, '', '', 'approved', '', '', 1000 FROM n"""
_CARDS = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
    INSERT INTO cards (card_uid, application_id, status) SELECT printf('%014X', i + ?), 'B' || i, 'active' FROM n"""
_CROSSINGS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO crossings (board, epoch, seq, crossing_point, card_uid, order_s, utc_s, offset, trust, uncertainty,
        direction, party, assurance, board_verdict, board_reasons, board_causes, outcome, outcome_party, outcome_seq,
        verdict, reasons, causes, notes, waived, unchecked, provisional, kind, zone)
    SELECT 1, 1, i, 'ONS', printf('%014X', (i * 7919) % ? + ?), ? + i, ? + i, 36, 2, 2, (i / ?) & 1, 1, 1, 0, 0, 0, 1,
        1, i, 0, 0, 0, 0, 0, 0, 0, 'border', 'north' FROM n"""


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the times of a verdict at each size; a size for which the disk has no room is left out, and said."""
    for permits, crossings in QUICK_SIZES if quick else SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            needed = crossings * BYTES_A_CROSSING
            if shutil.disk_usage(folder).free < 2 * needed:
                tell(f"  left out: {crossings} crossings need {2 * needed >> 20} MB free in {folder.parent}")
                continue
            tell(f"  {permits} permits, {crossings} crossings")
            store = filled(folder, permits, crossings)
            try:
                asked_s = list(asked(store, permits))
            finally:
                store.close()
        took, busy = sorted(wall for wall, _ in asked_s), sorted(cpu for _, cpu in asked_s)
        how = f"{permits} permits, {crossings} crossings, any card"
        where = f"{crossings:.0e}".replace("+0", "")
        yield Figure("gateway", f"verdict-p50-{where}", took[len(took) // 2] * 1000, "ms", None, how)
        yield Figure(
            "gateway", f"verdict-p99-{where}", took[len(took) * 99 // 100] * 1000, "ms", Limit(VERDICT_MS), how
        )
        how = "processor time alone: what other programs take is not in it"
        yield Figure("gateway", f"verdict-cpu-p99-{where}", busy[len(busy) * 99 // 100] * 1000, "ms", None, how)


def filled(folder: Path, permits: int, crossings: int) -> Store:
    """Return a store with so many permits, a card each, and crossings in turn, written by SQLite itself."""
    store = open_store(folder, roster_id=1)
    point = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north-hamgyong")
    board = Board(board=1, epoch=1, crossing_point="ONS", gateway="g", link_key="01" * 16)
    Learning(store).take_imported([point, board], NOW_S)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)
    conn = sqlite3.connect(folder / database.FILE_NAME, isolation_level=None)
    conn.execute("PRAGMA synchronous=OFF")  # what is lost in a power cut is made again
    [by_card] = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'crossings_by_card'").fetchone()
    conn.execute("DROP INDEX crossings_by_card")  # sorted once instead of ten million times
    start_s = NOW_S - crossings - 1
    with database.transaction(conn):
        conn.execute(_PERMITS, (permits,))
        conn.execute(_CARDS, (permits, CARDS_BEGIN))
        conn.execute(_CROSSINGS, (crossings, permits, CARDS_BEGIN, start_s, start_s, permits))
        conn.execute(by_card)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    return store


def asked(store: Store, permits: int) -> Iterator[tuple[float, float]]:
    """Yield the seconds, and the processor's seconds, of each answer about cards drawn at random."""
    dice = random.Random(1)
    for _ in range(QUERIES):
        card = CARDS_BEGIN + dice.randrange(permits)
        crossing = record.Crossing(card.to_bytes(7, "big"), record.ENTRY, 1, record.UID)
        raw = record.Record(record.CROSSING, 1, NOW_S, 36, record.SYNCED, 2, crossing.pack()).pack()
        begun, busy = time.perf_counter(), time.thread_time()
        found = answer(store, Asked(1, 1, raw, NOW_S, 0))
        took_s, busy_s = time.perf_counter() - begun, time.thread_time() - busy
        assert found is not None
        yield took_s, busy_s
